import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { keyedRoute, retryAfter } from '../key-routes';

const issuerToken = 'FAKESECRETissuer000000000000000000000000';
const userId = '6a1f1d3e-0000-4000-8000-00000000000a';

const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { errors: [{ message, extensions: { code } }] },
});
const unknown = () => failure(401, 'INVALID_CREDENTIALS', 'Invalid user credentials.');
const forbidden = () =>
  failure(403, 'FORBIDDEN', "You don't have permission to access this. Or it doesn't exist.");
const source =
  'source 2026-11-29 https://github.com/directus/directus api/src/utils/get-accountability-for-token.ts';

export const directus: Dialect = {
  provider: 'directus',
  evidence: [
    'recorded 2026-11-28 a server of directus 12.4.0 on PostgreSQL: every call and answer here, and that old tokens end at once; on 2026-11-30 again, by test/connectors/real-servers/directus.test.ts',
    `${source}: a static token counts for a user with the status active`,
    'memory 2026-11-29 how it answers when its limit of calls is reached, which is off unless somebody sets it',
  ],
  sample: { settings: { host: 'directus.acme.example.com', userId }, scopes: [] },
  origins: settings => [`https://${settings.host}`],
  place: settings => `https://${settings.host}/${settings.userId}`,
  issuer: settings => ({ host: String(settings.host), token: issuerToken }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  capacity: 1,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'REQUESTS_EXCEEDED', 'Too many requests, retry after 1s.'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'install',
      method: 'PATCH',
      path: '/users/{user}',
      answer(call, account) {
        if (bearerOf(call) !== issuerToken) return unknown();
        const place = `${call.origin}/${call.params.user}`;
        // It tells nobody which users there are.
        if (!account.hasPlace(place)) return forbidden();
        const { token: secret } = call.json as { token?: string };
        if (!secret || secret.length > 255) return failure(400, 'INVALID_PAYLOAD', 'Invalid payload.');
        if (account.keys.some(key => key.secret === secret && key.place !== place && !key.revokedAt))
          return failure(400, 'RECORD_NOT_UNIQUE', 'Value for field "token" has to be unique.');
        const present = account.present(place);
        const same = present.find(key => key.secret === secret);
        for (const key of present) if (key !== same) account.revoke(key);
        const key = same ?? account.add({ id: String(call.params.user), place, secret });
        return { status: 200, body: { data: { id: call.params.user } }, key };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/users/me',
      secretOf: bearerOf,
      refused: unknown(),
      answer: ({ id }) => ({ status: 200, body: { data: { id } } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/items/orders',
      secretOf: bearerOf,
      refused: unknown(),
      answer: () => ({ status: 200, body: { data: [{ id: 17, status: 'paid' }] } }),
    }),
  ],
  verifyAnswers: [
    ['a token that was replaced, or that of a suspended user', 'rejected', unknown(), source],
    [
      'another user',
      'unknown',
      { status: 200, body: { data: { id: '6a1f1d3e-0000-4000-8000-00000000000b' } } },
      'recorded 2026-11-28 directus 12.4.0',
    ],
    [
      'nobody: the server takes calls of the public, and the token did not reach it',
      'unknown',
      forbidden(),
      'recorded 2026-11-28 directus 12.4.0',
    ],
    [
      'a session that has ended',
      'unknown',
      failure(401, 'TOKEN_EXPIRED', 'Token expired.'),
      'docs 2026-11-29 https://directus.io/docs/guides/connect/errors',
    ],
    [
      'an address that is not allowed',
      'unknown',
      failure(401, 'INVALID_IP', 'Invalid IP address.'),
      'docs 2026-11-29 https://directus.io/docs/guides/connect/errors',
    ],
    ['a proxy that wants a login', 'unknown', { status: 401, body: 'Unauthorized\n' }, 'memory 2026-11-29'],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/items/orders`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
