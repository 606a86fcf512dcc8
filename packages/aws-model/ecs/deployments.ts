// Rolling updates of a service of ECS: each deployment brings tasks up, and takes those of the one before away.
import type { Random, Virtual } from '../clock/virtual';

/** What ECS does not decide, but the tasks that it starts. */
export interface DeploymentCourse {
  /** Until its tasks run and those before are gone, or until the circuit breaker gives up. Milliseconds. */
  takesMs: number;
  /** Its tasks do not come up. Without a circuit breaker, ECS then tries for ever. */
  fails?: boolean;
}

export interface Deployment {
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

/** Of a service, what its deployments depend on. */
export interface RollingService {
  name: string;
  desiredCount: number;
  circuitBreaker?: { rollback: boolean };
  onStart?(): Promise<void>;
  course: DeploymentCourse;
  /** The newest first. */
  deployments: Deployment[];
}

export interface Deployments {
  /** Starts a deployment, which goes as the service's course says. */
  start(service: RollingService, taskDefinition: string): void;
  /** As if it had been there long. */
  addCompleted(service: RollingService, taskDefinition: string): void;
}

/** A deployment that failed is listed for a while. */
const failedListedMs = 60 * 60_000;

export function createDeployments({ virtual, random }: { virtual: Virtual; random: Random }): Deployments {
  const deploymentId = () =>
    `ecs-svc/${Array.from({ length: 19 }, (_, at) => Math.floor(random() * (at ? 10 : 9)) + (at ? 0 : 1)).join('')}`;

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

  function complete(service: RollingService, deployment: Deployment): void {
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

  function start(service: RollingService, taskDefinition: string): void {
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
    service: RollingService,
    deployment: Deployment,
    run: () => Promise<void> | void,
  ) {
    virtual.schedule(new Date(virtual.now().getTime() + ms), `deployment of ${service.name}`, async () => {
      if (service.deployments.includes(deployment) && deployment.status === 'PRIMARY') await run();
    });
  }

  async function bringUp(service: RollingService, deployment: Deployment): Promise<void> {
    await service.onStart?.();
    complete(service, deployment);
  }

  function giveUp(service: RollingService, deployment: Deployment): void {
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

  return {
    start,
    addCompleted(service, taskDefinition) {
      const deployment = deploymentOf(taskDefinition);
      service.deployments = [deployment];
      complete(service, deployment);
    },
  };
}
