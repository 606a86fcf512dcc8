// A service of ECS whose tasks take the key by `secrets.valueFrom`: ECS reads it when a task starts, so a new deployment brings it.
import type { Deployment, Service } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';
import type { Courier, DeliveredKey, DeliveryProgress } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { minuteMs } from '../core/time';
import { ask, type CourierTools, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('ecs'),
  cluster: nameShape(/^[\w-]{1,255}$/, "is not the name of a cluster; write it as ECS does, such as 'mcp'"),
  service: nameShape(
    /^[\w-]{1,255}$/,
    "is not the name of a service; write it as ECS does, such as 'support-bot'",
  ),
});
type EcsPlace = z.output<typeof shape>;

export const ecs: Target<EcsPlace> = {
  to: 'ecs',
  shape,
  example: { to: 'ecs', cluster: 'mcp', service: 'support-bot' },
  idOf: ({ cluster, service }) => `ecs/${cluster}/${service}`,
  titleOf: ({ cluster, service }) => `the ECS service ${service} of the cluster ${cluster}`,
  carriesKey: () => false,
  takesSteps: () => false,
  takesMs: 0,
  holdsOneKey: false,
  grants: ({ cluster, service }, { partition, region, account }) => [
    {
      sid: 'EcsServices',
      actions: ['ecs:UpdateService', 'ecs:DescribeServices'],
      resources: [`arn:${partition}:ecs:${region}:${account}:service/${cluster}/${service}`],
    },
    {
      sid: 'EcsTaskDefinitions',
      actions: ['ecs:DescribeTaskDefinition'],
      resources: ['*'],
      wildcard:
        'DescribeTaskDefinition knows no narrower resource; it shows where a task takes its secrets from.',
    },
  ],
  open: openEcs,
};

async function openEcs({ cluster, service }: EcsPlace, { settings }: CourierTools): Promise<Courier> {
  const { ECSClient, DescribeServicesCommand, DescribeTaskDefinitionCommand, UpdateServiceCommand } =
    await import('@aws-sdk/client-ecs');
  const client = new ECSClient(settings);
  const title = `the ECS service ${service} of the cluster ${cluster}`;
  const missing = `${title} does not exist; correct deliverTo, or create the service`;
  const words = {
    ClusterNotFoundException: missing,
    ServiceNotFoundException: missing,
    ServiceNotActiveException: missing,
    InvalidParameterException: `ECS refused a new deployment of ${title}; only services that ECS itself deploys (deployment controller ECS) can be delivered to`,
  };

  async function describe(): Promise<Service> {
    const { services = [] } = await ask(
      'ecs:DescribeServices',
      () => client.send(new DescribeServicesCommand({ cluster, services: [service] })),
      words,
    );
    const [found] = services;
    if (found?.status === 'ACTIVE') return found;
    throw new KeyturnError('refused', missing);
  }

  /** Otherwise its tasks would start anew with whatever they had, and the old key would end under them. */
  async function needValueFrom({ taskDefinition }: Service, delivered: DeliveredKey): Promise<void> {
    const described = await ask('ecs:DescribeTaskDefinition', () =>
      client.send(new DescribeTaskDefinitionCommand({ taskDefinition })),
    );
    const taken = (described.taskDefinition?.containerDefinitions ?? [])
      .flatMap(({ secrets = [] }) => secrets)
      .flatMap(({ valueFrom = '' }) => takenVersion(valueFrom, delivered.secretArn) ?? []);
    const why = taken.includes('current')
      ? unlistedReader(described.taskDefinition?.executionRoleArn, delivered)
      : untaken(taken.length > 0, delivered);
    if (!why) return;
    const family = taskDefinition?.slice(taskDefinition.lastIndexOf('/') + 1);
    throw new KeyturnError('refused', `the task definition ${family} of ${title} ${why}`);
  }

  return {
    async start(key) {
      const before = await describe();
      await needValueFrom(before, key);
      const { service: updated } = await ask(
        'ecs:UpdateService',
        () => client.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true })),
        words,
      );
      const known = idsOf(before);
      const made = primaryOf(updated)?.id;
      // Somebody deployed between the two calls: that one began before ours, and counts for nothing.
      const others = idsOf(updated).filter(id => id !== made && !known.includes(id));
      return JSON.stringify({ made, before: [...known, ...others] });
    },

    look: async (handle, _key, startedMs) =>
      judge(await describe(), JSON.parse(handle) as DeploymentHandle, startedMs),
  };
}

function untaken(isFixed: boolean, { key, secretArn }: DeliveredKey): string {
  return isFixed
    ? `is fixed to one version of ${key}; leave version stage and version id out of valueFrom`
    : `does not use ${key}; add it to secrets with valueFrom ${secretArn}`;
}

/** ECS reads with the execution role, and the policy of the secret lets nobody in but the server's role: no new task would start. */
function unlistedReader(
  executionRole: string | undefined,
  { key, readBy }: DeliveredKey,
): string | undefined {
  if (!readBy || executionRole === readBy) return undefined;
  return executionRole
    ? `has the execution role ${executionRole}, which may not read ${key}; use ${readBy}, or name it in the server's roles and deploy`
    : `has no execution role, so ECS cannot read ${key}; use ${readBy}`;
}

interface DeploymentHandle {
  made: string;
  /** Deployments that were there before it. */
  before: string[];
}

/** By ids: a deployment that was not there before ours was begun after the key was current, whoever began it. */
function judge(service: Service, { made, before }: DeploymentHandle, startedMs: number): DeliveryProgress {
  const { deployments = [] } = service;
  const ours = deployments.find(({ id }) => id === made);
  if (ours?.rolloutState === 'FAILED') return { is: 'failed', why: failure(ours) };
  const primary = primaryOf(service);
  if (!primary?.id) return { is: 'under-way' };
  // An answer of ECS can be older than the deployment; later it says that it was rolled back, and forgotten.
  if (before.includes(primary.id)) return ours || startedMs < answersLagMs ? { is: 'under-way' } : rolledBack;
  if (primary.rolloutState === 'FAILED') return { is: 'failed', why: failure(primary) };
  return isSteady(primary, deployments) ? { is: 'steady' } : { is: 'under-way' };
}

const answersLagMs = 5 * minuteMs;
const rolledBack: DeliveryProgress = {
  is: 'failed',
  why: 'ECS rolled back to the previous deployment; see the events of the service',
};

/** No task of an earlier deployment runs any more. ECS tells no rollout state of services behind a Classic Load Balancer. */
function isSteady(primary: Deployment, deployments: readonly Deployment[]): boolean {
  const others = deployments.filter(each => each !== primary && (each.runningCount ?? 0) > 0);
  if (others.length) return false;
  if (primary.rolloutState) return primary.rolloutState === 'COMPLETED';
  return deployments.length === 1 && primary.runningCount === primary.desiredCount;
}

function failure({ rolloutStateReason = 'ECS does not say why' }: Deployment): string {
  return `its deployment failed: ${rolloutStateReason.replace(/\.$/, '')}`;
}

function primaryOf(service: Service | undefined): Deployment | undefined {
  return service?.deployments?.find(({ status }) => status === 'PRIMARY');
}

function idsOf(service: Service | undefined): string[] {
  return (service?.deployments ?? []).flatMap(({ id }) => id ?? []);
}

/**
 * `<secret>[:<json key>:<version stage>:<version id>]`, where the secret is a full ARN, or one without AWS's six characters.
 * @returns `undefined` where it is another secret
 */
function takenVersion(valueFrom: string, secretArn: string): 'current' | 'fixed' | undefined {
  const isOf = [secretArn, secretArn.slice(0, -7)].find(
    arn => valueFrom === arn || valueFrom.startsWith(`${arn}:`),
  );
  if (isOf === undefined) return undefined;
  const [, , stage = '', id = ''] = valueFrom.slice(isOf.length).split(':');
  return (stage === '' || stage === 'AWSCURRENT') && id === '' ? 'current' : 'fixed';
}
