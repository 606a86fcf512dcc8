import type { Dialect, WireCall, WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { retryAfter } from '../key-routes';

const adminKey = 'FAKESECRETalgoliaadmin0000000000';

const failure = (status: number, message: string): WireReply => ({ status, body: { message, status } });
const unknown = () => failure(403, 'Invalid Application-ID or API key');
const placeOf = (application: unknown) => String(application).toLowerCase();
const credential = ({ headers }: WireCall) => ({
  place: placeOf(headers['x-algolia-application-id']),
  key: headers['x-algolia-api-key'],
});

/** Calls with the admin key of an application that is there. */
function asAdmin(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    const { place, key } = credential(call);
    return key === adminKey && account.hasPlace(place) ? answer(call, account, place) : unknown();
  };
}

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const {
    acl,
    description = '',
    validity = 0,
  } = call.json as {
    acl?: string[];
    description?: string;
    validity?: number;
  };
  if (!acl?.length) return failure(400, 'acl is required');
  const secret = account.fresh(32, '0123456789abcdef');
  const key = account.add({ id: secret, place, name: description, scopes: acl, secret });
  if (validity) key.expiresAt = new Date(account.now().getTime() + validity * 1000);
  return { status: 200, body: { key: secret, createdAt: key.createdAt.toISOString() }, key };
}

const search =
  'openapi 2026-11-28 https://github.com/algolia/api-clients-automation specs/bundled/search.yml';

export const algolia: Dialect = {
  provider: 'algolia',
  evidence: [
    `${search}: /1/keys`,
    'seen 2026-11-29 https://github.com/algolia/docsearch/issues/1261 and https://github.com/corda/corda-docs-portal/pull/1082: the words for a key that was deleted',
    'memory 2026-11-28 how long news of a key takes: 2 s and 10 s here',
  ],
  sample: { settings: { applicationId: 'ACMEAPP123', indexes: ['products'] }, scopes: ['search', 'browse'] },
  origins: settings => [`https://${placeOf(settings.applicationId)}.algolia.net`],
  place: settings => placeOf(settings.applicationId),
  issuer: settings => ({ applicationId: String(settings.applicationId), adminKey }),
  delays: { createMs: 2_000, revokeMs: 10_000 },
  pageSize: 1_000,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Too Many Requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    { kind: 'create', method: 'POST', path: '/1/keys', answer: asAdmin(create) },
    {
      kind: 'list',
      method: 'GET',
      path: '/1/keys',
      answer: asAdmin((_call, account, place) => {
        // In clear, secrets and all.
        const keys = account.present(place).map(({ secret, name, scopes, createdAt }) => ({
          value: secret,
          createdAt: Math.floor(createdAt.getTime() / 1000),
          acl: scopes,
          description: name,
          validity: 0,
        }));
        return { status: 200, body: { keys } };
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/1/keys/{key}',
      answer: asAdmin((call, account, place) => {
        const key = account.find(place, call.params.key);
        if (!key) return failure(404, 'Key does not exist');
        account.revoke(key);
        return { status: 200, body: { deletedAt: account.now().toISOString() }, key };
      }),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/1/keys/{key}',
      when: call => credential(call).key === adminKey,
      answer: asAdmin((call, account, place) => {
        const key = account.find(place, call.params.key);
        return key && account.accepts(key)
          ? { status: 200, body: { acl: key.scopes, description: key.name }, key }
          : failure(404, 'Key does not exist');
      }),
    },
    {
      kind: 'verify',
      method: 'GET',
      path: '/1/keys/{key}',
      answer: (call, account) => {
        const { place, key: given } = credential(call);
        const key = account.enter(given);
        if (key?.place !== place || call.params.key !== given)
          return { ...unknown(), key: account.ownerOf(given) };
        const { createdAt, scopes: acl } = key;
        return { status: 200, body: { createdAt: createdAt.getTime(), acl, description: '<redacted>' }, key };
      },
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/1/indexes/{index}/query',
      answer: (call, account) => {
        const { place, key: given } = credential(call);
        const key = account.enter(given);
        if (key?.place !== place) return { ...unknown(), key: account.ownerOf(given) };
        return key.scopes.includes('search')
          ? { status: 200, body: { hits: [], nbHits: 0 }, key }
          : { ...failure(403, 'Method not allowed with this API key'), key };
      },
    },
  ],
  namesKeysBySecret: true,
  verifyAnswers: [
    [
      'a key that was deleted, or is of another application',
      'rejected',
      unknown(),
      'seen 2026-11-29 https://github.com/algolia/docsearch/issues/1261',
    ],
    [
      'a key that lacks a right',
      'unknown',
      failure(403, 'Method not allowed with this API key'),
      'seen 2026-11-29 https://github.com/ji-devs/ji-cloud/issues/2868',
    ],
    [
      'a key whose referers do not include this one',
      'unknown',
      failure(403, 'Method not allowed with this referer'),
      'memory 2026-11-29',
    ],
    [
      'an application that is blocked',
      'unknown',
      failure(403, 'This application is blocked'),
      'memory 2026-11-29',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${placeOf(settings.applicationId)}.algolia.net/1/indexes/products/query`,
    method: 'POST',
    headers: {
      'x-algolia-application-id': String(value.applicationId),
      'x-algolia-api-key': value.secret,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: 'boots' }),
  }),
};
