import { configFile } from '../../bin/support/cli';
import { sitDown } from '../../bin/support/person';
import { openSecrets, type SecretsSetup } from '../../support/secrets';

const clock = { now: () => new Date('2026-11-23T00:00:00Z'), sleep: async () => {} };
let secrets: SecretsSetup;
const before = { ...process.env };
beforeAll(async () => {
  secrets = await openSecrets();
  process.env.AWS_ENDPOINT_URL_CLOUDWATCH = secrets.aws.endpoint;
  for (const provider of ['sendgrid', 'openai']) secrets.addSecret(provider);
  secrets.aws.model.secretsManager.createFromTemplate({
    name: 'keyturn/prod/self-issued/support-bot/clients',
  });
});
afterAll(() => secrets.close());
beforeEach(() => {
  for (const name of ['SENDGRID_API_KEY', 'OPENAI_API_KEY', 'CLIENT_KEY', 'SENDGRID_KEY'])
    delete process.env[name];
});
afterAll(() => {
  process.env = before;
});

const doctor = (...flags: string[]) => sitDown(['doctor', '--config', configFile, ...flags], {}, clock);
const secret = `SG.FAKESECRETFAKESECRET00.${'b'.repeat(43)}`;

it('tells for each variable what keeps its key from working, and never the key', async () => {
  await secrets.put('sendgrid', ` ${secret}`);
  await secrets.put('openai', 'sk-FAKESECRET1234567890', undefined, { expiresAt: '2026-11-23T01:00:00Z' });
  process.env.OPENAI_API_KEY = 'your-key';
  const { code, out, err } = await doctor('--env', 'prod', '--server', 'support-bot', '--for', '2h');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatchInlineSnapshot(`
"       VARIABLE          FINDING
error  SENDGRID_API_KEY  the key prod/sendgrid/support-bot, as stored, begins or ends with a space or line break; store it again with \`npx keyturn adopt prod/sendgrid/support-bot --replace\`
error  OPENAI_API_KEY    OPENAI_API_KEY is a placeholder; set it to the key alone
error  OPENAI_API_KEY    the key prod/openai/support-bot expires at 2026-11-23T01:00:00Z, which is sooner than you need it; create a new one with \`npx keyturn rotate prod/openai/support-bot\`
error  CLIENT_KEY        the secret keyturn/prod/self-issued/support-bot/clients does not exist or is empty; check the names of environment, server and provider, and that its stack is deployed

prod/support-bot: 4 findings
prod/sendgrid/support-bot: no use reported in 14 days; once the server runs, this should change, or its usage alarms see nothing
prod/openai/support-bot: no use reported in 14 days; once the server runs, this should change, or its usage alarms see nothing
prod/self-issued/support-bot/clients: no use reported in 14 days; once the server runs, this should change, or its usage alarms see nothing
"
`);
});

it('prints the same facts as JSON', async () => {
  await secrets.put('sendgrid', secret);
  const key = ['--key', 'SENDGRID_API_KEY=sendgrid'];
  const { code, out } = await doctor('--env', 'prod', '--server', 'support-bot', ...key, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    environment: 'prod',
    server: 'support-bot',
    variables: ['SENDGRID_API_KEY'],
    findings: [],
    reporting: { keys: [] },
  });
});

it('looks only at the shell where it is told to', async () => {
  process.env.SENDGRID_KEY = secret;
  secrets.calls();
  const { code, out } = await doctor(
    '--env',
    'prod',
    '--server',
    'support-bot',
    '--local',
    '--key',
    'SENDGRID_API_KEY=sendgrid',
  );
  expect(code).toBe(1);
  expect(out).toContain('SENDGRID_KEY is set, but the server reads SENDGRID_API_KEY; rename it');
  expect(secrets.calls()).toEqual([]);
});

it.each([
  [['--env', 'prod'], 'no server is selected; add --server with one of support-bot, people-bot'],
  [
    ['--env', 'prod', '--server', 'suport-bot'],
    '"suport-bot" has no keys in prod; did you mean "support-bot"?',
  ],
  [['--env', 'prd', '--server', 'support-bot'], '"prd" is not a known environment; did you mean "prod"?'],
  [['--key', 'X=sendgrid'], 'no environment of config/keys.ts; name it, or set KEYTURN_ENVIRONMENT'],
  [
    ['--env', 'prod', '--server', 'a', '--key', 'X-Y=sendgrid'],
    '"X-Y" is not a valid variable name; write VARIABLE=provider',
  ],
  [
    ['--env', 'prod', '--server', 'a', '--key', 'X=Send Grid'],
    '"Send Grid" does not name a key for X; write provider, provider/purpose or provider:field',
  ],
  [['--env', 'prod', '--server', 'a', '--key', 'X'], '"" does not name a key for X'],
  [
    ['--env', 'prod', '--server', 'support-bot', '--for', 'soon'],
    '"soon" is not a duration; write it like 90s, 5m, 2h or 1d',
  ],
])('%j is a mistake that it explains', async (flags, text) => {
  const { code, err } = await doctor(...flags);
  expect(code).toBe(2);
  expect(err).toContain(text);
});
