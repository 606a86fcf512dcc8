import { type Cli, openCli } from '../support/cli';

let cli: Cli;
async function open() {
  cli = await openCli();
  await cli.deploy();
}
const close = () => cli.close();

const set = (provider: string, ...flags: string[]) => ['issuer', 'set', provider, '--env', 'prod', ...flags];
const stored = (provider: string) => JSON.parse(cli.storedText(`keyturn/prod/issuers/${provider}`));

describe('keyturn issuer set', () => {
  beforeEach(open);
  afterEach(close);

  it('stores what is typed into a prompt that shows nothing, once the provider has accepted it', async () => {
    const { code, out, err, rawModes } = await cli.run(set('sendgrid'), {
      types: [`${cli.issuerText('sendgrid')}\r`],
    });
    expect(out).toMatchInlineSnapshot(`
"keyturn/prod/issuers/sendgrid: stored; SendGrid accepts it. Next: npx keyturn issue --env prod --provider sendgrid
"
`);
    expect(err).toMatchInlineSnapshot(`
"SendGrid in prod needs {"apiKey"}: an API key with the scopes api_keys.create, api_keys.read, api_keys.delete and every scope that the keys get
Issuer credential (input is hidden): 
"
`);
    expect(rawModes).toEqual([true, false]);
    expect(code).toBe(0);
    expect(stored('sendgrid')).toEqual(JSON.parse(cli.issuerText('sendgrid')));
    expect(cli.fakes.calls.map(({ kind }) => kind)).toEqual(['list']);
  });

  it('takes JSON of several lines from a pipe', async () => {
    const piped = `${JSON.stringify(JSON.parse(cli.issuerText('auth0')), null, 2)}\n`;
    const { code, out } = await cli.run(set('auth0'), { piped });
    // Auth0 keeps no list of secrets: there is nothing to ask without effect.
    expect(out).toContain('stored, not checked');
    expect(code).toBe(0);
    expect(stored('auth0')).toEqual(JSON.parse(piped));
  });

  it('takes the bare text where the credential has one field', async () => {
    const { adminKey } = JSON.parse(cli.issuerText('openai'));
    const { code, out } = await cli.run(set('openai', '--json'), { piped: `${adminKey}\n` });
    expect(JSON.parse(out)).toEqual({
      environment: 'prod',
      provider: 'openai',
      secretName: 'keyturn/prod/issuers/openai',
      verified: true,
    });
    expect(code).toBe(0);
    expect(stored('openai')).toEqual({ adminKey });
  });

  it('stores nothing that the provider refuses', async () => {
    const { code, err } = await cli.run(set('sendgrid'), { piped: 'SG.FAKESECRETwrong.FAKESECRETwrong' });
    expect(err).toContain('SendGrid answered 401 to GET /v3/api_keys; the issuer credential is not valid');
    expect(code).toBe(3);
    expect(stored('sendgrid')).toEqual({ state: 'unissued' });
  });

  it('stores it unasked with --no-verify', async () => {
    const piped = 'SG.FAKESECRETwrong.FAKESECRETwrong';
    const { code, out } = await cli.run(set('sendgrid', '--no-verify'), { piped });
    expect(out).toContain('stored, not checked');
    expect([code, cli.fakes.calls]).toEqual([0, []]);
    expect(stored('sendgrid')).toEqual({ apiKey: piped });
  });
});

describe('keyturn issuer status', () => {
  beforeEach(open);
  afterEach(close);

  it('shows who is set, since when, and what to do about the others', async () => {
    await cli.run(set('sendgrid'), { piped: cli.issuerText('sendgrid') });
    await cli.passMs(3 * 86_400_000);
    const { code, out } = await cli.run(['issuer', 'status', '--env', 'prod']);
    expect(out).toMatchInlineSnapshot(`
"PROVIDER  ISSUER   AGE  KEYS  NEXT
auth0     not set  -    1     npx keyturn issuer set auth0 --env prod
openai    not set  -    1     npx keyturn issuer set openai --env prod
sendgrid  set      3 d  1
"
`);
    expect(code).toBe(1);
  });

  it('is done where all are set', async () => {
    await cli.setIssuers();
    const { code, out } = await cli.run(['issuer', 'status', '--env', 'prod', '--json']);
    expect(JSON.parse(out).issuers.map(({ state }: { state: string }) => state)).toEqual([
      'set',
      'set',
      'set',
    ]);
    expect(code).toBe(0);
  });
});

describe('keyturn issuer set stores nothing, and says why, where it is given', () => {
  beforeAll(open);
  afterAll(close);

  it.each([
    ['nothing', 'sendgrid', '', 'the issuer credential of SendGrid is empty'],
    ['quotes', 'sendgrid', '"SG.FAKESECRET.x"', 'the issuer credential of SendGrid is in quotes'],
    [
      'blanks',
      'sendgrid',
      ' SG.FAKESECRET.x',
      'the issuer credential of SendGrid begins or ends with a space or line break',
    ],
    [
      'two lines',
      'sendgrid',
      'SG.FAKESECRET\n.x',
      'the issuer credential of SendGrid has more than one line',
    ],
    [
      'half of its JSON',
      'sendgrid',
      '{"apiKey": "SG.FAKESECRET',
      'the issuer credential of SendGrid looks like JSON, but cannot be parsed',
    ],
    [
      'a misspelt field',
      'sendgrid',
      '{"apikey":"SG.FAKESECRET.x"}',
      'the issuer credential of SendGrid is incomplete or wrong at "apiKey"; give {"apiKey"}: an API key with',
    ],
    [
      "another provider's key",
      'openai',
      'SG.FAKESECRET.x',
      'the issuer credential of OpenAI is incomplete or wrong at "adminKey"',
    ],
    [
      'one field of three',
      'auth0',
      'FAKESECRET0000000',
      'the issuer credential of Auth0 must be JSON; give {"domain", "clientId", "clientSecret"}',
    ],
  ])('%s', async (_, provider, piped, text) => {
    const { code, err } = await cli.run(set(provider), { piped });
    expect(err).toContain(text);
    expect(code).toBe(2);
    expect(stored(provider)).toEqual({ state: 'unissued' });
  });

  it.each([
    ['okta', '"okta" has no key in prod; use one of auth0, github-app, openai, self-issued, sendgrid'],
    ['sendgird', '"sendgird" is not a provider in prod; use one of'],
    ['self-issued', 'Keyturn needs no issuer credential for Self-issued; there is nothing to set'],
  ])('%s, which has none', async (provider, text) => {
    const { code, err } = await cli.run(set(provider), { piped: 'x' });
    expect(err).toContain(text);
    expect(code).toBe(2);
  });

  it('Ctrl-C', async () => {
    const { code, err } = await cli.run(set('sendgrid'), { types: ['SG.FAKESECRET\u0003'] });
    expect(err).toContain('stopped; nothing was changed');
    expect(code).toBe(130);
    expect(stored('sendgrid')).toEqual({ state: 'unissued' });
  });
});
