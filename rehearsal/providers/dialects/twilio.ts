import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes, pageFrom, retryAfter } from '../key-routes';

const issuerSid = `SK${'0'.repeat(32)}`;
const issuerSecret = 'FAKESECRETissuer0000000000000000';
const accountSid = 'AC0123456789abcdef0123456789abcdef';

const failure = (status: number, code: number, message: string): WireReply => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});
const isIssuer = (call: WireCall) => basicOf(call)?.password === issuerSecret;
const lacks = (permission: string) =>
  failure(401, 70051, `Authorization Error: required permission ${permission} is missing`);
const unknown = () => failure(401, 20003, 'Authenticate');
const may = ({ scopes }: FakeKey, permission: string) =>
  scopes.some(scope => scope === 'all' || scope === `/${permission}`);

const errors = 'docs 2026-11-28 https://www.twilio.com/docs/api/errors/20003';

export const twilio: Dialect = {
  provider: 'twilio',
  evidence: [
    'openapi 2026-11-28 https://github.com/twilio/twilio-oai spec/json/twilio_iam_v1.json: /v1/Keys; twilio_api_v2010.json: Messages.json',
    'docs 2026-11-28 https://www.twilio.com/docs/iam/api-keys/restricted-api-keys and /docs/iam/api-keys/key-resource-v1',
    'seen 2026-11-29 answers to keys that lack a permission (401, code 70051), and names of at most 64 characters',
    'memory 2026-11-28 that a key that is gone is 404 to a deletion',
  ],
  sample: {
    settings: { accountSid },
    scopes: ['/twilio/messaging/messages/create', '/twilio/messaging/messages/read'],
  },
  origins: () => ['https://iam.twilio.com', 'https://api.twilio.com'],
  place: settings => String(settings.accountSid),
  issuer: () => ({ sid: issuerSid, secret: issuerSecret }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 20429, 'Too Many Requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/v1/Keys',
      refuse: call => (isIssuer(call) ? undefined : unknown()),
      place: (call, account) =>
        call.form.get('AccountSid') ??
        call.query.get('AccountSid') ??
        account.keys.find(({ id }) => id === call.params.id)?.place ??
        '',
      create,
      list(keys, call, account) {
        const start = Number(call.query.get('Page') ?? 0) * account.pageSize;
        const { page, hasMore } = pageFrom(keys, start, account.pageSize);
        const query = `PageSize=${account.pageSize}&Page=${start / account.pageSize + 1}&PageToken=PT${page.at(-1)?.id}`;
        return {
          status: 200,
          body: {
            keys: page.map(told),
            meta: {
              key: 'keys',
              next_page_url: hasMore ? `https://iam.twilio.com/v1/Keys?${query}` : null,
            },
          },
        };
      },
      revoked: () => ({ status: 204 }),
      missing: id => failure(404, 20404, `The requested resource /v1/Keys/${id} was not found`),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/2010-04-01/Accounts/{account}/Messages.json',
      secretOf: call => basicOf(call)?.password,
      refused: unknown(),
      issuer: call => (isIssuer(call) ? { status: 200, body: { messages: [], page: 0 } } : undefined),
      answer: key =>
        may(key, 'twilio/messaging/messages/list')
          ? { status: 200, body: { messages: [], page: 0 } }
          : lacks('twilio/messaging/messages/list'),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/2010-04-01/Accounts/{account}/Messages.json',
      secretOf: call => basicOf(call)?.password,
      refused: unknown(),
      answer: key =>
        may(key, 'twilio/messaging/messages/create')
          ? { status: 201, body: { sid: 'SM0', status: 'queued' } }
          : lacks('twilio/messaging/messages/create'),
    }),
  ],
  verifyAnswers: [
    ['a deleted key, one of another region, or one of a suspended account', 'denied', unknown(), errors],
    [
      'a key that is none',
      'denied',
      failure(401, 20003, 'Authentication Error - invalid username'),
      'seen by third parties 2026-11-28',
    ],
    [
      'a restricted key that may not list messages',
      'accepted',
      lacks('twilio/messaging/messages/list'),
      'seen 2026-11-29 in answers to keys that may only read',
    ],
    [
      'a key of an account that was not found, or is suspended',
      'unknown',
      failure(401, 70051, 'Authorization Failed'),
      'docs 2026-11-29 https://www.twilio.com/docs/api/errors/70051',
    ],
    [
      'a request whose credentials a proxy removed',
      'unknown',
      failure(401, 20003, 'Authentication Error - No credentials provided'),
      errors,
    ],
    [
      'a suspended account',
      'unknown',
      failure(403, 20403, '403 Forbidden'),
      'docs 2026-11-29 https://www.twilio.com/docs/api/errors/20403',
    ],
    [
      'credentials for tests',
      'unknown',
      failure(403, 20008, 'Resource not accessible with Test Account Credentials'),
      'docs 2026-11-29 https://www.twilio.com/docs/api/errors/20008',
    ],
  ],
  use: (value, settings) => ({
    url: `https://api.twilio.com/2010-04-01/Accounts/${settings.accountSid}/Messages.json`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.keyId}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'To=%2B15550100&From=%2B15550101&Body=Your+order+is+on+its+way',
  }),
};

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const name = call.form.get('FriendlyName') ?? '';
  if (!account.hasPlace(place)) return failure(400, 20001, 'AccountSid is required');
  if (name.length > 64) return failure(400, 70001, 'The request has constraint violations');
  const policy =
    call.form.get('KeyType') === 'restricted' ? JSON.parse(call.form.get('Policy') ?? '{}') : null;
  const key = account.add({
    id: `SK${account.fresh(32, '0123456789abcdef')}`,
    place,
    name,
    scopes: policy?.allow ?? ['all'],
    secret: account.freshSecret(32),
  });
  return { status: 201, body: { ...told(key), secret: key.secret, policy }, key };
}

function told({ id, name, createdAt }: FakeKey) {
  return {
    sid: id,
    friendly_name: name,
    date_created: createdAt.toUTCString(),
    date_updated: createdAt.toUTCString(),
  };
}
