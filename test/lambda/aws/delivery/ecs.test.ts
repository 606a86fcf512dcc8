// A key whose server runs in ECS and takes it when a task starts: what is delivered when, and what waits for it.
import { hourMs, minuteMs } from '../../../../core/time';
import { type DeliverSetup, key, openDeliverSetup, type ServiceOptions } from './deliver-setup';

const place = { to: 'ecs', cluster: 'mcp', service: 'bot' };
const overlapHours = 4;
let setup: DeliverSetup;
/** What is current before a test begins, and delivered. */
let first: string;

afterEach(() => setup.close());

async function open(options: ServiceOptions = {}): Promise<void> {
  setup = await openDeliverSetup([place], { overlapHours });
  setup.addService(options);
  first = await setup.promote('one');
  await setup.rotated(first);
  await setup.hourly();
}

const course = (takesMs: number, fails = false) =>
  setup.aws.model.ecsServices.setCourse('mcp', 'bot', { takesMs, fails });
const told = () => setup.notices.map(({ state, headline }) => `${state}: ${headline}`);
const deployments = () => setup.calls().filter(({ operation }) => operation === 'UpdateService').length;
const inTrouble =
  'begins: the current key of prod/self-issued/bot could not be delivered to the ECS service bot of the cluster mcp';

const hours = (count: number) => setup.hours(count);

test('a new key is there once the new tasks run; then the old key ends after its overlap', async () => {
  await open();
  await setup.retire();
  const second = await setup.promote('two');
  expect(await setup.rotated(second)).toEqual({ looked: [key], busy: [], failed: [] });
  expect(setup.taken).toEqual(['bot: one', 'bot: two']);
  expect(await hours(overlapHours - 1)).toEqual([]);
  expect(await hours(1)).toEqual([key]);
  expect([told(), deployments()]).toEqual([[], 2]);
});

test('an old key whose overlap is over waits for a deployment that takes long', async () => {
  await open();
  await setup.retire();
  course(6.5 * hourMs);
  await setup.rotated(await setup.promote('two'));
  expect(await hours(6)).toEqual([]);
  expect(setup.taken).toEqual(['bot: one']);
  expect(told()).toEqual([inTrouble]);
  expect(await hours(1)).toEqual([key]);
  expect(setup.taken).toEqual(['bot: one', 'bot: two']);
  expect(told()).toEqual([
    inTrouble,
    'over: the current key of prod/self-issued/bot is delivered to the ECS service bot of the cluster mcp',
  ]);
});

test('a deployment that ECS rolls back is told, tried three times, and holds the old key to its hard limit', async () => {
  await open({ circuitBreaker: { rollback: true } });
  await setup.retire();
  course(2 * minuteMs, true);
  await setup.rotated(await setup.promote('two'));
  expect(told()).toEqual([inTrouble]);
  expect(setup.notices[0]?.facts).toContainEqual([
    'What happened',
    'its deployment failed: ECS deployment circuit breaker: tasks failed to start',
  ]);
  expect(setup.notices[0]?.next.map(({ command }) => command)).toContain(`npx keyturn deliver ${key}`);
  expect(await hours(2 * overlapHours - 1)).toEqual([]);
  expect(deployments()).toBe(1 + 3);
  expect(await hours(1)).toEqual([key]);
  expect(told()).toEqual([inTrouble]);
});

test('one that never becomes steady is told after an hour, and not started again', async () => {
  await open();
  course(2 * minuteMs, true);
  await setup.rotated(await setup.promote('two'));
  expect(told()).toEqual([]);
  await hours(1);
  expect(told()).toEqual([inTrouble]);
  await hours(3);
  expect([told(), deployments()]).toEqual([[inTrouble], 2]);
});

test('what a person orders is started anew, whatever is known', async () => {
  await open({ circuitBreaker: { rollback: true } });
  course(2 * minuteMs, true);
  await setup.rotated(await setup.promote('two'));
  await hours(3);
  expect(deployments()).toBe(4);
  course(2 * minuteMs);
  await setup.deliver({ deliver: [key], anew: true });
  expect(deployments()).toBe(5);
  await setup.aws.passMs(5 * minuteMs);
  await setup.deliver({ deliver: [key], anew: false });
  expect(told().at(-1)).toMatch(/^over: the current key .* is delivered/);
  expect(setup.taken).toEqual(['bot: one', 'bot: two']);
});

test('what is current is delivered, whatever an event says and in whatever order events come', async () => {
  await open();
  const second = await setup.promote('two');
  const third = await setup.promote('three');
  await setup.rotated(third);
  await setup.rotated(second);
  await setup.rotated(first);
  await setup.rotated(third);
  expect(setup.taken).toEqual(['bot: one', 'bot: three']);
  expect(deployments()).toBe(2);
});

test('two events at once start one deployment', async () => {
  await open();
  const second = await setup.promote('two');
  const both = await Promise.all([setup.rotated(second), setup.rotated(second)]);
  expect(both.flatMap(({ busy }) => busy)).toEqual([key]);
  expect(deployments()).toBe(2);
});

test('a key that becomes current while another is on its way is delivered in the same run', async () => {
  await open();
  const second = await setup.promote('two');
  let third: string | undefined;
  setup.aws.clock.schedule(new Date(setup.aws.clock.now().getTime() + minuteMs), 'a rotation', async () => {
    third = await setup.promote('three');
  });
  await setup.rotated(second);
  await setup.rotated(third ?? '');
  expect(setup.taken.at(-1)).toBe('bot: three');
});

test('a version that a person went back to is brought there again', async () => {
  await open({ circuitBreaker: { rollback: true } });
  await setup.rotated(await setup.promote('two'));
  await setup.goBackTo(first);
  await hours(2);
  expect(setup.taken).toEqual(['bot: one', 'bot: two', 'bot: one']);
});

test('in an emergency the run does not wait, and what it began is seen through by the hour', async () => {
  await open();
  const began = setup.aws.clock.now().getTime();
  await setup.rotated(await setup.promote('two'), 'Key Contained');
  expect(setup.aws.clock.now().getTime()).toBe(began);
  await hours(1);
  expect(setup.taken).toEqual(['bot: one', 'bot: two']);
});

test('events of keys that no deployment names, or that are delivered nowhere, change nothing', async () => {
  await open();
  const calls = setup.calls().length;
  const detail = { environment: 'prod', provider: 'self-issued', server: 'other', purpose: 'main' };
  const forged = { source: 'keyturn', 'detail-type': 'Key Rotated', detail: { ...detail, versionId: first } };
  expect(await setup.deliver(forged)).toEqual({ looked: [], busy: [], failed: [] });
  expect(await setup.deliver({ ...forged, detail: { ...forged.detail, environment: 'dev' } })).toMatchObject({
    looked: [],
  });
  setup.deploy([]);
  expect(await setup.rotated(first)).toEqual({ looked: [], busy: [], failed: [] });
  expect(setup.calls().length).toBe(calls);
});

test.each([
  {},
  { source: 'keyturn', 'detail-type': 'Key Signal', detail: {} },
  { deliver: [], anew: true },
  { deliver: ['prod/self-issued/bot'], anew: 'yes' },
])('the call %j is refused', async event => {
  await open();
  await expect(setup.deliver(event)).rejects.toThrow('this event does not call for a delivery');
});

test('the placeholder of a key that was never issued is brought nowhere', async () => {
  setup = await openDeliverSetup([place]);
  setup.addService();
  await hours(2);
  expect(deployments()).toBe(0);
  await setup.promote('one');
  await hours(1);
  expect(deployments()).toBe(1);
});

test('an hour in which everything is delivered costs two calls', async () => {
  await open();
  const before = setup.calls().length;
  await setup.hourly();
  const calls = setup
    .calls()
    .slice(before)
    .map(({ operation }) => operation);
  expect(calls).toEqual(['ListSecrets', 'Query']);
});

const refusals: [string, ServiceOptions, RegExp][] = [
  [
    'takes another secret',
    { valueFrom: arn => arn.replace('/bot/', '/other/') },
    /^the task definition bot:1 of the ECS service bot of the cluster mcp does not use prod\/self-issued\/bot; add it to secrets with valueFrom arn:/,
  ],
  [
    'takes a secret whose name begins with its own',
    { valueFrom: arn => `${arn.slice(0, -7)}-eu-A1b2C3` },
    /^the task definition bot:1 of the ECS service bot of the cluster mcp does not use prod\/self-issued\/bot; /,
  ],
  [
    'takes one version',
    { valueFrom: arn => `${arn}:secret::0e0e0e0e` },
    /is fixed to one version of .*; leave/,
  ],
  [
    'takes the key before',
    { valueFrom: arn => `${arn}:secret:AWSPREVIOUS:` },
    /is fixed to one version of .*; leave/,
  ],
  [
    'reads with a role that the policy of the secret keeps out',
    { executionRoleArn: 'arn:aws:iam::111111111111:role/ecsTaskExecutionRole' },
    /^the task definition bot:1 .* has the execution role arn:aws:iam::111111111111:role\/ecsTaskExecutionRole, which may not read prod\/self-issued\/bot; use arn:aws:iam::111111111111:role\/bot, or name it in the server's roles and deploy$/,
  ],
  [
    'has no role to read with',
    { executionRoleArn: undefined },
    /has no execution role, so ECS cannot read prod\/self-issued\/bot; use arn:aws:iam::111111111111:role\/bot$/,
  ],
  [
    'is deployed by CodeDeploy',
    { deploymentController: 'CODE_DEPLOY' },
    /^ECS refused a new deployment .* only services that ECS itself deploys/,
  ],
];
test.each(refusals)('a service that %s is refused, with the fix', async (_, options, why) => {
  await open(options);
  expect(told()).toEqual([inTrouble]);
  expect(Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened']).toMatch(why);
  expect(setup.taken).toEqual([]);
});

test.each([
  ['current, by name', (arn: string) => arn],
  ['current, by its label', (arn: string) => `${arn}:secret:AWSCURRENT:`],
])('a service whose tasks take what is %s is deployed', async (_, valueFrom) => {
  await open({ valueFrom });
  expect([told(), setup.taken]).toEqual([[], ['bot: one']]);
});

test('a service that is not there is told, and delivered to as soon as it is', async () => {
  setup = await openDeliverSetup([place], { overlapHours });
  await setup.rotated(await setup.promote('one'));
  expect(told()).toEqual([inTrouble]);
  setup.addService();
  await hours(2);
  expect(setup.taken).toEqual(['bot: one']);
  expect(told()).toHaveLength(2);
});

test('of a place that the configuration names no more, trouble is over and nothing is kept', async () => {
  setup = await openDeliverSetup([place], { overlapHours });
  await setup.rotated(await setup.promote('one'));
  setup.deploy([]);
  await hours(1);
  expect(told().at(-1)).toBe('over: prod/self-issued/bot is no longer delivered to ecs/mcp/bot');
  const before = setup.calls().length;
  await setup.hourly();
  expect(setup.calls().length - before).toBe(2);
});
