import { type Cli, openCli } from '../support/cli';

let cli: Cli;
async function open() {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
}
async function openWithConsent() {
  cli = await openCli('consent-keys');
  await cli.deploy();
}
const close = () => cli.close();

const name = 'prod/sendgrid/support-bot';
const adopt = ['adopt', name];
const stored = (key = 'sendgrid/support-bot/main', label?: string) => {
  const text = cli.storedText(`keyturn/prod/${key}`, label);
  return text && JSON.parse(text);
};
const unissued = { state: 'unissued' };

const keyByHand = (provider = 'sendgrid') => cli.keyByHand(provider);

describe('keyturn adopt', () => {
  beforeEach(open);
  afterEach(close);

  it('stores a key that the provider accepts, from a prompt that shows nothing', async () => {
    const { secret } = await keyByHand();
    const id = secret.split('.')[1]!;
    const { code, out, err, rawModes } = await cli.run(adopt, { types: [`${secret}\r`] });
    expect(out).toBe(
      `prod/sendgrid/support-bot is now key ${id}; SendGrid accepts it
A rotation replaces it by 2027-01-06 10:00 UTC, and it ends after an overlap. Before, let its server read the current key: \`npx keyturn run --env prod --server support-bot -- <its command>\`
`,
    );
    expect(err).toBe('SendGrid key for prod/sendgrid/support-bot (input is hidden): \n');
    expect(rawModes).toEqual([true, false]);
    expect(code).toBe(0);
    expect(stored()).toEqual({
      secret,
      keyId: id,
      provider: 'sendgrid',
      issuedAt: expect.stringMatching(/^2026-11-24T08:0/),
    });
    await cli.passMs(60_000);
    const { out: status } = await cli.run(['status', '--env', 'prod', '--provider', 'sendgrid', '--json']);
    expect(JSON.parse(status).keys[0]).toMatchObject({ state: 'current' });
  });

  it('asks for the id where the key does not tell it, and takes fields', async () => {
    const { secret, id } = await keyByHand('openai');
    const without = await cli.run(['adopt', 'prod/openai/support-bot'], { piped: secret });
    expect([without.code, without.err]).toEqual([
      2,
      expect.stringContaining(
        'this OpenAI key does not contain its id, which Keyturn needs to revoke it; add --key-id',
      ),
    ]);
    const { code, out } = await cli.run(
      ['adopt', 'prod/openai/support-bot', '--key-id', id, '--field', 'site=eu', '--json'],
      { piped: `${secret}\n` },
    );
    expect(JSON.parse(out)).toEqual({
      key: 'prod/openai/support-bot',
      keyId: id,
      versionId: expect.any(String),
      verdict: 'accepted',
      replaced: false,
    });
    expect(code).toBe(0);
    expect(stored('openai/support-bot/main')).toMatchObject({ secret, keyId: id, site: 'eu' });
  });

  it('fills in the fields that Keyturn knows from the settings', async () => {
    const { secret } = await keyByHand('auth0');
    const { code } = await cli.run(['adopt', 'prod/auth0/people-bot'], { piped: secret });
    expect(code).toBe(0);
    expect(stored('auth0/people-bot/main')).toMatchObject({ secret, clientId: 'peopleBot7Xk2' });
  });

  it('takes the lines of a private key as they are, from a pipe or a prompt', async () => {
    const { secret } = await keyByHand('github-app');
    const app = ['adopt', 'prod/github-app/people-bot'];
    const { code, out } = await cli.run(app, { piped: secret });
    expect(out).toMatch(/^prod\/github-app\/people-bot is now key SHA256:\S+; GitHub accepts it$/m);
    expect([code, `${stored('github-app/people-bot/main').secret}\n`]).toEqual([0, secret]);
    const typed = await cli.run([...app, '--replace', '--yes'], { types: [secret.replaceAll('\n', '\r')] });
    expect([typed.code, `${stored('github-app/people-bot/main').secret}\n`]).toEqual([0, secret]);
  });

  it('stores nothing that the provider rejects', async () => {
    const { code, err } = await cli.run(adopt, { piped: 'SG.gone567890123456.FAKESECRETgone' });
    expect(err).toContain('SendGrid rejects the key gone567890123456, so nothing was stored');
    expect([code, stored()]).toEqual([70, unissued]);
  });

  it('warns where the provider cannot say, and ends with 1', async () => {
    const { secret } = await keyByHand();
    cli.hooks.provider = () => ({ kind: 'status', status: 503 });
    const { code, out } = await cli.run(adopt, { piped: secret });
    expect(out).toContain('not verified: SendGrid could not confirm that it accepts the key');
    expect([code, stored().secret]).toEqual([1, secret]);
  });

  describe('where a key is there already', () => {
    beforeEach(async () => {
      await cli.run(adopt, { piped: (await keyByHand()).secret });
      await cli.passMs(60_000);
    });

    it('refuses, and says how to replace it', async () => {
      const before = stored();
      const { code, err } = await cli.run(adopt, { piped: (await keyByHand()).secret });
      expect(err).toContain('prod/sendgrid/support-bot already has a key; add --replace');
      expect([code, stored()]).toEqual([2, before]);
    });

    it('replaces it with --replace, once somebody has read that the other one will be revoked', async () => {
      const before = stored();
      const { secret } = await keyByHand();
      const { code, err } = await cli.run([...adopt, '--replace'], { types: ['y\r', `${secret}\r`] });
      expect(err).toMatchInlineSnapshot(`
"prod: SendGrid key of support-bot (prod/sendgrid/support-bot, version <version>                           ).
The current key becomes AWSPREVIOUS and is REVOKED at SendGrid 72 h from now.
Replace it? [y/N] SendGrid key for prod/sendgrid/support-bot (input is hidden): 
"
`);
      expect(code).toBe(0);
      expect(stored().secret).toBe(secret);
      expect(stored(undefined, 'AWSPREVIOUS')).toEqual(before);
    });

    it('keeps it where nobody says yes', async () => {
      const before = stored();
      const { code } = await cli.run([...adopt, '--replace'], { types: ['n\r'] });
      expect([code, stored()]).toEqual([3, before]);
    });

    it('cannot ask whoever pipes the key in', async () => {
      const { secret } = await keyByHand();
      const asked = await cli.run([...adopt, '--replace'], { piped: secret });
      expect([asked.code, asked.err]).toEqual([
        2,
        expect.stringContaining('this needs confirmation, but the terminal is not interactive'),
      ]);
      const { code } = await cli.run([...adopt, '--replace', '--yes'], { piped: secret });
      expect([code, stored().secret]).toEqual([0, secret]);
    });

    it('never forgets a key that still lives: not the one before, and not the one of a rotation under way', async () => {
      await cli.run([...adopt, '--replace', '--yes'], { piped: (await keyByHand()).secret });
      const before = stored();
      const again = await cli.run([...adopt, '--replace', '--yes'], { piped: (await keyByHand()).secret });
      expect(again.err).toMatch(
        /the previous key of \S+ is valid until .* UTC, and Keyturn would lose track of it/,
      );
      await cli.setIssuers();
      cli.hooks.beforeStep = () => {
        throw new Error('planted');
      };
      await cli.run(['rotate', name, '--yes'], { stopsAt: /started/ });
      const pending = await cli.run([...adopt, '--replace', '--yes'], { piped: (await keyByHand()).secret });
      expect(pending.err).toContain('a rotation of prod/sendgrid/support-bot is still running');
      expect([again.code, pending.code, stored()]).toEqual([3, 3, before]);
    });
  });
});

describe('keyturn adopt, where a person has consented', () => {
  beforeEach(openWithConsent);
  afterEach(close);

  const client = 'prod/oauth-client/people-bot';
  const adoptClient = ['adopt', client, '--key-id'];
  const storedClient = () => stored('oauth-client/people-bot/main');
  const refreshToken = 'FAKESECRET-refresh-1';

  it('asks for the refresh token, too, and shows nothing of either', async () => {
    const { secret, id } = await keyByHand('oauth-client');
    const { code, out, err, rawModes } = await cli.run([...adoptClient, id], {
      types: [`${secret}\r`, `${refreshToken}\r`],
    });
    expect(err).toBe(
      `OAuth server key for ${client} (input is hidden): \nRefresh token for ${client} (input is hidden): \n`,
    );
    expect(out).toBe(
      `${client} is now key ${id}; OAuth server accepts it; its refresh token is first used when a server asks for a token\n`,
    );
    expect(rawModes).toEqual([true, false, true, false]);
    expect([code, storedClient()]).toEqual([
      0,
      {
        ...{ secret, refreshToken, keyId: id, provider: 'oauth-client' },
        issuedAt: expect.stringMatching(/^2026-11-24T08:0/),
      },
    ]);
  });

  it('takes both as JSON from a pipe', async () => {
    const { secret, id } = await keyByHand('oauth-client');
    const piped = JSON.stringify({ secret, refreshToken });
    const { code } = await cli.run([...adoptClient, id], { piped });
    expect([code, storedClient()]).toEqual([0, expect.objectContaining({ secret, refreshToken, keyId: id })]);
  });

  it.each([
    ['the secret alone', 'FAKESECRET-client'],
    ['JSON without a refresh token', '{"secret":"FAKESECRET-client"}'],
    [
      'JSON with more',
      '{"secret":"FAKESECRET-client","refreshToken":"FAKESECRET-r","accessToken":"FAKESECRET-a"}',
    ],
    ['a number', '{"secret":"FAKESECRET-client","refreshToken":17}'],
    ['null', 'null'],
  ])('refuses %s from a pipe', async (_, piped) => {
    const { code, err } = await cli.run([...adoptClient, 'any'], { piped });
    expect(err).toContain(
      `${client} needs its client's secret and a refresh token, and the input is not both`,
    );
    expect([code, storedClient()]).toEqual([2, unissued]);
  });

  it('refuses a refresh token that cannot be one', async () => {
    const { secret, id } = await keyByHand('oauth-client');
    const { code, err } = await cli.run([...adoptClient, id], { types: [`${secret}\r`, '"FAKESECRET"\r'] });
    expect(err).toContain(`the refresh token entered for ${client} is in quotes`);
    expect([code, storedClient()]).toEqual([2, unissued]);
  });
});

describe('keyturn adopt stores nothing, and says why, where it is given', () => {
  beforeAll(open);
  afterAll(close);

  it.each([
    ['nothing', '', 'is empty; enter only the key'],
    ['a blank at the end', 'SG.FAKESECRET.x ', 'begins or ends with a space or line break'],
    ['quotes', "'SG.FAKESECRET.x'", 'is in quotes'],
    ['several lines', 'SG.FAKESECRET.x\nSG.FAKESECRET.y', 'has more than one line'],
    ['JSON', '{"apiKey":"SG.FAKESECRET.x"}', 'is JSON'],
    ['a header', 'Bearer SG.FAKESECRET.x', 'begins with the word of an Authorization header'],
    ['an assignment', 'SENDGRID_API_KEY=SG.FAKESECRET.x', 'begins with the name of a variable'],
    ['a placeholder', '<your key here>', 'is a placeholder'],
  ])('%s', async (_, piped, text) => {
    const { code, err } = await cli.run(adopt, { piped });
    expect(err).toContain(`the key entered for ${name} ${text}`);
    expect([code, stored()]).toEqual([2, unissued]);
  });

  it.each<[string[], string]>([
    [['--field', 'site'], '--field is not <name>=<value>; write it like --field site=eu'],
    ...['secret', 'refreshToken', 'keyId', 'provider', 'issuedAt'].map(
      name =>
        [
          ['--field', `${name}=other`],
          `--field is not <name>=<value>, or "${name}" comes in another way`,
        ] satisfies [string[], string],
    ),
    [['--key-id', 'other'], 'the key of prod/sendgrid/support-bot has the id'],
  ])('%j', async (flags, text) => {
    const { secret } = await keyByHand();
    const { code, err } = await cli.run([...adopt, ...flags], { piped: secret });
    expect(err).toContain(text);
    expect([code, stored()]).toEqual([2, unissued]);
  });

  it('Ctrl-C', async () => {
    const { code } = await cli.run(adopt, { types: ['SG.FAKESECRET\u0003'] });
    expect([code, stored()]).toEqual([130, unissued]);
  });
});
