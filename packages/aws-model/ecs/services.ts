// Services of ECS that ECS itself deploys, by rolling updates.
import * as z from 'zod';
import type { Random, Virtual } from '../clock/virtual';
import { arnIn, type Home } from '../shared/arn';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { createDeployments, type DeploymentCourse, type RollingService } from './deployments';

export interface ServiceDefinition {
  cluster: string;
  name: string;
  /** ARN. */
  taskDefinition: string;
  desiredCount: number;
  /** @default ECS */
  deploymentController?: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  /** @default off */
  circuitBreaker?: { rollback: boolean };
  /** What its tasks do first, when a deployment brings them up. @default - nothing */
  onStart?(): Promise<void>;
}

export interface Services {
  operations: Readonly<Record<string, Operation>>;
  /** Steady at once, as if it had been there long. */
  create(definition: ServiceDefinition): void;
  remove(cluster: string, name: string): void;
  /** How deployments go from now on. @default five minutes, then steady */
  setCourse(cluster: string, name: string, course: DeploymentCourse): void;
}

interface ServiceRecord extends ServiceDefinition, RollingService {
  arn: string;
  createdAt: Date;
}

const defaultCourse: DeploymentCourse = { takesMs: 5 * 60_000 };

const reference = z.string().min(1);
const describeInput = z.strictObject({
  cluster: reference.default('default'),
  services: z.array(reference).min(1).max(10),
});
const updateInput = z.strictObject({
  cluster: reference.default('default'),
  service: reference,
  forceNewDeployment: z.boolean().default(false),
  taskDefinition: z.string().optional(),
});

export function createServices(parts: Home & { access: Access; virtual: Virtual; random: Random }): Services {
  const { access, virtual } = parts;
  const services = new Map<string, ServiceRecord>();
  const nameOf = (nameOrArn: string) => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
  const keyOf = (cluster: string, service: string) => `${nameOf(cluster)}/${nameOf(service)}`;
  const arnOf = (cluster: string, service: string) =>
    arnIn(parts, 'ecs', `service/${keyOf(cluster, service)}`);
  const rollouts = createDeployments(parts);

  function requireCluster(cluster: string): void {
    const isThere = [...services.values()].some(each => each.cluster === nameOf(cluster));
    if (!isThere) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  }

  function shown(service: ServiceRecord): object {
    const { arn, name, cluster, taskDefinition, desiredCount, deployments, createdAt } = service;
    const count = (of: 'runningCount' | 'pendingCount') =>
      deployments.reduce((sum, each) => sum + each[of], 0);
    return {
      serviceArn: arn,
      serviceName: name,
      clusterArn: arnIn(parts, 'ecs', `cluster/${cluster}`),
      status: 'ACTIVE',
      taskDefinition,
      desiredCount,
      runningCount: count('runningCount'),
      pendingCount: count('pendingCount'),
      deploymentController: { type: service.deploymentController ?? 'ECS' },
      createdAt,
      deployments: deployments.map(each => ({ ...each, desiredCount })),
      events: [],
    };
  }

  return {
    operations: {
      DescribeServices: operation(describeInput, ({ cluster, services: asked }, call) => {
        for (const each of asked)
          access.permit(call, { action: 'ecs:DescribeServices', resource: arnOf(cluster, each) });
        requireCluster(cluster);
        const found = asked.flatMap(each => services.get(keyOf(cluster, each)) ?? []);
        const missing = asked.filter(each => !services.has(keyOf(cluster, each)));
        return {
          services: found.map(shown),
          failures: missing.map(each => ({ arn: arnOf(cluster, each), reason: 'MISSING' })),
        };
      }),
      UpdateService: operation(updateInput, ({ cluster, service, ...wanted }, call) => {
        access.permit(call, { action: 'ecs:UpdateService', resource: arnOf(cluster, service) });
        requireCluster(cluster);
        const found = services.get(keyOf(cluster, service));
        if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
        if ((found.deploymentController ?? 'ECS') !== 'ECS')
          throw new AwsError(
            'InvalidParameterException',
            `Cannot force a new deployment on services with a ${found.deploymentController} deployment controller.`,
          );
        const { taskDefinition = found.taskDefinition, forceNewDeployment } = wanted;
        if (forceNewDeployment || taskDefinition !== found.taskDefinition) {
          found.taskDefinition = taskDefinition;
          rollouts.start(found, taskDefinition);
        }
        return { service: shown(found) };
      }),
    },

    create(definition) {
      const service: ServiceRecord = {
        ...definition,
        arn: arnOf(definition.cluster, definition.name),
        createdAt: virtual.now(),
        deployments: [],
        course: defaultCourse,
      };
      rollouts.addCompleted(service, definition.taskDefinition);
      services.set(keyOf(definition.cluster, definition.name), service);
    },
    remove: (cluster, name) => void services.delete(keyOf(cluster, name)),
    setCourse(cluster, name, course) {
      const service = services.get(keyOf(cluster, name));
      if (service) service.course = course;
    },
  };
}
