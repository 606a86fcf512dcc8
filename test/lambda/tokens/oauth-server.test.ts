// The connector `oauth-client` against a real authorization server, the package oidc-provider.
import { generateKeyPairSync } from 'node:crypto';
import { bindMint } from '../../../connectors/contract/bind-mint';
import { oauthClient } from '../../../connectors/providers/oauth-client/oauth-client';
import { adoptedRoot, type OauthSetup, openOauthSetup, scopes, urls } from './oauth-setup';
import { origin, privateKey } from './oidc-server';

let setup: OauthSetup;

const otherKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

beforeAll(async () => {
  setup = await openOauthSetup();
});
afterAll(() => setup?.close());
beforeEach(() => {
  setup.server.asked.length = 0;
});

describe('tokens by client credentials', () => {
  test('a token carries the scopes that were asked, and the life that the server gave', async () => {
    const {
      token,
      expiresAt,
      scopes: granted,
    } = await setup.minting(adoptedRoot).mint(['orders.read'], 3600);
    expect(Date.parse(expiresAt) - setup.clock.now().getTime()).toBe(600_000);
    expect(granted).toEqual(['orders.read']);
    expect(await setup.introspect(token)).toMatchObject({
      active: true,
      scope: 'orders.read',
      client_id: adoptedRoot.keyId,
    });
  });

  test('a token is ended before its time, and again', async () => {
    const { mint, revoke } = setup.minting(adoptedRoot);
    const { token } = await mint(scopes, 3600);
    await revoke!(token);
    expect(await setup.introspect(token)).toEqual({ active: false });
    await revoke!(token);
  });

  test('a wrong secret is rejected, and the error shows neither it nor the answer', async () => {
    const { mint, revoke } = setup.minting({ ...adoptedRoot, secret: 'FAKESECRETwrong' });
    for (const work of [() => mint(scopes, 3600), () => revoke!('FAKESECRETtoken')]) {
      const error = await work().catch((thrown: Error) => thrown);
      expect(error).toMatchObject({
        code: 'key-rejected',
        message: expect.stringContaining('keyturn adopt'),
      });
      expect(String(error)).not.toMatch(/FAKESECRET/);
    }
  });

  test('a scope that the client may not have is refused by name', async () => {
    await expect(setup.minting(adoptedRoot).mint(['openid'], 3600)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('(invalid_scope) to the client adopted:client for [openid]'),
    });
  });
});

describe.each([
  ['at the revocation endpoint', urls],
  ['at the introspection endpoint', { ...urls, revocationUrl: undefined }],
  ['by making a token', { tokenUrl: urls.tokenUrl }],
])('a client is proved %s', (_where, settings) => {
  test.each([
    ['accepted', adoptedRoot],
    ['rejected', { ...adoptedRoot, secret: 'FAKESECRETwrong' }],
    ['rejected', { ...adoptedRoot, keyId: 'nobody' }],
  ])('as %s', async (verdict, root) => {
    expect(await setup.provider(settings).verify(root)).toBe(verdict);
    expect(setup.server.asked).toHaveLength(1);
  });
});

describe.each([
  ['client_secret_post', { ...adoptedRoot, keyId: 'posting' }, 'rejected'],
  ['private_key_jwt', { ...adoptedRoot, keyId: 'signing', secret: privateKey }, 'denied'],
])('a client that proves itself by %s', (authentication, root, dead) => {
  const settings = { ...urls, registrationUrl: undefined, authentication };
  const wrong = { ...root, secret: authentication === 'private_key_jwt' ? otherKey() : 'FAKESECRETwrong' };

  test('gets tokens and ends them', async () => {
    // The server lives in real time, and signatures are dated.
    setup.clock.sleep(Date.now() - setup.clock.now().getTime());
    const { mint, revoke } = setup.minting(root, settings);
    const { token, scopes: granted } = await mint(['orders.read'], 3600);
    expect(granted).toEqual(['orders.read']);
    expect(await setup.introspect(token)).toMatchObject({ active: true, client_id: root.keyId });
    await revoke!(token);
    expect(await setup.introspect(token)).toEqual({ active: false });
  });

  test.each([
    ['at the revocation endpoint', settings],
    ['at the introspection endpoint', { ...settings, revocationUrl: undefined }],
    ['by making a token', { tokenUrl: urls.tokenUrl, authentication }],
    ['for the issuer', { ...settings, assertionAudience: origin }],
  ])('is proved %s', async (_where, at) => {
    const provider = setup.provider(at);
    expect([await provider.verify(root), await provider.verify(wrong)]).toEqual(['accepted', dead]);
  });

  test('is told to go to a person where it is not known any more, and nothing of it is shown', async () => {
    const error = await setup
      .minting(wrong, settings)
      .mint(scopes, 3600)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'key-rejected' });
    expect(String(error)).not.toMatch(/FAKESECRET|BEGIN/);
  });
});

test('a private key is not sent, nor a secret where a key should be', async () => {
  const settings = { tokenUrl: urls.tokenUrl, authentication: 'private_key_jwt' };
  await expect(setup.minting(adoptedRoot, settings).mint(scopes, 3600)).rejects.toMatchObject({
    code: 'bad-secret',
  });
  expect(setup.server.asked).toEqual([]);
  expect(() => setup.provider({ ...settings, registrationUrl: urls.registrationUrl })).toThrow(
    'are wrong at the top',
  );
});

describe('a refresh token', () => {
  const settings = { tokenUrl: urls.tokenUrl, revocationUrl: urls.revocationUrl, grant: 'refresh_token' };
  const consented = async () => ({
    ...adoptedRoot,
    keyId: 'consented',
    refreshToken: await setup.server.consent(),
  });

  test('is replaced by each mint, and the next mint takes the next', async () => {
    const { mint, held } = setup.minting(await consented(), settings);
    const seen = [held().refreshToken];
    for (let n = 0; n < 3; n++) {
      const { token } = await mint(scopes, 3600);
      expect(await setup.introspect(token)).toMatchObject({
        active: true,
        sub: 'ann',
        scope: scopes.join(' '),
      });
      seen.push(held().refreshToken);
    }
    expect(new Set(seen).size).toBe(4);
  });

  test('is stored before the token is given out: what cannot be stored is not given', async () => {
    const root = await consented();
    const mint = bindMint(oauthClient, {
      readRoot: async () => root,
      keepRoot: () => Promise.reject(new Error('no room')),
      spec: { settings },
      clock: setup.clock,
    });
    await expect(mint.mint(scopes, 3600)).rejects.toThrow('no room');
  });

  test('that was spent costs the consent, and a person is asked for it', async () => {
    const spent = await consented();
    const { mint, held } = setup.minting(spent, settings);
    await mint(scopes, 3600);
    const again = { code: 'key-rejected', message: expect.stringMatching(/invalid_grant.*consent again/) };
    await expect(setup.minting(spent, settings).mint(scopes, 3600)).rejects.toMatchObject(again);
    await expect(setup.minting(held(), settings).mint(scopes, 3600)).rejects.toMatchObject(again);
  });

  test('is never sent twice by itself, whatever gets lost', async () => {
    const { mint } = setup.minting(await consented(), settings);
    setup.server.lose('POST /token', 'answer');
    await expect(mint(scopes, 3600)).rejects.toMatchObject({ code: 'no-answer' });
    expect(setup.server.asked.filter(asked => asked === 'POST /token')).toHaveLength(1);
  });

  test('is never ended through one of its tokens', async () => {
    expect(setup.minting(await consented(), settings).revoke).toBeUndefined();
  });
});
