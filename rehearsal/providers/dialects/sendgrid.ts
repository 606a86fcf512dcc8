import { bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';

const issuerKey = ['SG', 'FAKESECRETissuer00000', 'FAKESECRETissuer000000000000000000000000000'].join('.');
/** What Keyturn needs, and what its keys get: a key grants only scopes that it has. */
const issuerScopes = ({ planned }: FakeAccount) => [
  ...new Set(['api_keys.create', 'api_keys.read', 'api_keys.delete', ...planned]),
];
/** Of an account; whoever plans more has had it raised. */
const quotaOf = ({ registered }: FakeAccount) => Math.max(100, 2 * registered.length);

const failure = (status: number, message: string): WireReply => ({
  status,
  body: { errors: [{ message, field: null }] },
});
const denied = () => failure(401, 'The provided authorization grant is invalid, expired, or revoked');
const unlessIssuer = (call: WireCall) => (bearerOf(call) === issuerKey ? undefined : denied());

const support =
  'docs 2026-11-28 https://support.sendgrid.com/hc/en-us/articles/18322114821403-4XX-API-Errors-and-Troubleshooting-Suggestions';

export const sendgrid: Dialect = {
  provider: 'sendgrid',
  evidence: [
    'openapi 2026-11-28 https://github.com/twilio/sendgrid-oai spec/json/tsg_api_keys_v3.json and tsg_scopes_v3.json',
    'docs 2026-11-28 https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits',
    'seen 2026-11-28 scopes that every key gets unasked: https://github.com/kenzo0107/terraform-provider-sendgrid/pull/118',
    'docs 2026-11-28 a "small propagation delay" after a revocation is documented, its length is not: 3 s here',
  ],
  described: { files: ['sendgrid.json', 'sendgrid-scopes.json'], known: [] },
  sample: { settings: {}, scopes: ['mail.send', 'templates.read'] },
  origins: settings => [
    settings.region === 'eu' ? 'https://api.eu.sendgrid.com' : 'https://api.sendgrid.com',
  ],
  place: () => 'account',
  issuer: () => ({ apiKey: issuerKey }),
  delays: { createMs: 0, revokeMs: 3_000 },
  pageSize: 100,
  allows: { calls: 600, seconds: 60 },
  tooMany: (_now, resetAt) => ({
    ...failure(429, 'too many requests'),
    headers: {
      'x-ratelimit-limit': '600',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(unixSeconds(resetAt)),
    },
  }),
  routes: [
    {
      kind: 'create',
      method: 'POST',
      path: '/v3/api_keys',
      answer: (call, account) => unlessIssuer(call) ?? create(call, account),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/v3/api_keys',
      answer: (call, account) => {
        const keys = account.present('account').slice(0, Number(call.query.get('limit') ?? 100));
        return (
          unlessIssuer(call) ?? {
            status: 200,
            body: { result: keys.map(({ id, name }) => ({ api_key_id: id, name })) },
          }
        );
      },
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/v3/api_keys/{id}',
      answer: (call, account) => {
        const refused = unlessIssuer(call);
        if (refused) return refused;
        const key = account.find('account', call.params.id);
        if (!key) return failure(404, 'unable to find api key');
        account.revoke(key);
        return { status: 204, key };
      },
    },
    {
      kind: 'verify',
      method: 'GET',
      path: '/v3/scopes',
      answer: (call, account) => {
        if (bearerOf(call) === issuerKey) return { status: 200, body: { scopes: issuerScopes(account) } };
        const key = account.enter(bearerOf(call));
        return key
          ? { status: 200, body: { scopes: key.scopes }, key }
          : { ...denied(), key: account.ownerOf(bearerOf(call)) };
      },
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/v3/mail/send',
      answer: (call, account) => {
        const key = account.enter(bearerOf(call));
        if (!key) return { ...denied(), key: account.ownerOf(bearerOf(call)) };
        return key.scopes.includes('mail.send')
          ? { status: 202, key }
          : { ...failure(403, 'access forbidden'), key };
      },
    },
  ],
  verifyAnswers: [
    [
      'a deleted key, one whose permissions were changed, or one of a suspended account',
      'denied',
      denied(),
      support,
    ],
    [
      'a key whose account has used up its credits',
      'unknown',
      failure(401, 'Maximum credits exceeded'),
      support,
    ],
    [
      'a request without the header',
      'unknown',
      failure(401, 'authorization required'),
      'corroborated 2026-11-28',
    ],
    [
      'a key that lacks a scope, or calls from an address that is not allowed',
      'unknown',
      failure(403, 'access forbidden'),
      'docs 2026-11-28 https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors',
    ],
    [
      'an address with too many bad requests',
      'unknown',
      failure(403, 'too many bad requests'),
      'docs 2026-11-28 https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits',
    ],
    ['a key of another region, without words', 'unknown', { status: 401 }, 'general knowledge'],
  ],
  use: (value, settings) => ({
    url: `${sendgrid.origins(settings)[0]}/v3/mail/send`,
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: { email: 'bot@example.com' },
      personalizations: [{ to: [{ email: 'user@example.com' }] }],
    }),
  }),
};

function create(call: WireCall, account: FakeAccount): WireReply {
  const { name, scopes } = call.json as { name?: string; scopes?: string[] };
  if (!name) return failure(400, 'missing required argument');
  if (account.present('account').length >= quotaOf(account))
    return failure(403, 'Cannot create more than 100 API Keys');
  const id = account.fresh(22);
  // Left out, scopes mean all of them.
  const granted = [
    ...(scopes ?? ['mail.send', 'templates.read', 'api_keys.create']),
    'sender_verification_eligible',
    '2fa_required',
  ];
  const key = account.add({
    id,
    place: 'account',
    name,
    scopes: granted,
    secret: `SG.${id}.${account.freshSecret(43)}`,
  });
  return { status: 201, body: { api_key: key.secret, api_key_id: id, name, scopes: granted }, key };
}
