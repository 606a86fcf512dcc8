import type { Dialect, WireCall, WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const issuer = { clientId: 'keyturnServiceAccount', clientSecret: 'FAKESECRETpineconeissuer00000000' };
const [api, login] = ['https://api.pinecone.io', 'https://login.pinecone.io'];

const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { error: { code, message }, status },
});
const invalidKey = () => failure(401, 'UNAUTHENTICATED', 'Invalid API key.');

/** Admin calls, which carry the token of a service account and state the version of the API. */
function asAdmin(answer: (call: WireCall, account: FakeAccount) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!call.headers['x-pinecone-api-version']) return failure(400, 'INVALID_ARGUMENT', 'Missing version');
    if (!hasIssuerToken(call, account)) return failure(401, 'UNAUTHENTICATED', 'Invalid access token.');
    return answer(call, account);
  };
}

const shown = ({ id, name, place, scopes }: FakeKey) => ({ id, name, project_id: place, roles: scopes });

const description = 'description 2026-11-28 https://github.com/pinecone-io/pinecone-api 2026-04';

export const pinecone: Dialect = {
  provider: 'pinecone',
  evidence: [
    'openapi 2026-11-28 https://github.com/pinecone-io/pinecone-api 2026-04/admin_2026-04.oas.yaml, oauth_2026-04.oas.yaml and db_control_2026-04.oas.yaml',
    'seen 2026-11-28 the text of a 401, by third parties',
    'memory 2026-11-28 how long a deletion takes: 10 s here',
  ],
  sample: { settings: { projectId: '32c8235a-5220-4a80-a9f1-69c24109e6f2' }, scopes: ['ProjectViewer'] },
  origins: () => [api, login],
  place: settings => String(settings.projectId),
  issuer: () => issuer,
  delays: { createMs: 2_000, revokeMs: 10_000 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'RESOURCE_EXHAUSTED', 'Too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: '/oauth/token',
      when: ({ origin }) => origin === login,
      answer: ({ form }, account) =>
        form.get('client_id') === issuer.clientId &&
        form.get('client_secret') === issuer.clientSecret &&
        form.get('audience') === `${api}/`
          ? issuerToken(account, 1800)
          : { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } },
    },
    {
      kind: 'create',
      method: 'POST',
      path: '/admin/projects/{project}/api-keys',
      answer: asAdmin((call, account) => {
        const { name, roles = ['ProjectEditor'] } = call.json as { name?: string; roles?: string[] };
        const { project = '' } = call.params;
        if (!account.hasPlace(project)) return failure(404, 'NOT_FOUND', 'Project not found');
        if (!name || name.length > 80) return failure(400, 'INVALID_ARGUMENT', 'Invalid name');
        const secret = `pcsk_${account.fresh(5)}_${account.freshSecret(63)}`;
        const key = account.add({ id: account.fresh(36), place: project, name, scopes: roles, secret });
        return { status: 201, body: { key: shown(key), value: secret }, key };
      }),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/admin/projects/{project}/api-keys',
      answer: asAdmin(({ params: { project = '' } }, account) =>
        account.hasPlace(project)
          ? { status: 200, body: { data: account.present(project).map(shown) } }
          : failure(404, 'NOT_FOUND', 'Project not found'),
      ),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/admin/api-keys/{id}',
      answer: asAdmin((call, account) => {
        const key = account.keys.find(({ id, revokedAt }) => id === call.params.id && !revokedAt);
        if (!key) return failure(404, 'NOT_FOUND', 'API key not found');
        account.revoke(key);
        return { status: 202, key };
      }),
    },
    ...(['verify', 'use'] as const).map(kind => ({
      kind,
      method: 'GET',
      path: kind === 'verify' ? '/indexes' : '/indexes/{name}',
      answer: (call: WireCall, account: FakeAccount): WireReply => {
        const given = call.headers['api-key'];
        const key = account.enter(given);
        if (!key) return { ...invalidKey(), key: account.ownerOf(given) };
        return { status: 200, body: kind === 'verify' ? { indexes: [] } : { name: call.params.name }, key };
      },
    })),
  ],
  verifyAnswers: [
    ['a key that was deleted', 'rejected', invalidKey(), 'corroborated 2026-11-28'],
    [
      'a key with a role for data alone',
      'unknown',
      failure(403, 'FORBIDDEN', 'Insufficient permissions'),
      `${description}/db_control_2026-04.oas.yaml names the status, not the words`,
    ],
    [
      'a request without a key',
      'unknown',
      failure(401, 'UNAUTHENTICATED', 'Missing API key.'),
      'general knowledge',
    ],
    [
      'a key of an organization that is suspended',
      'unknown',
      failure(403, 'FORBIDDEN', 'The organization is suspended'),
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${api}/indexes/docs`,
    method: 'GET',
    headers: { 'api-key': value.secret, 'x-pinecone-api-version': '2026-04' },
  }),
};
