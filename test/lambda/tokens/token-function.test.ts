// What a server gets from the token function, what it is refused, and what is written down of it.
import {
  DescribeSecretCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Connector } from '../../../connectors/contract/connector';
import { githubApp } from '../../../connectors/providers/github-app/github-app';
import { oauthClient } from '../../../connectors/providers/oauth-client/oauth-client';
import { fingerprint } from '../../../core/key/generated-secret';
import { logger } from '../../../lambda/aws/runtime/logger';
import type { TokenEvent } from '../../../lambda/token';
import { openTokenSetup, type TokenSetup } from './token-setup';

const minute = 60_000;
let setup: TokenSetup;
let printed: string;

beforeEach(() => {
  printed = '';
  logger.setLogLevel('INFO');
  for (const output of [process.stdout, process.stderr]) {
    jest.spyOn(output, 'write').mockImplementation(text => {
      printed += text;
      return true;
    });
  }
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
  for (const secret of setup.allSecrets()) expect(printed.includes(secret)).toBe(false);
  expect(printed).not.toMatch(/FAKESECRET|BEGIN/);
  expect(setup.violations).toEqual([]);
});

const give = (event: TokenEvent) => setup.handler(event);

/** As a root that was replaced ends. */
async function dropPrevious(): Promise<void> {
  const { client, secretId: SecretId } = setup;
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  const VersionStage = 'AWSPREVIOUS';
  const RemoveFromVersionId = Object.keys(VersionIdsToStages).find(id =>
    VersionIdsToStages[id]?.includes(VersionStage),
  );
  await client.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId }));
}

describe.each([
  ['github-app', githubApp as Connector],
  ['oauth-client', oauthClient as Connector],
])('%s', (provider, connector) => {
  beforeEach(async () => {
    setup = await openTokenSetup(connector);
  });

  test('a server gets a token that works, and the log says who got what', async () => {
    const given = await give({ provider });
    expect(await setup.use(given.token)).toBe(200);
    expect(given.scopes.toSorted()).toEqual(setup.scopes.toSorted());
    const line = JSON.parse(printed.trim().split('\n').at(-1)!);
    expect(line).toMatchObject({
      message: 'gave a token',
      key: `prod/${provider}/support-bot`,
      server: 'support-bot',
      scopes: given.scopes,
      expiresAt: given.expiresAt,
      token: fingerprint(given.token),
    });
  });

  test('asked again, it gives the same token until shortly before its end', async () => {
    const first = await give({ provider });
    expect(await give({ provider })).toEqual(first);
    expect(setup.mints()).toBe(1);
    setup.pass(Date.parse(first.expiresAt) - Number(setup.clock.now()) - 1);
    expect((await give({ provider })).token).not.toBe(first.token);
    expect(setup.mints()).toBe(2);
  });

  test('a narrower token has the narrower rights', async () => {
    const [scope] = setup.scopes;
    expect((await give({ provider, scopes: [scope!] })).scopes).toEqual([scope]);
  });

  test('scopes beyond the config are refused, though the root has them', async () => {
    const scopes = provider === 'github-app' ? ['contents:write'] : ['orders.read', 'orders.delete'];
    await expect(give({ provider, scopes })).rejects.toThrow(/does not allow a token for/);
    expect(setup.calls).toEqual([]);
  });

  test('a config that grants less holds at once, and the token before is not given out any more', async () => {
    const { token } = await give({ provider });
    setup.register(setup.specWith({ scopes: setup.scopes.slice(0, 1) }));
    const given = await give({ provider });
    expect(given.token).not.toBe(token);
    expect(given.scopes).toEqual(setup.scopes.slice(0, 1));
    await expect(give({ provider, scopes: setup.scopes })).rejects.toThrow(/does not allow a token for/);
  });

  test('a description and tags that somebody edited change nothing', async () => {
    const scopes = provider === 'github-app' ? ['contents:write'] : ['orders.delete'];
    const Description = `Edited. Spec: ${JSON.stringify(setup.specWith({ scopes }))}`;
    await setup.client.send(new UpdateSecretCommand({ SecretId: setup.secretId, Description }));
    const tags = { 'keyturn:tier': 'low' };
    setup.aws.model.secretsManager.updateFromTemplate(setup.secretId, { tags });
    expect((await give({ provider })).scopes).toEqual(setup.scopes);
    await expect(give({ provider, scopes })).rejects.toThrow(/does not allow a token for/);
  });

  test('a new root mints a new token', async () => {
    const { token } = await give({ provider });
    const root = setup.newRoot();
    await setup.store(root);
    expect((await give({ provider })).token).not.toBe(token);
  });

  test('the root is the current one: an older one counts neither while it is there nor when it has gone', async () => {
    const before = await give({ provider });
    await setup.store(setup.newRoot());
    await dropPrevious();
    const given = await give({ provider });
    expect(given.token).not.toBe(before.token);
    await setup.store({ ...setup.newRoot(), issuedAt: setup.clock.now().toISOString() });
    const newest = await give({ provider });
    await dropPrevious();
    expect(await give({ provider })).toEqual(newest);
  });

  test('a refused token is replaced where it is dead, and not for a refusal in its first seconds', async () => {
    const { token } = await give({ provider });
    expect((await give({ provider, refused: fingerprint(token) })).token).toBe(token);
    setup.pass(minute / 2);
    const owner = setup.account.ownerOf(token);
    if (owner) setup.account.revoke(owner);
    const fresh = await give({ provider, refused: fingerprint(token) });
    expect(fresh.token).not.toBe(token);
    expect(await setup.use(fresh.token)).toBe(200);
    expect(await give({ provider, refused: fingerprint(token) })).toEqual(fresh);
  });

  test.each([
    [
      'a key that the server does not have',
      { purpose: 'other' },
      /prod\/.*\/support-bot\/other does not exist.*config\/keys\.ts/,
    ],
    [
      'a root that nobody has stored',
      { purpose: 'unissued' },
      /has no root to mint tokens from yet; .*keyturn adopt/,
    ],
    [
      'a provider without tokens',
      { provider: 'sendgrid' },
      /key of SendGrid, from which no tokens are minted/,
    ],
    ['a provider nobody knows', { provider: 'sendgird' }, /prod\/sendgird\/support-bot does not exist/],
    [
      'a name that leads elsewhere',
      { provider: 'github-app/other-bot' },
      /not the name of a Keyturn key|does not exist, so no token/,
    ],
    ['scopes that are no list', { scopes: 'contents:read' }, /does not know this request/],
  ])('%s is refused in words', async (_what, event, text) => {
    await expect(give({ provider, ...event } as TokenEvent)).rejects.toThrow(text);
    expect(setup.calls).toEqual([]);
  });

  test('what it throws has a message and nothing else that Lambda would print', async () => {
    await setup.store({ ...setup.root, secret: 'FAKESECRETwrong' });
    const error = await give({ provider }).catch((thrown: unknown) => thrown);
    expect(Object.keys(error as object)).toEqual(['name']);
    expect(String(error)).not.toMatch(/FAKESECRET/);
    expect((error as Error).cause).toBeUndefined();
  });
});

describe('a token whose provider gives it longer than its tier', () => {
  beforeEach(async () => {
    setup = await openTokenSetup(githubApp as Connector, { tier: 'high' });
  });

  test('says the shorter time, and is ended at the provider by the first call after it', async () => {
    const first = await give({ provider: 'github-app' });
    expect(Date.parse(first.expiresAt) - Number(setup.clock.now())).toBe(30 * minute);
    setup.pass(30 * minute - 1);
    const second = await give({ provider: 'github-app' });
    expect(await setup.use(first.token)).toBe(200);
    setup.pass(1);
    await give({ provider: 'github-app' });
    expect([await setup.use(first.token), await setup.use(second.token)]).toEqual([401, 200]);
  });

  test('and one that cannot be ended now does not keep the server from its next', async () => {
    const first = await give({ provider: 'github-app' });
    setup.pass(30 * minute);
    setup.faults(({ method }) => (method === 'DELETE' ? { kind: 'status', status: 403 } : undefined));
    const second = await give({ provider: 'github-app' });
    expect(await setup.use(second.token)).toBe(200);
    expect(printed).toMatch(/could not be ended yet/);
    setup.faults(() => undefined);
    await give({ provider: 'github-app' });
    expect(await setup.use(first.token)).toBe(401);
  });
});

describe('a root that minting uses up', () => {
  beforeEach(async () => {
    const settings = { tokenUrl: 'https://auth.example.com/oauth/token', grant: 'refresh_token' };
    setup = await openTokenSetup(oauthClient as Connector, {}, settings);
  });
  const provider = 'oauth-client';
  const labels = async () =>
    Object.values(
      (await setup.client.send(new DescribeSecretCommand({ SecretId: setup.secretId }))).VersionIdsToStages!,
    );

  test('goes on from one setup to the next, and no label of rotation moves', async () => {
    const before = await setup.client.send(new DescribeSecretCommand({ SecretId: setup.secretId }));
    for (let n = 0; n < 4; n++) {
      await setup.startAfresh();
      expect(await setup.use((await give({ provider })).token)).toBe(200);
    }
    const after = await setup.client.send(new DescribeSecretCommand({ SecretId: setup.secretId }));
    expect(after.VersionIdsToStages).toMatchObject(before.VersionIdsToStages!);
    expect((await labels()).flat().sort()).toEqual(['AWSCURRENT', 'KEYTURN-GRANT']);
  });

  test('is taken from memory where Secrets Manager does not show it yet, or could not take it', async () => {
    await give({ provider });
    setup.rules.decide = ({ action }) =>
      action === 'secretsmanager:PutSecretValue' ? { allowed: false, message: 'not now' } : { allowed: true };
    setup.pass(10 * minute);
    await expect(give({ provider })).rejects.toThrow();
    setup.rules.decide = () => ({ allowed: true });
    expect(await setup.use((await give({ provider })).token)).toBe(200);
    await setup.startAfresh();
    expect(await setup.use((await give({ provider })).token)).toBe(200);
  });

  test('is that of the newest consent, whatever older one has been used up meanwhile', async () => {
    await give({ provider });
    const root = setup.newRoot();
    await setup.store(root);
    expect(await setup.use((await give({ provider })).token)).toBe(200);
    await setup.startAfresh();
    expect(await setup.use((await give({ provider })).token)).toBe(200);
    const { client } = setup.account.keys.filter(({ place }) => place === 'tokens').at(-1)!.details;
    expect(client).toBe(root.keyId);
  });
});
