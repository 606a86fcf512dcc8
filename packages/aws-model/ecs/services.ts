// Services of ECS that ECS itself deploys, by rolling updates: each deployment brings tasks up, and takes those of the one before away.
import * as z from 'zod';
import type { Random, Virtual } from '../clock/virtual';
import { arnIn, type Home } from '../shared/arn';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';

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

/** What ECS does not decide, but the tasks that it starts. */
export interface DeploymentCourse {
  /** Until its tasks run and those before are gone, or until the circuit breaker gives up. Milliseconds. */
  takesMs: number;
  /** Its tasks do not come up. Without a circuit breaker, ECS then tries for ever. */
  fails?: boolean;
}

export interface Services {
  operations: Readonly<Record<string, Operation>>;
  /** Steady at once, as if it had been there long. */
  create(definition: ServiceDefinition): void;
  remove(cluster: string, name: string): void;
  /** How deployments go from now on. @default five minutes, then steady */
  setCourse(cluster: string, name: string, course: DeploymentCourse): void;
}

interface Deployment {
  id: string;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  taskDefinition: string;
  runningCount: number;
  pendingCount: number;
  failedTasks: number;
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  createdAt: Date;
  updatedAt: Date;
}

interface ServiceRecord extends ServiceDefinition {
  arn: string;
  createdAt: Date;
  deployments: Deployment[];
  course: DeploymentCourse;
}

const defaultCourse: DeploymentCourse = { takesMs: 5 * 60_000 };
/** A deployment that failed is listed for a while. */
const failedListedMs = 60 * 60_000;

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
  const { access, virtual, random } = parts;
  const services = new Map<string, ServiceRecord>();
  const nameOf = (nameOrArn: string) => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
  const keyOf = (cluster: string, service: string) => `${nameOf(cluster)}/${nameOf(service)}`;
  const arnOf = (cluster: string, service: string) =>
    arnIn(parts, 'ecs', `service/${keyOf(cluster, service)}`);
  const deploymentId = () =>
    `ecs-svc/${Array.from({ length: 19 }, (_, at) => Math.floor(random() * (at ? 10 : 9)) + (at ? 0 : 1)).join('')}`;

  function requireCluster(cluster: string): void {
    const isThere = [...services.values()].some(each => each.cluster === nameOf(cluster));
    if (!isThere) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  }

  function deploymentOf(taskDefinition: string): Deployment {
    const now = virtual.now();
    const id = deploymentId();
    return {
      id,
      status: 'PRIMARY',
      taskDefinition,
      runningCount: 0,
      pendingCount: 0,
      failedTasks: 0,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${id} in progress.`,
      createdAt: now,
      updatedAt: now,
    };
  }

  function change(deployment: Deployment, to: Partial<Deployment>): void {
    Object.assign(deployment, to, { updatedAt: virtual.now() });
  }

  function complete(service: ServiceRecord, deployment: Deployment): void {
    service.deployments = service.deployments.filter(
      each => each === deployment || each.rolloutState === 'FAILED',
    );
    change(deployment, {
      runningCount: service.desiredCount,
      pendingCount: 0,
      rolloutState: 'COMPLETED',
      rolloutStateReason: `ECS deployment ${deployment.id} completed.`,
    });
  }

  function deploy(service: ServiceRecord, taskDefinition: string): void {
    for (const each of service.deployments.filter(({ status }) => status === 'PRIMARY'))
      change(each, { status: 'ACTIVE' });
    const deployment = deploymentOf(taskDefinition);
    deployment.pendingCount = service.desiredCount;
    service.deployments = [deployment, ...service.deployments];
    const { takesMs, fails } = service.course;
    after(takesMs, service, deployment, () =>
      fails ? giveUp(service, deployment) : bringUp(service, deployment),
    );
  }

  /** Nothing happens to a deployment that another one has taken the place of. */
  function after(
    ms: number,
    service: ServiceRecord,
    deployment: Deployment,
    run: () => Promise<void> | void,
  ) {
    virtual.schedule(new Date(virtual.now().getTime() + ms), `deployment of ${service.name}`, async () => {
      if (service.deployments.includes(deployment) && deployment.status === 'PRIMARY') await run();
    });
  }

  async function bringUp(service: ServiceRecord, deployment: Deployment): Promise<void> {
    await service.onStart?.();
    complete(service, deployment);
  }

  function giveUp(service: ServiceRecord, deployment: Deployment): void {
    change(deployment, { failedTasks: 10, pendingCount: service.desiredCount });
    const { circuitBreaker } = service;
    if (!circuitBreaker) return;
    const why = 'ECS deployment circuit breaker: tasks failed to start.';
    change(deployment, { rolloutState: 'FAILED', rolloutStateReason: why, pendingCount: 0 });
    const before = service.deployments.find(each => each !== deployment && each.rolloutState === 'COMPLETED');
    if (!circuitBreaker.rollback || !before) return;
    change(deployment, { status: 'ACTIVE' });
    change(before, {
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${before.id}`,
    });
    after(60_000, service, before, () => complete(service, before));
    virtual.schedule(
      new Date(virtual.now().getTime() + failedListedMs),
      `a failed deployment of ${service.name} is listed no more`,
      () => {
        service.deployments = service.deployments.filter(each => each !== deployment);
      },
    );
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
          deploy(found, taskDefinition);
        }
        return { service: shown(found) };
      }),
    },

    create(definition) {
      const service: ServiceRecord = {
        ...definition,
        arn: arnOf(definition.cluster, definition.name),
        createdAt: virtual.now(),
        deployments: [deploymentOf(definition.taskDefinition)],
        course: defaultCourse,
      };
      for (const first of service.deployments) complete(service, first);
      services.set(keyOf(definition.cluster, definition.name), service);
    },
    remove: (cluster, name) => void services.delete(keyOf(cluster, name)),
    setCourse(cluster, name, course) {
      const service = services.get(keyOf(cluster, name));
      if (service) service.course = course;
    },
  };
}
