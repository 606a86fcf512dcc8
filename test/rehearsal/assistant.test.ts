// An assistant in the rehearsed account, with a profile that has the printed policy and nothing else: all it is asked is answered, from
// the real functions' own logs and records, and nothing changes.
import { globalArnIn } from '@keyturn/aws-model/shared/arn';
import type { CallRecord } from '@keyturn/aws-model/wire/calls';
import { readingPolicy } from '../../bin/mcp/reads';
import { tools } from '../../bin/mcp/tools';
import { hourMs, minuteMs } from '../../core/time';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { type Connected, connect } from '../bin/mcp/connect';
import { configFile, play } from './few-days';

const key = 'dev/sendgrid/bot';

interface Looked {
  answers: Map<string, { isError: boolean; text: string; answer: Record<string, never> }>;
  calls: CallRecord[];
  before: string;
  after: string;
}
let looked: Looked;
let refused: string;

const accountOf = ({ world: { model, providers } }: RehearsalContext) =>
  JSON.stringify([
    model.secretsManager.secrets(),
    model.dynamoDb.items('keyturn-dev'),
    model.cloudWatch.alarms().map(({ name, state }) => [name, state]),
    ['sendgrid', 'auth0'].map(name => providers.account(name).keys),
  ]);

/** This process has the credentials of the profile while it looks. */
async function asAssistant(
  context: RehearsalContext,
  role: string,
  look: (mcp: Connected) => Promise<void>,
): Promise<void> {
  const { world, environment } = context;
  world.engine.addForeignRole(role, [readingPolicy(environment)]);
  const before = { ...process.env };
  Object.assign(process.env, world.sdkEnvironment(role, 'assistant'));
  const clock = { now: () => world.clock.now(), sleep: (ms: number) => world.clock.sleep(ms) };
  const mcp = await connect({ clock, runIn: act => world.clock.runWhile(act) }, configFile, 'dev');
  try {
    await look(mcp);
  } finally {
    await mcp.close();
    process.env = before;
  }
}

beforeAll(async () => {
  await play(
    async context => {
      const { world, faults } = context;
      await context.keyturn(['revoke', 'dev/auth0/bot', '--reason', 'found in a gist', '--yes']);
      faults.ofProvider = ({ kind }) => (kind === 'create' ? { kind: 'status', status: 401 } : undefined);
      await context.keyturn(['rotate', key, '--yes']);
      // Past what the hourly function does, and before it runs again.
      const hour = Math.ceil(world.clock.now().getTime() / hourMs) * hourMs;
      await world.clock.runUntil(new Date(hour + hourMs + 30 * minuteMs));
      const { environment } = context;
      const reader = globalArnIn(environment, 'iam', 'role/keyturn-reader');
      await asAssistant(context, reader, async mcp => {
        const answers: Looked['answers'] = new Map();
        const before = accountOf(context);
        const from = world.model.calls.length;
        const ask = async (name: string, args: Record<string, unknown> = {}, as = name) =>
          answers.set(as, await mcp.call(name, args));
        const askable = tools.filter(({ input, name }) => name !== 'audit' && input.safeParse({}).success);
        for (const { name } of askable) await ask(name);
        refused = (await mcp.call('audit')).text;
        await ask('why-did-this-fail', { key }, 'why sendgrid');
        const { incidents } = answers.get('incidents')!.answer as unknown as {
          incidents: { incidentId: string; steps: { what: string; keyId?: string }[] }[];
        };
        await ask('incident', { incidentId: incidents[0]?.incidentId });
        const ended = incidents.flatMap(({ steps }) => steps).find(({ what }) => what === 'rejected');
        await ask('proof', { keyId: ended?.keyId });
        await ask('runbook', { section: 'rotation-failed' }, 'section');
        looked = {
          answers,
          calls: world.model.calls.slice(from).filter(({ caller }) => caller.arn.endsWith('/assistant')),
          before,
          after: accountOf(context),
        };
      });
      // With the same policy, as a role that the configuration names.
      await asAssistant(context, environment.admins[0]!, async mcp => {
        const from = world.model.calls.length;
        looked.answers.set('audit', await mcp.call('audit'));
        looked.calls.push(
          ...world.model.calls.slice(from).filter(({ caller }) => caller.arn.endsWith('/assistant')),
        );
        looked.after = accountOf(context);
      });
      faults.ofProvider = undefined;
    },
    undefined,
    2,
  );
});

test('every tool answers', () => {
  const failed = [...looked.answers].filter(([, { isError }]) => isError);
  expect(failed.map(([name, { text }]) => `${name}: ${text}`)).toEqual([]);
  const asked = [...looked.answers.keys()];
  for (const { name } of tools) expect(asked).toContain(name);
});

test('the policy is enough for it, and all of it is used', () => {
  const denied = looked.calls.filter(({ errorCode }) =>
    /AccessDenied|AuthorizationError/.test(errorCode ?? ''),
  );
  // The audit function admits nobody whom the configuration does not name.
  const ofWhom = denied.map(({ operation, caller }) => `${operation} ${caller.arn.split('/').at(-2)}`);
  // Each try of the SDK, whose clock is not the account's.
  expect([...new Set(ofWhom)]).toEqual(['Invoke keyturn-reader']);
  expect(refused).toContain('AWS does not allow');
  const service: Record<string, string> = { monitoring: 'cloudwatch' };
  const made = new Set(
    looked.calls.map(call => `${service[call.service] ?? call.service}:${call.operation}`),
  );
  made.delete('sts:GetCallerIdentity');
  made.delete('lambda:Invoke');
  made.add('lambda:InvokeFunction');
  const { Statement } = readingPolicy({ name: 'dev', account: '1', region: 'eu-central-1' } as never);
  expect([...made].sort()).toEqual(Statement.flatMap(({ Action }) => Action).sort());
});

test('nothing has changed, and no value was read', () => {
  expect(looked.after).toBe(looked.before);
  const operations = looked.calls.map(({ operation }) => operation);
  expect(
    operations.filter(each => !/^(Get(?!SecretValue)|List|Describe|Query|Filter|Invoke$)/.test(each)),
  ).toEqual([]);
});

test('why a rotation fails is told with what the provider answered to the function', () => {
  const { causes } = looked.answers.get('why sendgrid')!.answer as unknown as {
    causes: { says: string; evidence: { text: string }[]; next: { command?: string }[]; runbook: string }[];
  };
  const [cause] = causes;
  expect(cause).toMatchObject({
    says: expect.stringContaining(
      'fails in its step createSecret: the provider does not accept the admin credential',
    ),
    runbook: 'docs/runbook.md#rotation-failed',
  });
  expect(cause!.evidence.map(({ text }) => text).join('\n')).toMatch(
    /SendGrid answered 401 to POST \/v3\/api_keys.* \(issuer-rejected\)/,
  );
  expect(cause!.evidence.map(({ text }) => text).join('\n')).toContain(
    'people were notified that its rotation fails',
  );
  expect(cause!.next.map(({ command }) => command)).toContain('npx keyturn issuer set sendgrid --env dev');
});

test('the revocation is told, with next steps whose commands stand as they are', () => {
  expect(looked.answers.get('incident')!.text).toContain('"outcome":"contained"');
  for (const { text } of looked.answers.values()) expect(text).not.toContain('withheld');
  expect(looked.answers.get('proof')!.answer).toMatchObject({ certificates: [{ key: 'dev/auth0/bot' }] });
});
