// Deliveries as commands see them, in front of the real deliver function and the local AWS.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DeliveryPlace } from '../../../core/delivery/courier';
import { hourMs, minuteMs } from '../../../core/time';
import { createTable } from '../../../lambda/aws/table/table';
import { createDeliver } from '../../../lambda/deliver';
import { keysOf } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { deployedKeys } from '../../support/deployed-keys';
import { type Cli, openCli } from '../support/cli';
import { withConfig } from '../support/with-config';

const name = 'prod/sendgrid/support-bot';
const inEcs = { to: 'ecs', cluster: 'mcp', service: 'support-bot' };
const service = 'the ECS service support-bot of the cluster mcp';
let cli: Cli;
let place: DeliveryPlace;
/** Another place is configured, and deployed. */
let deliverTo: (place: DeliveryPlace) => void;

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
  await cli.passMs(minuteMs);
  await cli.run(['issue', '--env', 'prod']);
  const settings = {
    region: 'eu-west-1',
    endpoint: process.env.AWS_ENDPOINT_URL_LAMBDA,
    credentials: { accessKeyId: 'keyturn-prod-deliver', secretAccessKey: 'not-checked' },
    maxAttempts: 1,
  };
  const { keys: written } = await import('../support/keys');
  const [environment] = validateConfig(written).environments;
  const keys = environment ? keysOf(environment) : [];
  const deployed = deployedKeys(...keys);
  deliverTo = to => {
    place = to;
    for (const { address, spec } of keys)
      if (address.provider === 'sendgrid') deployed.register(address, { ...spec, deliverTo: [to] });
  };
  deliverTo(inEcs);
  const run = createDeliver('prod', {
    secretsManager: new SecretsManagerClient(settings),
    registry: deployed.registry,
    table: createTable(new DynamoDBClient(settings), 'prod'),
    notify: async () => {},
    settings,
    clock: cli.clock,
  });
  const invocation = { awsRequestId: 'a', getRemainingTimeInMillis: () => 600_000 };
  cli.hooks.deliver = async event => ({ ok: true, payload: await run(event, invocation) });
});
afterEach(() => cli.close());

function addService(circuitBreaker?: { rollback: boolean }): void {
  const { arn } = cli.model.secretsManager.secret('keyturn/prod/sendgrid/support-bot/main');
  const secrets = [{ name: 'SENDGRID_API_KEY', valueFrom: `${arn}:secret::` }];
  const taskDefinition = cli.model.taskDefinitions.register('support-bot', {
    containerDefinitions: [{ name: 'app', image: 'bot', secrets }],
  });
  cli.model.ecsServices.create({
    cluster: 'mcp',
    name: 'support-bot',
    taskDefinition,
    desiredCount: 1,
    ...(circuitBreaker && { circuitBreaker }),
  });
}

async function run(...args: string[]) {
  let ended = { code: -1, out: '', err: '' };
  const environments = JSON.stringify({ prod: { deliverTo: [place] }, staging: {} });
  const change = (source: string) =>
    source.replace("provider: 'sendgrid',", `provider: 'sendgrid', environments: ${environments},`);
  await withConfig(change, async config => {
    ended = await cli.run([...args, '--config', config]);
  });
  return ended;
}

test('`deliver` follows a key until its service is steady', async () => {
  addService();
  const { code, out } = await run('deliver', name, '--yes');
  expect(code).toBe(0);
  expect(out).toContain(`${name}  ${service}  delivered`);
  expect(out).toContain('prod: 1 of 1 place with the current key');
  expect((await run('status', '--env', 'prod')).out).not.toContain(service);
});

test('with --json it prints the same facts', async () => {
  addService();
  const { out } = await run('deliver', name, '--yes', '--json');
  expect(JSON.parse(out)).toEqual({
    environment: 'prod',
    places: [{ key: name, place: service, state: 'delivered', since: expect.any(String) }],
  });
});

test('one that ECS rolls back ends with exit code 1, and `status` and `why` say what happened', async () => {
  addService({ rollback: true });
  cli.model.ecsServices.setCourse('mcp', 'support-bot', { takesMs: minuteMs, fails: true });
  const { code, out } = await run('deliver', name, '--yes');
  expect(code).toBe(1);
  expect(out).toMatch(
    /FAILED .* its deployment failed: ECS deployment circuit breaker: tasks failed to start/,
  );
  const status = await run('status', '--env', 'prod');
  expect([status.code, status.out]).toEqual([
    1,
    expect.stringContaining('prod: 1 of 1 place without the current key'),
  ]);
  const why = await run('why', name);
  expect(why.out).toContain(`The current key could not be delivered to ${service}`);
  expect(why.out).toContain(`npx keyturn deliver ${name}`);
});

test('--dry-run changes nothing, and says what it would do', async () => {
  addService();
  const { code, out } = await run('deliver', name, '--dry-run');
  expect(code).toBe(0);
  expect(out).toContain('lambda:InvokeFunction  keyturn-prod-deliver  delivers 1 key anew');
  expect(cli.model.calls.some(({ operation }) => ['Invoke', 'UpdateService'].includes(operation))).toBe(
    false,
  );
});

test('before its first delivery `status` shows the place, and `plan` what is planned', async () => {
  addService();
  const status = await run('status', '--env', 'prod');
  expect(status.out).toContain(`${name} to ${service}: not begun`);
  expect((await run('plan', '--env', 'prod')).out).toContain(
    `delivered  to ${service}, before the old key ends`,
  );
});

test.each([
  [
    ['deliver', 'prod/openai/support-bot'],
    'prod/openai/support-bot is delivered nowhere; its server reads it by itself',
  ],
  [['deliver', '--env', 'prod', '--provider', 'openai'], 'is delivered nowhere'],
  [['deliver', '--env', 'prod'], 'no key is selected; name keys, or add --server, --provider or --team'],
])('%j is a mistake', async (args, text) => {
  const { code, err } = await run(...args);
  expect([code, err]).toEqual([2, expect.stringContaining(text)]);
});

test('what takes hours in any case is not followed, and `deliver` and `status` say until when', async () => {
  const runtime = { to: 'agentcore-runtime', runtime: 'support_bot-a1B2c3D4e5' };
  deliverTo(runtime);
  cli.model.agentCore.putRuntime({ id: runtime.runtime, roleArn: 'arn:aws:iam::111111111111:role/bot' });
  const began = cli.clock.now().getTime();
  const { code, out } = await run('deliver', name, '--yes', '--json');
  expect(cli.clock.now().getTime() - began).toBeLessThan(minuteMs);
  const [{ state, since, until }] = (JSON.parse(out) as { places: [Record<string, string>] }).places;
  expect([code, state]).toEqual([1, 'under-way']);
  expect(Date.parse(until ?? '') - Date.parse(since ?? '')).toBe(8 * hourMs + 5 * minuteMs);
  const status = await run('status', '--env', 'prod');
  expect(status.out).toMatch(/to the AgentCore runtime support_bot-a1B2c3D4e5 since .*: under way until /);
  await cli.passMs(9 * hourMs);
  expect((await run('deliver', name, '--yes')).out).toMatch(/under way .* until \d{4}-/);
});

test('a token that is not set is said with its command, by `deliver`, `status` and `why`', async () => {
  deliverTo({ to: 'github-actions', repository: 'example/reports', secret: 'KEY' } as DeliveryPlace);
  const command = 'npx keyturn issuer set github-actions --env prod';
  const said = [
    await run('deliver', name, '--yes'),
    await run('status', '--env', 'prod'),
    await run('why', name),
  ];
  for (const { out } of said) expect(out.replace(/\s+/g, ' ')).toContain(command);
});
