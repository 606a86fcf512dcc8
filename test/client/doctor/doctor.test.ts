import { hours } from '@keyturn/aws-model/test/support/local-aws';
import { checkAbsence, checkExpiry, checkValue } from '../../../client/doctor/doctor';
import { parseDuration } from '../../../client/doctor/duration';
import { parseVariable } from '../../../client/doctor/variables';
import { connectors } from '../../../connectors/index';
import { KeyturnError } from '../../../core/errors';
import { generateSecret } from '../../../core/key/generated-secret';
import { openSecrets, type SecretsSetup } from '../../support/secrets';

const place = { environment: 'prod', server: 'support-bot' };
const variable = (name: string, source: string) => parseVariable(name, source, place);
const sendgrid = variable('SENDGRID_API_KEY', 'sendgrid');
const secret = `SG.${'FAKESECRETFAKESECRET00'}.${'b'.repeat(43)}`;
const check = (value: string, of = sendgrid) => checkValue(of, value, 'environment', connectors);

describe('a value', () => {
  it('of the right shape is no finding', () => {
    expect(check(secret)).toBeUndefined();
    expect(check('sk-proj-FAKESECRET1234567890', variable('OPENAI_API_KEY', 'openai'))).toBeUndefined();
    expect(check(generateSecret(), variable('CLIENT_KEY', 'self-issued'))).toBeUndefined();
    expect(check('AC123', variable('TWILIO_SID', 'twilio:accountSid'))).toBeUndefined();
  });

  it.each([
    ['', 'is empty'],
    [' ', 'is empty'],
    [` ${secret}`, 'begins or ends with a space or line break'],
    [`${secret}\n`, 'begins or ends with a space or line break'],
    [`"${secret}"`, 'is in quotes'],
    [`'${secret}'`, 'is in quotes'],
    [`${secret.slice(0, 20)}\n${secret.slice(20)}`, 'has more than one line'],
    [`{"secret":"${secret}"}`, 'is JSON'],
    [`Bearer ${secret}`, 'begins with the word of an Authorization header'],
    [`SENDGRID_API_KEY=${secret}`, 'begins with the name of a variable'],
    [`${secret.slice(0, 10)}...`, 'is cut off'],
    [`${secret.slice(0, 10)}…`, 'is cut off'],
    [`“${secret}”`, 'has characters in it that keys do not have'],
    [`${secret}\u200b`, 'has characters in it that keys do not have'],
    ['<your key>', 'is a placeholder'],
    ['your-api-key', 'is a placeholder'],
    ['changeme', 'is a placeholder'],
    ['$SENDGRID_API_KEY', 'is a placeholder'],
  ])('like %j is an error that says so', (value, what) => {
    expect(check(value)).toMatchObject({
      problem: 'malformed',
      severity: 'error',
      variable: 'SENDGRID_API_KEY',
      key: 'prod/sendgrid/support-bot',
      text: expect.stringContaining(`SENDGRID_API_KEY ${what}`),
    });
  });

  it.each([
    [secret.slice(0, 30), 'begins like a key of SendGrid but is incomplete'],
    ['sk-proj-FAKESECRET1234567890', 'looks like a key of OpenAI and should be one of SendGrid'],
    ['FAKESECRET', 'does not look like a key of SendGrid'],
  ])('like %j is a warning: the pattern is a loose one', (value, what) => {
    expect(check(value)).toMatchObject({
      problem: 'unlikely',
      severity: 'warning',
      text: expect.stringContaining(what),
    });
  });

  it('of a provider that nobody knows is taken as it is', () => {
    expect(check('FAKESECRET', variable('SOME_KEY', 'no-such-provider'))).toBeUndefined();
  });
});

describe('a variable that is not set', () => {
  it.each([
    ['MCP_API_KEY', { API_KEY: 'x' }, 'API_KEY'],
    ['API_KEY', { MCP_API_KEY: 'x' }, 'MCP_API_KEY'],
    ['SENDGRID_API_KEY', { SENDGRID_KEY: 'x' }, 'SENDGRID_KEY'],
    ['GITHUB_TOKEN', { GITHUB_TOKNE: 'x', GIT_AUTHOR: 'x' }, undefined],
    ['GITHUB_TOKEN', { GITHUB_TOKENS: 'x' }, 'GITHUB_TOKENS'],
    ['GITHUB_TOKEN', { github_token: 'x' }, 'github_token'],
  ])('%s, where %j is, may be a wrong name', (name, env, meant) => {
    const found = checkAbsence(variable(name, 'gitlab'), env, true)!;
    expect(found.problem).toBe(meant ? 'misnamed' : 'missing');
    if (meant) expect(found.text).toContain(`${meant} is set, but the server reads ${name}; rename it`);
    else expect(found.text).toContain(`${name} is not set; start the server with \`npx keyturn run\``);
  });

  it('is no finding where the key comes from elsewhere, unless a name is nearly right', () => {
    expect(checkAbsence(sendgrid, { PATH: '/bin' }, false)).toBeUndefined();
    expect(checkAbsence(sendgrid, { SENDGRID_APIKEY: 'x' }, false)).toMatchObject({ severity: 'warning' });
  });
});

it('a key that ends before its work does is found before the work begins', () => {
  const now = new Date('2026-11-23T00:00:00Z');
  const at = (time: string) => checkExpiry(sendgrid, `2026-11-23T${time}Z`, now, hours(2), false);
  expect(at('03:00:00')).toBeUndefined();
  expect(checkExpiry(sendgrid, undefined, now, hours(2), false)).toBeUndefined();
  expect(at('01:00:00')!.text).toContain('expires at 2026-11-23T01:00:00Z, which is sooner than you need it');
  expect(at('00:00:00')!.text).toContain('expired at');
  const token = checkExpiry(sendgrid, '2026-11-23T01:00:00Z', now, hours(2), true);
  expect(token!.text).toContain('fetch a new one when it expires, as `keys.use` and `npx keyturn run` do');
});

it.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0.5s', 500],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '5', '5 m', '-1s', '1w'])('%j is none', text => {
  expect(() => parseDuration(text)).toThrow(KeyturnError);
});

describe('keys.check', () => {
  let secrets: SecretsSetup;
  beforeEach(async () => {
    secrets = await openSecrets({ variables: { CLIENT_KEY: 'self-issued', SENDGRID_API_KEY: 'sendgrid' } });
    secrets.addSecret('self-issued');
    secrets.addSecret('sendgrid');
  });
  afterEach(() => secrets.close());

  it('finds nothing where all is well', async () => {
    await secrets.put('self-issued', generateSecret());
    await secrets.put('sendgrid', secret);
    expect(await secrets.keys.check({ env: { CLIENT_KEY: generateSecret() } })).toEqual([]);
  });

  it('finds what is stored badly, what was never issued, and what is set beside it, and quotes none of it', async () => {
    await secrets.put('sendgrid', `"${secret}"`);
    const findings = await secrets.keys.check({
      env: { SENDGRID_APIKEY: secret, CLIENT_KEY: 'FAKESECRET ' },
    });
    expect(findings.map(({ problem, variable: name }) => [problem, name])).toEqual([
      ['malformed', 'CLIENT_KEY'],
      ['unreadable', 'CLIENT_KEY'],
      ['misnamed', 'SENDGRID_API_KEY'],
      ['malformed', 'SENDGRID_API_KEY'],
    ]);
    expect(JSON.stringify(findings)).not.toContain('FAKESECRET');
  });

  it('asks the provider where it is told to', async () => {
    await secrets.put('sendgrid', secret);
    const mangled = generateSecret().replace(/.$/, last => (last === '0' ? '1' : '0'));
    await secrets.put('self-issued', mangled);
    const findings = await secrets.keys.check({ env: {}, verify: true });
    // SendGrid cannot be reached from a test; a self-issued key is proven by its checksum.
    expect(findings).toMatchObject([
      {
        problem: 'dead',
        text: expect.stringContaining('Self-issued rejects the key prod/self-issued/support-bot'),
      },
      { problem: 'unproven', severity: 'warning' },
    ]);
  });

  it('warns of a key that was turned away as live ones can be, and calls it dead by nothing', async () => {
    await secrets.put('self-issued', generateSecret());
    await secrets.put('sendgrid', secret);
    const realFetch = globalThis.fetch;
    const message = 'The provided authorization grant is invalid, expired, or revoked';
    globalThis.fetch = async () => Response.json({ errors: [{ message }] }, { status: 401 });
    try {
      expect(await secrets.keys.check({ env: {}, verify: true })).toMatchObject([
        {
          problem: 'unproven',
          severity: 'warning',
          text: expect.stringContaining('SendGrid refused the key'),
        },
      ]);
    } finally {
      globalThis.fetch = realFetch;
    }
  });
});
