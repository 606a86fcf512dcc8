import { bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { federation, federationEvidence, federationRoutes } from '../federations/openai';
import { retryAfter } from '../key-routes';

const adminKey = 'sk-admin-FAKESECRETissuer00000000';

const failure = (status: number, message: string, code: string | null = null): WireReply => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code } },
});
// The real one quotes part of the key, as this does.
const wrongKey = (call: WireCall) =>
  failure(401, `Incorrect API key provided: ${bearerOf(call)}.`, 'invalid_api_key');

/** Admin calls inside a project. */
function inProject(answer: (call: WireCall, account: FakeAccount, project: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (bearerOf(call) !== adminKey) return wrongKey(call);
    const { project = '' } = call.params;
    return account.hasPlace(project)
      ? answer(call, account, project)
      : failure(404, `Project ${project} not found`);
  };
}

function page(call: WireCall, account: FakeAccount, items: { id: string }[]): WireReply {
  const start = items.findIndex(({ id }) => id === call.query.get('after')) + 1;
  const size = Math.min(Number(call.query.get('limit') ?? 20), account.pageSize);
  const data = items.slice(start, start + size);
  const ends = { first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return { status: 200, body: { object: 'list', data, ...ends, has_more: start + size < items.length } };
}

const serviceAccount = (key: FakeKey) => ({
  object: 'organization.project.service_account',
  id: key.id,
  name: key.name,
  role: 'member',
  created_at: unixSeconds(key.createdAt),
});

const guide = 'docs 2026-11-28 https://platform.openai.com/docs/guides/error-codes';
const lacking =
  'You have insufficient permissions for this operation. Missing scopes: api.model.read. Check that you have the correct role in your organization.';

export const openai: Dialect = {
  provider: 'openai',
  evidence: [
    'openapi 2026-11-28 https://github.com/openai/openai-openapi openapi.json, API 2.3.0: /organization/projects/{project_id}/service_accounts and api_keys, /models',
    'seen 2026-11-28 the answer 404 to deleting what is gone, and the body of a 401, are corroborated by third parties only',
    'seen 2026-11-17 expires_in_seconds and expires_at, in a third-party copy of the reference: sent only where the settings say so',
    ...federationEvidence,
  ],
  federation,
  described: {
    files: ['openai.json'],
    known: [
      [
        'DELETE /v1/organization/projects/proj_support/service_accounts/0000: answer 404 is not described',
        'no failures are',
      ],
      ['GET /v1/models: answer 401 is not described', 'no failures are'],
    ],
  },
  sample: { settings: { project: 'proj_support' }, scopes: [] },
  origins: () => ['https://api.openai.com'],
  place: settings => String(settings.project),
  issuer: () => ({ adminKey }),
  delays: { createMs: 2_000, revokeMs: 5_000 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Rate limit reached', 'rate_limit_exceeded'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...federationRoutes({ adminKey, wrongKey, page }),
    {
      kind: 'create',
      method: 'POST',
      path: '/v1/organization/projects/{project}/service_accounts',
      answer: inProject((call, account, place) => {
        const name = call.json.name as string | undefined;
        if (!name) return failure(400, 'Missing required parameter: name');
        const limits = account.registered.filter(({ project }) => project === place);
        const limit = limits.find(({ maxKeyDays }) => maxKeyDays)?.maxKeyDays as number | undefined;
        const seconds = call.json.expires_in_seconds as number | undefined;
        if (limit && !(seconds && seconds <= limit * 86_400))
          return failure(400, 'expires_in_seconds is required and must be within the organization limit');
        const expires_at = seconds ? unixSeconds(account.now()) + seconds : null;
        const secret = `sk-svcacct-${account.freshSecret(40)}T3BlbkFJ${account.fresh(20)}`;
        const key = account.add({ id: `svc_acct_${account.fresh(16)}`, place, name, secret });
        key.details.keyId = `key_${account.fresh(16)}`;
        const api_key = {
          object: 'organization.project.service_account.api_key',
          id: key.details.keyId,
          name: 'Secret Key',
          value: secret,
          created_at: unixSeconds(key.createdAt),
          ...(expires_at && { expires_at }),
        };
        if (expires_at) key.expiresAt = new Date(expires_at * 1000);
        return { status: 200, body: { ...serviceAccount(key), api_key }, key };
      }),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/v1/organization/projects/{project}/service_accounts',
      answer: inProject((call, account, place) =>
        page(call, account, account.present(place).map(serviceAccount)),
      ),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/v1/organization/projects/{project}/api_keys',
      answer: inProject((call, account, place) => {
        const keys = account.present(place).map(key => ({
          object: 'organization.project.api_key',
          id: String(key.details.keyId),
          name: 'Secret Key',
          redacted_value: 'sk-svcacct-********',
          created_at: unixSeconds(key.createdAt),
          last_used_at: key.lastUsedAt ? unixSeconds(key.lastUsedAt) : null,
          owner_project_access: 'active',
          owner: { type: 'service_account', service_account: serviceAccount(key) },
        }));
        return page(call, account, keys);
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/v1/organization/projects/{project}/service_accounts/{id}',
      answer: inProject((call, account, place) => {
        const key = account.find(place, call.params.id);
        if (!key) return failure(404, 'No such service account');
        account.revoke(key);
        return {
          status: 200,
          body: { object: 'organization.project.service_account.deleted', id: key.id, deleted: true },
          key,
        };
      }),
    },
    {
      kind: 'verify',
      method: 'GET',
      path: '/v1/models',
      answer: (call, account) => {
        const key = account.enter(bearerOf(call));
        if (!key) return { ...wrongKey(call), key: account.ownerOf(bearerOf(call)) };
        const model = { id: 'gpt-5-mini', object: 'model', created: 1_754_000_000, owned_by: 'openai' };
        return { status: 200, body: { object: 'list', data: [model] }, key };
      },
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/v1/responses',
      answer: (call, account) => {
        const key = account.enter(bearerOf(call));
        if (!key) return { ...wrongKey(call), key: account.ownerOf(bearerOf(call)) };
        return {
          status: 200,
          body: { id: `resp_${account.fresh(16)}`, object: 'response', status: 'completed', output: [] },
          key,
        };
      },
    },
  ],
  verifyAnswers: [
    [
      'an unknown key',
      'rejected',
      failure(
        401,
        'Incorrect API key provided: sk-svc***. You can find your API key at https://platform.openai.com/account/api-keys.',
        'invalid_api_key',
      ),
      guide,
    ],
    [
      'a restricted key that lacks the scope',
      'accepted',
      failure(401, lacking),
      'seen 2026-11-28 https://github.com/microsoft/PowerToys/issues/32989',
    ],
    [
      'a restricted key that lacks the scope, as others were told',
      'accepted',
      failure(403, lacking),
      'seen by third parties 2026-11-28',
    ],
    [
      'an answer that contradicts itself',
      'unknown',
      failure(401, lacking, 'invalid_api_key'),
      'made up: proxies rewrite codes',
    ],
    [
      'a key that calls from outside the IP allowlist',
      'unknown',
      failure(401, 'Your IP address is not authorized for this project.', 'ip_not_authorized'),
      guide,
    ],
    [
      'a key whose owner left the organization',
      'unknown',
      failure(401, 'You must be a member of an organization to use the API.'),
      guide,
    ],
    [
      'a key of an account that was deactivated',
      'unknown',
      failure(
        401,
        'The OpenAI account associated with this API key has been deactivated.',
        'account_deactivated',
      ),
      'seen by third parties 2026-11-28',
    ],
    [
      'a key of a project in another region',
      'unknown',
      failure(401, 'Attempted to access resource with incorrect regional hostname.', 'incorrect_hostname'),
      'seen by third parties 2026-11-28',
    ],
    [
      'a key in a country that is not served',
      'unknown',
      failure(403, 'Country, region, or territory not supported', 'unsupported_country_region_territory'),
      guide,
    ],
    [
      'a key whose account owes',
      'unknown',
      failure(
        429,
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
      ),
      guide,
    ],
  ],
  use: value => ({
    url: 'https://api.openai.com/v1/responses',
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-mini', input: 'Is order 17 paid?' }),
  }),
};
