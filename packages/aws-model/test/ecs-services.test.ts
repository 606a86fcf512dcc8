// Services of ECS: deployments that become steady, that fail, and that are rolled back.
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { type LocalAws, minutes, openLocalAws } from './support/local-aws';

let aws: LocalAws;
let ecs: ECSClient;
let started = 0;

beforeEach(async () => {
  aws = await openLocalAws();
  ecs = new ECSClient(aws.as('admin'));
  started = 0;
});
afterEach(async () => {
  ecs.destroy();
  await aws.close();
});

function create(more: object = {}): void {
  const taskDefinition = aws.model.taskDefinitions.register('web', { containerDefinitions: [] });
  const onStart = async () => void started++;
  aws.model.ecsServices.create({
    cluster: 'c',
    name: 'web',
    taskDefinition,
    desiredCount: 2,
    onStart,
    ...more,
  });
}

async function deployments() {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster: 'c', services: ['web'] }));
  return (services[0]?.deployments ?? []).map(({ id, status, rolloutState, runningCount }) => ({
    id,
    status,
    rolloutState,
    runningCount,
  }));
}

async function deploy() {
  const { service } = await ecs.send(
    new UpdateServiceCommand({ cluster: 'c', service: 'web', forceNewDeployment: true }),
  );
  return service?.deployments ?? [];
}

test('a new deployment is primary at once, and steady once its tasks run; that before is then gone', async () => {
  create();
  const [before] = await deployments();
  const [made, old] = await deploy();
  expect([made?.status, made?.rolloutState, made?.runningCount]).toEqual(['PRIMARY', 'IN_PROGRESS', 0]);
  expect([old?.id, old?.status, old?.runningCount]).toEqual([before?.id, 'ACTIVE', 2]);
  await aws.passMs(minutes(5));
  expect(await deployments()).toEqual([
    { id: made?.id, status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 },
  ]);
  expect([started, made?.id === before?.id]).toEqual([1, false]);
});

test('with a circuit breaker and rollback, a deployment that fails leaves the one before primary', async () => {
  create({ circuitBreaker: { rollback: true } });
  const [before] = await deployments();
  aws.model.ecsServices.setCourse('c', 'web', { takesMs: minutes(2), fails: true });
  const [made] = await deploy();
  await aws.passMs(minutes(3));
  expect(await deployments()).toEqual([
    { id: made?.id, status: 'ACTIVE', rolloutState: 'FAILED', runningCount: 0 },
    { id: before?.id, status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 },
  ]);
  await aws.passMs(minutes(70));
  expect((await deployments()).map(({ id }) => id)).toEqual([before?.id]);
  expect(started).toBe(0);
});

test('without rollback it stays primary and failed, and without a circuit breaker it goes on for ever', async () => {
  create({ circuitBreaker: { rollback: false } });
  aws.model.ecsServices.setCourse('c', 'web', { takesMs: minutes(2), fails: true });
  await deploy();
  await aws.passMs(minutes(3));
  expect((await deployments())[0]).toMatchObject({ status: 'PRIMARY', rolloutState: 'FAILED' });
  create();
  aws.model.ecsServices.setCourse('c', 'web', { takesMs: minutes(2), fails: true });
  await deploy();
  await aws.passMs(minutes(600));
  expect((await deployments())[0]).toMatchObject({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' });
});

test('a deployment that another one takes the place of comes to nothing', async () => {
  create();
  await deploy();
  await aws.passMs(minutes(1));
  const [second] = await deploy();
  await aws.passMs(minutes(10));
  expect([(await deployments()).map(({ id }) => id), started]).toEqual([[second?.id], 1]);
});

test('what is not there is listed as missing where it is described, and refused where it is updated', async () => {
  create();
  const { failures } = await ecs.send(new DescribeServicesCommand({ cluster: 'c', services: ['other'] }));
  expect(failures).toEqual([
    { arn: 'arn:aws:ecs:eu-west-1:111111111111:service/c/other', reason: 'MISSING' },
  ]);
  const update = (cluster: string, service: string) =>
    ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
  await expect(update('c', 'other')).rejects.toMatchObject({ name: 'ServiceNotFoundException' });
  await expect(update('other', 'web')).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
});

test('a service that CodeDeploy deploys takes no new deployment', async () => {
  create({ deploymentController: 'CODE_DEPLOY' });
  await expect(deploy()).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('each call is put before the policies with the ARN of its service', async () => {
  create();
  await deploy();
  await deployments();
  const resource = 'arn:aws:ecs:eu-west-1:111111111111:service/c/web';
  expect(aws.asked.map(({ action, resource }) => ({ action, resource }))).toEqual([
    { action: 'ecs:UpdateService', resource },
    { action: 'ecs:DescribeServices', resource },
  ]);
});
