// What single providers do that others do not.
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import type { WireReply } from '../../rehearsal/providers/dialect';
import type { ProviderFault } from '../../rehearsal/providers/fake-provider';
import { openProviderSetup, type ProviderSetup } from '../support/provider-setup';
import { expectError } from './contract/checks/check';

let setup: ProviderSetup;
afterEach(() => setup.close());

async function open(provider: string): Promise<ProviderSetup> {
  const connector: Connector = connectorFor(provider);
  setup = await openProviderSetup(connector);
  return setup;
}

/** From now on, every call of this provider is answered so. */
const answering =
  (reply: WireReply): (() => ProviderFault) =>
  () => ({ kind: 'rewrite', change: () => reply });

describe('sendgrid', () => {
  test('scopes that every key gets unasked are not taken for a widened grant', async () => {
    const { newKey, account, scopes } = await open('sendgrid');
    expect((await newKey()).scopes).toEqual(scopes);
    expect(account.keys[0]?.scopes).toContain('2fa_required');
  });

  test('the id of a key that a person made is in the key', async () => {
    const { connector, newKey } = await open('sendgrid');
    const { keyId, secret } = await newKey();
    const { keyIdOf } = connector as { keyIdOf(secret: string): string | undefined };
    expect([keyIdOf(secret), keyIdOf('not a key')]).toEqual([keyId, undefined]);
  });
});

describe('openai', () => {
  test.each([
    ['You have insufficient permissions for this operation. Missing scopes: api.model.read', 'accepted'],
    ['Country, region, or territory not supported', 'unknown'],
  ])('403 with "%s" says %s', async (message, verdict) => {
    const { newKey, provider, faults } = await open('openai');
    const value = await newKey();
    faults(answering({ status: 403, body: { error: { message, type: 'invalid_request_error' } } }));
    expect(await provider.verify(value)).toBe(verdict);
  });

  test('a service account without a key is a bad reply', async () => {
    await open('openai');
    setup.faults(
      answering({ status: 200, body: { id: 'svc_acct_1', name: 'x', created_at: 1, api_key: null } }),
    );
    await expectError(setup.newKey(), 'bad-reply', setup);
  });
});

describe('gitlab', () => {
  test('a token lives until the end of the day on which it may die', async () => {
    const { bind, keyName, clock, account } = await open('gitlab');
    // 31 days, twice a day of overlap, 14 to spare: 18 October 2026, 08:00.
    const value = await bind({}).make(keyName(), clock.now());
    expect([value.expiresAt, account.keys[0]?.details.expires_at]).toEqual([
      '2026-10-19T00:00:00.000Z',
      '2026-10-19',
    ]);
  });

  test('pages are found where only Link tells of them', async () => {
    const { newKey, provider, faults } = await open('gitlab');
    for (const version of ['1', '2', '3']) await newKey(version);
    const withoutPageHeaders = ({ headers, ...reply }: WireReply): WireReply => ({
      ...reply,
      headers: headers?.link ? { link: headers.link } : {},
    });
    faults(() => ({ kind: 'rewrite', change: withoutPageHeaders }));
    expect(await provider.list()).toHaveLength(3);
  });

  test('a token that exists and is not active is rejected', async () => {
    const { newKey, provider, faults } = await open('gitlab');
    const value = await newKey();
    faults(answering({ status: 200, body: { id: 1, active: false, revoked: true } }));
    expect(await provider.verify(value)).toBe('rejected');
  });

  test('settings name a project or a group, one of them', async () => {
    const { bind } = await open('gitlab');
    expect(() => bind({ spec: { settings: {} } })).toThrow(/"project or group"/);
    expect(() => bind({ spec: { settings: { project: 'a/b', group: 'a' } } })).toThrow(/"group"/);
  });

  test('its own rotate is never called', async () => {
    const { newKey, provider, calls } = await open('gitlab');
    const value = await newKey('1');
    await newKey('2');
    await provider.revoke(value.keyId);
    expect(calls.filter(({ path }) => path.includes('rotate'))).toEqual([]);
  });
});

describe('cloudflare', () => {
  test('200 without success is a bad reply', async () => {
    await open('cloudflare');
    const errors = [{ code: 1001, message: 'Invalid request' }];
    setup.faults(answering({ status: 200, body: { success: false, errors, messages: [], result: null } }));
    await expectError(setup.newKey(), 'bad-reply', setup);
    await expectError(setup.provider.list(), 'bad-reply', setup);
  });

  test.each(['disabled', 'expired'])('a token that is %s is rejected', async status => {
    const { newKey, provider, faults } = await open('cloudflare');
    const value = await newKey();
    faults(
      answering({
        status: 200,
        body: { success: true, errors: [], messages: [], result: { id: '1', status } },
      }),
    );
    expect(await provider.verify(value)).toBe('rejected');
  });

  test('an unlisted refusal of a deletion is success where the token is gone, and told where it is not', async () => {
    await open('cloudflare');
    const { keyId } = await setup.newKey();
    setup.faults(call => (call.kind === 'revoke' ? { kind: 'status', status: 400 } : undefined));
    await setup.provider.revoke('0123');
    await expectError(setup.provider.revoke(keyId), 'refused', setup);
  });
});

describe('okta', () => {
  test('a secret that was switched off is switched on again, not sent twice', async () => {
    const { newKey, provider, account, calls } = await open('okta');
    const [first] = [await newKey('1'), await newKey('2')];
    account.switchOff(account.ownerOf(first.secret)!);
    const before = calls.length;
    await provider.install(first);
    expect(calls.slice(before).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'GET secrets',
      'POST activate',
    ]);
    expect(account.keys).toHaveLength(2);
  });

  describe('a secret that was added twice, because the first time was answered late', () => {
    /** @returns it, and its two entries in the order in which Okta shows them */
    async function addedTwice() {
      await open('okta');
      const value = await setup.newKey();
      const first = setup.account.ownerOf(value.secret)!;
      const late = setup.account.add({ id: 'ocsLATE', place: first.place, secret: value.secret });
      await setup.clock.sleep(60_000);
      return { value, entries: [first, late] as const };
    }

    test('is listed once, and leaves room for the next', async () => {
      const { value, entries } = await addedTwice();
      expect((await setup.provider.list()).map(({ id }) => id)).toEqual([value.keyId]);
      const next = await setup.newKey();
      await setup.clock.sleep(60_000);
      expect(entries.map(({ revokedAt }) => revokedAt !== undefined)).toEqual([false, true]);
      expect([await setup.provider.verify(value), await setup.provider.verify(next)]).toEqual([
        'accepted',
        'accepted',
      ]);
    });

    test.each([0, 1])('ends as a whole, also where only entry %i is switched off', async off => {
      const { value, entries } = await addedTwice();
      setup.account.switchOff(entries[off]!);
      expect((await setup.provider.list()).map(({ id }) => id)).toEqual([value.keyId]);
      await setup.provider.revoke(value.keyId);
      await setup.clock.sleep(60_000);
      expect(await setup.provider.verify(value)).toBe('rejected');
      expect(await setup.provider.list()).toEqual([]);
    });

    test.each([0, 1])('stays where entry %i is switched off and the next is added', async off => {
      const { value, entries } = await addedTwice();
      setup.account.switchOff(entries[off]!);
      await setup.newKey();
      await setup.clock.sleep(60_000);
      expect(await setup.provider.verify(value)).toBe('accepted');
    });
  });

  test('the only active secret ends by a marked one in its place, which the next key removes', async () => {
    await open('okta');
    const value = await setup.newKey();
    await setup.provider.revoke(value.keyId);
    await setup.clock.sleep(60_000);
    expect(await setup.provider.verify(value)).toBe('rejected');
    const next = await setup.newKey();
    await setup.clock.sleep(60_000);
    expect(await setup.provider.verify(next)).toBe('accepted');
    expect((await setup.provider.list()).map(({ id }) => id)).toEqual([next.keyId]);
  });
});

describe('directus', () => {
  test('204 says that the user is not there', async () => {
    await open('directus');
    setup.faults(answering({ status: 204 }));
    const { message } = await expectError(setup.newKey(), 'not-found', setup);
    expect(message).toMatch(/^Directus has no user 6a1f1d3e-\S+, or .+; see userId in the settings/);
  });
});

describe('aws-iam', () => {
  test('a page that does not say whether it is truncated is the last one', async () => {
    const { newKey, provider, faults } = await open('aws-iam');
    const { keyId } = await newKey();
    const without = (reply: WireReply) => ({
      ...reply,
      body: String(reply.body).replace(/<IsTruncated>.*?<\/IsTruncated>/, ''),
    });
    faults(() => ({ kind: 'rewrite', change: without }));
    expect((await provider.list()).map(({ id }) => id)).toEqual([keyId]);
  });

  test('a throttled call is sent again, though AWS calls it 400', async () => {
    const { provider, faultOnce, calls } = await open('aws-iam');
    faultOnce({ kind: '429' });
    await provider.list();
    expect(calls.map(({ status }) => status)).toEqual([400, 200]);
  });

  test('a wrong clock proves nothing about a key', async () => {
    const { newKey, provider, account, clock, faults } = await open('aws-iam');
    const value = await newKey();
    faults(call => (call.kind === 'verify' ? { kind: 'slow', ms: 6 * 60_000 } : undefined));
    expect(await provider.verify(value)).toBe('unknown');
    faults(() => undefined);
    account.revoke(account.ownerOf(value.secret)!);
    await clock.sleep(60_000);
    expect(await provider.verify(value)).toBe('denied');
  });

  test('a key of another user is not taken for this one', async () => {
    const { newKey, bind } = await open('aws-iam');
    const value = await newKey();
    const other = bind({ spec: { settings: { userName: 'other-bot', region: 'eu-central-1' } } });
    expect(await other.verify(value)).toBe('unknown');
  });

  test('an issuer key that AWS does not know is told as such, though AWS calls it 403', async () => {
    await open('aws-iam');
    const issuer = {
      accessKeyId: ['AKIA', 'UNKNOWN000000001'].join(''),
      secretAccessKey: 'FAKESECRETunknown',
    };
    const error = await expectError(setup.bind({ issuer }).list(), 'issuer-rejected', setup);
    expect(error.message).toContain('iam:ListAccessKeys on user/support-bot');
  });

  test('a consumer finds the access key id beside the secret', async () => {
    const { newKey } = await open('aws-iam');
    const value = await newKey();
    expect(value.accessKeyId).toBe(value.keyId);
    expect(value.keyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
  });
});

describe('auth0', () => {
  test('the secret that was chosen is the one installed, and the management token is asked for its own tenant', async () => {
    const { newKey, account, exchanges } = await open('auth0');
    const value = await newKey();
    expect(account.keys.map(({ secret }) => secret)).toEqual([value.secret]);
    expect(exchanges[0]?.call.json.audience).toBe('https://acme.eu.auth0.com/api/v2/');
    expect([value.domain, value.clientId]).toEqual(['acme.eu.auth0.com', 'supportBotClient']);
  });
});
