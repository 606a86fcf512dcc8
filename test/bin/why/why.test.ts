// `keyturn why`: what was seen leads to the cause, the command and the section of the runbook; what could not be looked at is told.
import { runbookSections } from '../../../bin/mcp/runbook';
import { aboutRotation } from '../../../core/notices/rotation-notice';
import { hourMs } from '../../../core/time';
import { createProblems } from '../../../lambda/aws/table/problems';
import { type Cli, openCli } from '../support/cli';

const key = 'prod/sendgrid/support-bot';
const secret = 'keyturn/prod/sendgrid/support-bot/main';
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
});
afterEach(() => cli.close());

async function issued() {
  await cli.run(['issue', '--env', 'prod']);
  const { secret } = await cli.keyByHand('github-app');
  await cli.run(['adopt', 'prod/github-app/people-bot'], { piped: secret });
  await cli.passMs(hourMs);
}

async function stuck() {
  cli.hooks.beforeStep = () => {
    throw new Error('planted');
  };
  await cli.run(['rotate', key, '--yes']);
  await cli.passMs(hourMs);
}

/** As the function's logger writes it. */
function logs(code: string, message: string, of = secret, group = 'rotate-sendgrid') {
  const { arn } = cli.model.secretsManager.secret(of);
  const line = { level: 'ERROR', message, step: 'createSecret', secretId: arn, error: { code, message } };
  cli.model.logs.put(`/aws/lambda/keyturn-prod-${group}`, JSON.stringify(line));
}

async function why(...args: string[]) {
  const { code, out, err } = await cli.run(['why', ...args, '--json']);
  expect(err).toBe('');
  const facts = JSON.parse(out);
  const sections = runbookSections().map(({ section }) => `docs/runbook.md#${section}`);
  for (const cause of facts.causes) expect(sections).toContain(cause.runbook);
  expect(code).toBe(facts.causes.length || facts.others.length ? 1 : 0);
  return facts;
}

test('where all is well, nothing is said to fail', async () => {
  await issued();
  await cli.passMs(80 * hourMs);
  expect(await why(key)).toMatchObject({ key, state: 'current', causes: [], notLooked: [] });
  expect((await cli.run(['why', key])).out).toContain(`${key}: no problem was found; its state is current`);
});

test('a rotation that fails is told with the reason that its function logged', async () => {
  await issued();
  await stuck();
  logs(
    'issuer-rejected',
    'SendGrid answered 401 to POST /v3/api_keys; the issuer credential is not valid here',
  );
  logs('issuer-rejected', 'the same of another key', 'keyturn/prod/openai/support-bot/main');
  expect((await cli.run(['why', key])).out).toMatchInlineSnapshot(`
"prod/sendgrid/support-bot: 1 cause

The rotation of prod/sendgrid/support-bot fails in its step createSecret: the provider does not
accept the admin credential of this environment any more. The current key is left as it is, so
servers go on working.
    Secrets Manager: the key is stuck: rotation started 2026-11-24 09:00
    2026-11-24 10:00 log of the rotate function of sendgrid: SendGrid answered 401 to POST /v3/api_keys; the issuer credential is not valid here (issuer-rejected)
    log of the rotate function of sendgrid: rotations of 1 other key of sendgrid failed, too: the cause is rather the provider or its admin credential than this key
  - See when the admin credential was set:
      npx keyturn issuer status --env prod
  - If it is no longer right, set one that is:
      npx keyturn issuer set sendgrid --env prod
  - Once the cause is fixed, you need not wait for the next attempt:
      npx keyturn rotate prod/sendgrid/support-bot --unstick
  - Read docs/runbook.md#rotation-failed
"
`);
  const { causes, state } = await why(key);
  expect(state).toBe('stuck');
  expect(causes[0].next.map(({ command }: { command: string }) => command)).toEqual([
    'npx keyturn issuer status --env prod',
    'npx keyturn issuer set sendgrid --env prod',
    `npx keyturn rotate ${key} --unstick`,
  ]);
});

test.each([
  ['provider-down', 'a problem of its own', 'Wait:'],
  ['rate-limited', 'allows no more calls', 'Wait:'],
  ['no-answer', 'could not be reached', 'Wait:'],
  ['refused', 'refuses the request', 'See when the admin credential was set:'],
  ['not-allowed', 'AWS does not let', 'Deploy its stacks again:'],
  ['key-rejected', 'does not accept the key', "Look at the key in the provider's console"],
  ['something-new', 'fails in its step createSecret.', 'Once the cause is fixed'],
])('the code %s is told as: %s', async (code, says, next) => {
  await issued();
  await stuck();
  logs(code, 'what the provider said');
  const [cause] = (await why(key)).causes;
  expect(cause.says).toContain(says);
  expect(cause.next[0].text).toContain(next);
});

test('without a line in the log, the command that reads on is told', async () => {
  await issued();
  await stuck();
  const [cause] = (await why(key)).causes;
  expect(cause.next[0].command).toBe('aws logs tail /aws/lambda/keyturn-prod-rotate-sendgrid --since 3h');
});

test('what failed before the last rotation that succeeded is over; what people were told stays until it is', async () => {
  await issued();
  logs('provider-down', 'trouble');
  await cli.passMs(hourMs);
  await cli.run(['rotate', key, '--yes']);
  await cli.passMs(hourMs);
  expect((await why(key)).causes).toEqual([]);
  const problems = createProblems({ table: cli.table, notify: async () => {}, clock: cli.clock });
  await cli.runIn(() =>
    problems.begin({ notice: { about: aboutRotation(address) } as never, at: cli.now() }),
  );
  expect((await why(key)).causes[0].evidence[1].text).toContain(
    'people were notified that its rotation fails',
  );
});

test('a failed look is told, and keeps nothing else back', async () => {
  await issued();
  await stuck();
  cli.hooks.decide = ({ action }) =>
    /^(logs|dynamodb):/.test(action) ? { allowed: false, message: 'no policy allows it' } : { allowed: true };
  const { causes, notLooked } = await why(key);
  expect(causes).toHaveLength(1);
  expect(notLooked.map(({ what }: { what: string }) => what)).toEqual([
    'what people were told of its rotation',
    'the log of its rotations',
    'the log of the retire function',
    'incidents',
    'keys that are not proven to be its own',
    'certificates of its older keys',
    'what its server reports',
  ]);
});

test('the states in which nothing failed have their fix', async () => {
  const { key: first, causes, others } = await why('--env', 'prod');
  expect([first, causes[0].says]).toEqual([
    'prod/auth0/people-bot',
    'prod/auth0/people-bot has never had a key, so every read of it fails.',
  ]);
  expect(others).toHaveLength(4);
  await cli.deleteSecret(secret);
  const gone = await why(key);
  expect([gone.state, gone.causes[0].next[0].text]).toEqual([
    'not-deployed',
    '`npx cdk deploy keyturn-prod-support-bot`',
  ]);
});

test('without a key, the worst one is told, and the others named', async () => {
  await issued();
  await stuck();
  await cli.deleteSecret('keyturn/prod/auth0/people-bot/main');
  const facts = await why('--env', 'prod');
  expect(facts.key).toBe(key);
  expect(facts.others).toEqual([{ key: 'prod/auth0/people-bot', text: 'not deployed' }]);
});

test('no value is read, and the log of another function is not', async () => {
  await issued();
  const from = cli.model.calls.length;
  await why(key);
  const made = cli.model.calls.slice(from).map(({ operation }) => operation);
  expect(made).not.toContain('GetSecretValue');
  expect(made.filter(operation => operation === 'FilterLogEvents')).toHaveLength(2);
});
