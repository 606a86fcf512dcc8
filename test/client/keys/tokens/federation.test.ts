// A server that holds no key: the client asks the model's STS who it is, and a fake provider what that is worth.
import { EnableOutboundWebIdentityFederationCommand, IAMClient } from '@aws-sdk/client-iam';
import { type LocalAws, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { createKeys } from '../../../../client/index';
import { createKeysFrom, type Keys } from '../../../../client/keys/keys';
import { createFederationAsker } from '../../../../client/keys/tokens/federation-asker';
import { gateway } from '../../../../examples/own-connector/connectors/gateway';
import { dialect as gatewayDialect } from '../../../../examples/own-connector/connectors/gateway-dialect';
import type {
  FakeProviders,
  ProviderCall,
  ProviderFault,
} from '../../../../rehearsal/providers/fake-provider';
import { startFakeProviders } from '../../../../rehearsal/providers/fake-provider';
import type { Trust } from '../../../../rehearsal/providers/federation';
import { routedFetch } from '../../../../rehearsal/providers/routed-fetch';

const place = { environment: 'prod', server: 'support-bot' };
const settings = { identityProvider: 'idp_support', serviceAccount: 'svc_acct_support' };
const minute = 60_000;
const env = { ...process.env };
const realFetch = globalThis.fetch;

let aws: LocalAws;
let fakes: FakeProviders;
let trust: Trust;
let plan: (call: ProviderCall) => ProviderFault | undefined;
let counted: string[];

beforeEach(async () => {
  aws = await openLocalAws();
  plan = () => undefined;
  counted = [];
  process.env.AWS_ENDPOINT_URL = aws.endpoint;
  process.env.AWS_REGION = 'eu-west-1';
  process.env.AWS_ACCESS_KEY_ID = 'server';
  process.env.AWS_SECRET_ACCESS_KEY = 'not-checked';
  const { webIdentity } = aws.model;
  const clock = { now: () => aws.clock.now(), park: aws.passMs };
  fakes = await startFakeProviders({ clock, identities: [webIdentity], intercept: call => plan(call) });
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  trust = fakes.trust('openai', {
    settings,
    issuer: webIdentity.issuer,
    subject: 'arn:aws:iam::111111111111:role/server',
  });
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  process.env = { ...env };
  await fakes.close();
  await aws.close();
});

const enable = () => new IAMClient(aws.as('admin')).send(new EnableOutboundWebIdentityFederationCommand({}));

function open(): Keys {
  const now = () => aws.clock.now().getTime();
  const federated = new Map([['prod/openai/support-bot', settings]]);
  return createKeysFrom({
    place,
    variables: { OPENAI_API_KEY: 'openai' },
    reader: {
      readCurrent: () => Promise.reject(new Error('there is no secret')),
      read: () => Promise.reject(new Error('there is no secret')),
      describe: () => Promise.reject(new Error('there is no secret')),
    },
    federated: {
      settings: federated,
      ask: createFederationAsker({
        settings: federated,
        clock: { now: () => aws.clock.now(), sleep: aws.passMs },
      }),
    },
    usage: {
      count: (_address, what) => void counted.push(what),
      settle() {},
      flush: async () => {},
    },
    refreshMs: 5 * minute,
    staleMs: 24 * 60 * minute,
    now,
    sleep: aws.passMs,
  });
}

async function ask(keys: Keys): Promise<number> {
  const response = await keys.use('openai', ({ secret, provider, keyId, issuedAt, fields }) => {
    const { url, ...init } = fakes.useRequest(
      'openai',
      { secret, provider, keyId, issuedAt: issuedAt.toISOString(), ...fields },
      {},
    );
    return fetch(url, init);
  });
  return response.status;
}

const exchanges = () => fakes.calls.filter(({ kind }) => kind === 'exchange');

test('a server lives through hours of tokens, with exchanges that fail now and then, and no failed call', async () => {
  await enable();
  const keys = open();
  const faults: ProviderFault[] = [
    { kind: 'drop-after' },
    { kind: 'status', status: 503 },
    { kind: '429', retryAfterSeconds: 1 },
    { kind: 'drop-before' },
  ];
  plan = ({ kind, index }) => (kind === 'exchange' && index % 3 === 1 ? faults[index % 4] : undefined);
  const seen: number[] = [];
  for (let at = 0; at < 3 * 60; at++) {
    seen.push(await ask(keys));
    await aws.passMs(minute);
  }
  expect(seen.filter(status => status !== 200)).toEqual([]);
  // Tokens live for 15 minutes: each is renewed some minutes before its end, and not with every call.
  expect(exchanges().length).toBeGreaterThan(3 * 4 - 1);
  expect(exchanges().length).toBeLessThan(3 * 10);
  expect(exchanges().some(({ status }) => status !== 200)).toBe(true);
  expect(counted.filter(what => what === 'authFailures')).toEqual([]);
});

test('calls that come together share one exchange', async () => {
  await enable();
  const keys = open();
  expect(await Promise.all(Array.from({ length: 20 }, () => ask(keys)))).toEqual(Array(20).fill(200));
  expect(exchanges()).toHaveLength(1);
});

test('the last token serves while the provider exchanges nothing, and ends with its end', async () => {
  await enable();
  const keys = open();
  expect(await ask(keys)).toBe(200);
  plan = ({ kind }) => (kind === 'exchange' ? { kind: 'status', status: 500 } : undefined);
  await aws.passMs(14 * minute);
  expect(await ask(keys)).toBe(200);
  await aws.passMs(2 * minute);
  await expect(ask(keys)).rejects.toMatchObject({ code: 'provider-down' });
  plan = () => undefined;
  expect(await ask(keys)).toBe(200);
});

test('a token that the provider takes no more is exchanged anew, once', async () => {
  await enable();
  const keys = open();
  await ask(keys);
  await aws.passMs(minute);
  for (const key of fakes.account('openai').keys) fakes.account('openai').revoke(key);
  await aws.passMs(10_000);
  expect(await ask(keys)).toBe(200);
  expect(exchanges()).toHaveLength(2);
});

test('what is wrong is said: the account, the role, the trust', async () => {
  const keys = open();
  await expect(keys.get('openai')).rejects.toThrow('aws iam enable-outbound-web-identity-federation');
  await enable();
  aws.rules.decide = ({ action }) =>
    action === 'sts:GetWebIdentityToken' ? { allowed: false, message: 'no' } : { allowed: true };
  await expect(keys.get('openai')).rejects.toThrow(/may not call sts:GetWebIdentityToken/);
  aws.rules.decide = () => ({ allowed: true });
  trust.enabled = false;
  await expect(keys.get('openai')).rejects.toThrow(
    /does not accept the AWS identity .* the subject arn:aws:iam::111111111111:role\/server/,
  );
  trust.enabled = true;
  expect(await keys.env()).toEqual({ OPENAI_API_KEY: expect.stringMatching(/.{20}/) });
});

test('settings that are none, and providers that accept no roles, are refused', async () => {
  const wrong = createKeys({ ...place, usage: 'none', federate: { openai: { identityProvider: 'x y' } } });
  await expect(wrong.get('openai')).rejects.toThrow('"identityProvider", "serviceAccount"');
  const other = createKeys({ ...place, usage: 'none', federate: { sendgrid: {} } });
  await expect(other.get('sendgrid')).rejects.toThrow('does not accept AWS roles');
});

test("a connector of a team's own gives tokens as Keyturn's own do, and only to the role that is trusted", async () => {
  await enable();
  const { webIdentity } = aws.model;
  const own = await startFakeProviders({
    clock: { now: () => aws.clock.now(), park: aws.passMs },
    identities: [webIdentity],
    dialects: [gatewayDialect],
  });
  globalThis.fetch = routedFetch(own.port, realFetch);
  try {
    const trusted = own.trust('gateway', {
      settings: { client: 'search' },
      issuer: webIdentity.issuer,
      subject: 'arn:aws:iam::111111111111:role/server',
    });
    const given = { ...place, usage: 'none', connectors: [gateway] } as const;
    const keys = createKeys({ ...given, federate: { gateway: { client: 'search' } } });
    const { status } = await keys.use('gateway', ({ secret }) => {
      const headers = { authorization: `Bearer ${secret}` };
      return fetch('https://models.example.com/v1/completions', { method: 'POST', headers, body: '{}' });
    });
    expect(status).toBe(200);
    expect(own.calls.filter(({ kind }) => kind === 'exchange')).toHaveLength(1);
    const others = createKeys({ ...given, federate: { gateway: { client: 'other' } } });
    await expect(others.get('gateway')).rejects.toThrow(/Model gateway does not accept .* the client other/);
    const wrong = createKeys({ ...given, federate: { gateway: {} } });
    await expect(wrong.get('gateway')).rejects.toThrow('settings of this Model gateway key are wrong');
    trusted.enabled = false;
    await expect(
      createKeys({ ...given, federate: { gateway: { client: 'search' } } }).get('gateway'),
    ).rejects.toMatchObject({ code: 'refused' });
    expect(own.violations).toEqual([]);
  } finally {
    await own.close();
  }
});
