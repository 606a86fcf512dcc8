import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { retryAfter } from '../key-routes';

const issuerToken = 'cfut_FAKESECRETissuer0000000000000000000000000000000';
const zone = 'FAKEZONE'.toLowerCase().padEnd(32, '0');

const success = (result: unknown, rest = {}): WireReply => ({
  status: 200,
  body: { success: true, errors: [], messages: [], result, ...rest },
});
const failure = (status: number, code: number, message: string): WireReply => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});
const invalid = () => failure(401, 1000, 'Invalid API Token');

const placeOf = (call: WireCall) => (call.params.account ? `accounts/${call.params.account}` : 'user');

function byIssuer(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (bearerOf(call) !== issuerToken) return invalid();
    return account.hasPlace(placeOf(call))
      ? answer(call, account, placeOf(call))
      : failure(403, 9109, 'Unauthorized to access requested resource');
  };
}

const shown = (key: FakeKey) => ({
  id: key.id,
  name: key.name,
  status: key.active ? 'active' : 'disabled',
  issued_on: key.createdAt.toISOString(),
  modified_on: key.createdAt.toISOString(),
  ...(key.lastUsedAt && { last_used_on: key.lastUsedAt.toISOString() }),
  ...(key.details.expires_on ? { expires_on: key.details.expires_on } : {}),
  policies: key.details.policies,
});

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const { name, policies, expires_on } = call.json as {
    name?: string;
    policies?: { permission_groups?: unknown[] }[];
    expires_on?: string;
  };
  if (expires_on !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(expires_on))
    return failure(400, 1001, 'Invalid expires_on');
  if (!name || name.length > 120) return failure(400, 1001, 'Invalid token name');
  if (!policies?.length || !policies.every(policy => policy.permission_groups?.length))
    return failure(400, 1001, 'At least one policy is required');
  if (account.present(place).length >= (place === 'user' ? 50 : 500))
    return failure(400, 1015, 'Maximum number of tokens reached');
  const kept = policies.map(policy => ({ id: account.fresh(32, '0123456789abcdef'), ...policy }));
  const secret = `${place === 'user' ? 'cfut' : 'cfat'}_${account.freshSecret(40)}${account.fresh(8, '0123456789abcdef')}`;
  const key = account.add({
    id: account.fresh(32, '0123456789abcdef'),
    place,
    name,
    secret,
    details: { policies: kept, expires_on },
  });
  return { ...success({ ...shown(key), value: secret }), key };
}

function list(call: WireCall, account: FakeAccount, place: string): WireReply {
  const keys = account.present(place);
  const per_page = Math.min(Number(call.query.get('per_page') ?? 20), account.pageSize);
  const page = Number(call.query.get('page') ?? 1);
  const result = keys.slice((page - 1) * per_page, page * per_page).map(shown);
  return success(result, { result_info: { page, per_page, count: result.length, total_count: keys.length } });
}

function revoke(call: WireCall, account: FakeAccount, place: string): WireReply {
  const key = account.find(place, call.params.id);
  if (!key) return failure(404, 1003, 'Token not found');
  account.revoke(key);
  return { ...success({ id: key.id }), key };
}

function verify(call: WireCall, account: FakeAccount): WireReply {
  if (bearerOf(call) === issuerToken) return success({ id: 'issuer', status: 'active' });
  const key = account.enter(bearerOf(call));
  // A token of an account is unknown where tokens of users are verified, and the other way round.
  if (key?.place !== placeOf(call)) return { ...invalid(), key: account.ownerOf(bearerOf(call)) };
  const messages = [{ code: 10000, message: 'This API Token is valid and active' }];
  return { ...success({ id: key.id, status: 'active' }, { messages }), key };
}

const schemas = 'description 2026-11-28 https://github.com/cloudflare/api-schemas openapi.json';

export const cloudflare: Dialect = {
  provider: 'cloudflare',
  evidence: [
    'openapi 2026-11-28 https://github.com/cloudflare/api-schemas openapi.json: /user/tokens; tokens of accounts: https://github.com/cloudflare/cloudflare-typescript src/resources/accounts/tokens',
    'docs 2026-11-28 https://developers.cloudflare.com/fundamentals/api/reference/limits/ and /fundamentals/api/get-started/account-owned-tokens/',
    'memory 2026-11-28 codes 1000 and 1003 are general knowledge; no propagation delay is documented: 2 s here',
  ],
  described: {
    files: ['cloudflare.json'],
    settings: {
      owner: 'user',
      policies: [
        {
          effect: 'allow',
          resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
          permission_groups: [{ id: 'c8fed203ed3043cba015a93ad1616f1f' }],
        },
      ],
    },
    known: [
      [
        'DELETE /client/v4/user/tokens/0000: answer 404/success must be equal to one of the allowed values',
        'failures are described as successes and failures at once',
      ],
      [
        'GET /client/v4/user/tokens/verify: answer 401/success must be equal to one of the allowed values',
        'failures are described as successes and failures at once',
      ],
      [
        "POST /client/v4/user/tokens: request/policies/0 must have required property 'id'",
        'new policies are described with the id that only kept ones have',
      ],
      [
        'POST /client/v4/user/tokens: request/policies/0 must match exactly one schema in oneOf',
        'new policies are described with the id that only kept ones have',
      ],
    ],
  },
  sample: {
    settings: {
      owner: { account: '0123456789abcdef0123456789abcdef' },
      policies: [
        {
          effect: 'allow',
          resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
          permission_groups: [{ id: 'c8fed203ed3043cba015a93ad1616f1f' }],
        },
      ],
    },
    scopes: [],
  },
  origins: () => ['https://api.cloudflare.com'],
  place: settings =>
    settings.owner === 'user' ? 'user' : `accounts/${(settings.owner as { account: string }).account}`,
  issuer: () => ({ token: issuerToken }),
  delays: { createMs: 2_000, revokeMs: 2_000 },
  pageSize: 2,
  allows: { calls: 1_200, seconds: 300 },
  tooMany: (now, resetAt) => ({
    ...failure(429, 971, 'Please wait and consider throttling your request speed'),
    headers: {
      ...retryAfter(now, resetAt),
      'x-ratelimit-reset': resetAt.toUTCString(),
    },
  }),
  routes: [
    ...['/client/v4/user/tokens', '/client/v4/accounts/{account}/tokens'].flatMap(base => [
      { kind: 'verify' as const, method: 'GET', path: `${base}/verify`, answer: verify },
      { kind: 'create' as const, method: 'POST', path: base, answer: byIssuer(create) },
      { kind: 'list' as const, method: 'GET', path: base, answer: byIssuer(list) },
      { kind: 'revoke' as const, method: 'DELETE', path: `${base}/{id}`, answer: byIssuer(revoke) },
    ]),
    {
      kind: 'use',
      method: 'POST',
      path: '/client/v4/zones/{zone}/purge_cache',
      answer: (call, account) => {
        const key = account.enter(bearerOf(call));
        return key
          ? { ...success({ id: call.params.zone }), key }
          : { ...invalid(), key: account.ownerOf(bearerOf(call)) };
      },
    },
  ],
  verifyAnswers: [
    [
      'an unknown token',
      'rejected',
      invalid(),
      'general knowledge; seen 2026-11-28 https://github.com/jackluson/sync-your-cookie/issues/47',
    ],
    ['a token that was switched off', 'rejected', success({ id: '1', status: 'disabled' }), schemas],
    ['a token that has expired', 'rejected', success({ id: '1', status: 'expired' }), schemas],
    [
      'a token that calls from an address outside its filter',
      'unknown',
      failure(403, 9109, 'Cannot use the access token from location: 192.0.2.1'),
      'seen by third parties 2026-11-28',
    ],
    [
      'a token without the permission',
      'unknown',
      failure(403, 9109, 'Unauthorized to access requested resource'),
      'seen by third parties 2026-11-28',
    ],
    [
      'a token that may not be used yet',
      'unknown',
      failure(401, 1004, 'This API Token is not valid yet'),
      'general knowledge',
    ],
    [
      'a header that is malformed',
      'unknown',
      failure(400, 6003, 'Invalid request headers'),
      'seen 2026-11-28 https://github.com/putyourlightson/craft-cloudflare/issues/88',
    ],
    [
      'a request without the header',
      'unknown',
      failure(401, 1001, 'Missing "Authorization" header'),
      'seen 2026-11-28 https://github.com/kissgyorgy/cloudflare-dyndns/issues/40',
    ],
    [
      'a token whose calls are answered by a firewall',
      'unknown',
      {
        status: 403,
        headers: { 'content-type': 'text/html' },
        body: '<!DOCTYPE html><title>Attention Required! | Cloudflare</title>',
      },
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `https://api.cloudflare.com/client/v4/zones/${zone}/purge_cache`,
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ files: ['https://www.example.com/index.html'] }),
  }),
};
