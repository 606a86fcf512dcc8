import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { retryAfter } from '../key-routes';
import {
  hostAccount,
  isIssuer,
  issuerUser,
  later,
  lookAt,
  privateKey,
  table,
  typeOf,
} from '../snowflake-results';

const failure = (status: number, code: string, message: string, sqlState?: string): WireReply => ({
  status,
  body: {
    code,
    message,
    ...(sqlState && { sqlState, statementHandle: '01b66701-0000-0000-0000-000000000000' }),
  },
});
const invalidJwt = () =>
  failure(401, '390144', 'JWT token is invalid. [7fb87e37-2f26-4a10-9f9c-72276ea898bf]');
const invalidToken = () => failure(401, '394400', 'Programmatic access token is invalid.');
const missing = (what: string) =>
  failure(422, '002003', `SQL compilation error:\n${what} does not exist or not authorized.`, '02000');

const statementOf = (call: WireCall) => String(call.json.statement ?? '').trim();
const add =
  /^ALTER USER (\w+) ADD PROGRAMMATIC ACCESS TOKEN (\w+) ROLE_RESTRICTION = '(\w+)' DAYS_TO_EXPIRY = (\d+) COMMENT = '((?:[^'\\]|''|\\\\)*)'$/;
const show = /^SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER (\w+)$/;
const remove = /^ALTER USER (\w+) REMOVE PROGRAMMATIC ACCESS TOKEN (\w+|"(?:[^"]|"")+")$/;
const tokensAtMost = 15;
const dayMs = 86_400_000;

function asIssuer(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply, form: RegExp) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!isIssuer(call, account)) return invalidJwt();
    const [, user = ''] = form.exec(statementOf(call)) ?? [];
    const place = `${hostAccount(call)}/${user.toUpperCase()}`;
    return account.hasPlace(place) ? answer(call, account, place) : missing(`User '${user.toUpperCase()}'`);
  };
}

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const [, , token = '', role = '', days = '15', comment = ''] = add.exec(statementOf(call)) ?? [];
  if (Number(days) < 1 || Number(days) > 365)
    return failure(
      422,
      '001420',
      `SQL compilation error:\ninvalid value [${days}] for parameter 'DAYS_TO_EXPIRY'`,
      '22023',
    );
  if (account.find(place, token))
    return failure(422, '002002', `SQL compilation error:\nObject '${token}' already exists.`, '42710');
  if (account.present(place).length >= tokensAtMost)
    return failure(
      422,
      '394409',
      'The user has reached the maximum number of programmatic access tokens.',
      '22023',
    );
  const key = account.add({
    id: token,
    place,
    name: comment.replaceAll("''", "'").replaceAll('\\\\', '\\'),
    secret: account.freshSecret(180),
    details: { role },
  });
  key.expiresAt = new Date(account.now().getTime() + Number(days) * dayMs);
  return later(account, { ...table(['token_name', 'token_secret'], [[key.id, key.secret]]), key });
}

const seconds = (at: Date) => `${(at.getTime() / 1000).toFixed(9)} 1440`;
const columns = [
  'name',
  'user_name',
  'role_restriction',
  'expires_at',
  'status',
  'comment',
  'created_on',
  'created_by',
  'mins_to_bypass_network_policy_requirement',
  'rotated_to',
];

function row({ id, name, place, createdAt, expiresAt, details }: FakeKey, now: Date): (string | null)[] {
  const status = expiresAt && expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
  const end = expiresAt ? seconds(expiresAt) : null;
  const user = place.split('/')[1] ?? '';
  return [id, user, String(details.role), end, status, name, seconds(createdAt), issuerUser, null, null];
}

/** What the session of a token may see: its user, and the role that it was narrowed to. */
function session(call: WireCall, account: FakeAccount): WireReply {
  const key = typeOf(call) === 'PROGRAMMATIC_ACCESS_TOKEN' ? account.enter(bearerOf(call)) : undefined;
  const [own, user = ''] = key?.place.split('/') ?? [];
  if (!key || own !== hostAccount(call)) return { ...invalidToken(), key: account.ownerOf(bearerOf(call)) };
  const isWho = /CURRENT_USER\(\)/.test(statementOf(call));
  return isWho
    ? { ...table(['CURRENT_USER()', 'CURRENT_ROLE()'], [[user, String(key.details.role)]]), key }
    : { ...table(['STATUS'], [['paid']]), key };
}

const path = '/api/v2/statements';
const docs = 'docs 2026-11-28 https://docs.snowflake.com/en/user-guide/programmatic-access-tokens';

export const snowflake: Dialect = {
  provider: 'snowflake',
  awsValue: ({ keyId, secret }, { account, user }) => ({
    account: String(account),
    user: String(user),
    privateKey: 'made up: nobody signs with it here',
    patTokenName: keyId,
    patTokenValue: secret,
  }),
  evidence: [
    'openapi 2026-11-28 https://github.com/snowflakedb/snowflake-rest-api-specs specifications/sqlapi.yaml: /api/v2/statements, 200, 202 and 422',
    `${docs}: 15 tokens for a user, 1 to 365 days, one role, and no change of tokens in a session that began with one`,
    'docs 2026-11-28 https://docs.snowflake.com/en/sql-reference/sql/show-user-programmatic-access-tokens: columns',
    'seen 2026-11-29 the words for a JWT that is not valid: https://github.com/slothflowlabs/duckle/issues/22',
    'memory 2026-11-29 the code and the words for a token that is not valid, how times are told, and that a comment may have 255 characters',
  ],
  sample: {
    settings: { account: 'acme-prod', user: 'SUPPORT_BOT', role: 'SUPPORT_READER' },
    scopes: [],
  },
  origins: settings => [`https://${settings.account}.snowflakecomputing.com`],
  place: settings => `${settings.account}/${String(settings.user).toUpperCase()}`,
  issuer: settings => ({ account: String(settings.account), user: issuerUser, privateKey }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  capacity: tokensAtMost,
  tooMany: (now, resetAt) => ({
    ...failure(429, '390189', 'Too many requests.'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'create',
      method: 'POST',
      path,
      when: call => add.test(statementOf(call)),
      answer: asIssuer(create, add),
    },
    {
      kind: 'other',
      method: 'GET',
      path: `${path}/{handle}`,
      answer(call, account) {
        if (!isIssuer(call, account)) return invalidJwt();
        return lookAt(account, String(call.params.handle)) ?? failure(404, '390404', 'statement not found');
      },
    },
    {
      kind: 'list',
      method: 'POST',
      path,
      when: call => show.test(statementOf(call)),
      answer: asIssuer(
        (_call, account, place) =>
          table(
            columns,
            account.present(place).map(key => row(key, account.now())),
          ),
        show,
      ),
    },
    {
      kind: 'revoke',
      method: 'POST',
      path,
      when: call => remove.test(statementOf(call)),
      answer: asIssuer((call, account, place) => {
        const [, , token = ''] = remove.exec(statementOf(call)) ?? [];
        const key = account.find(place, token);
        if (!key) return missing(`Programmatic access token '${token}'`);
        account.revoke(key);
        return { ...table(['status'], [['Statement executed successfully.']]), key };
      }, remove),
    },
    {
      kind: 'verify',
      method: 'POST',
      path,
      when: call => /^SELECT CURRENT_USER\(\), CURRENT_ROLE\(\)$/.test(statementOf(call)),
      answer(call, account) {
        if (typeOf(call) !== 'KEYPAIR_JWT') return session(call, account);
        const own = table(['CURRENT_USER()', 'CURRENT_ROLE()'], [[issuerUser, 'KEYTURN_ROLE']]);
        return isIssuer(call, account) ? own : invalidJwt();
      },
    },
    {
      kind: 'use',
      method: 'POST',
      path,
      when: call => /^SELECT STATUS /.test(statementOf(call)),
      answer: session,
    },
  ],
  verifyAnswers: [
    [
      'a token that was removed or has expired, or one of another account',
      'denied',
      invalidToken(),
      'memory 2026-11-29',
    ],
    [
      'a JWT in place of a token',
      'unknown',
      invalidJwt(),
      'seen by third parties 2026-11-29 https://github.com/slothflowlabs/duckle/issues/22',
    ],
    [
      'an address that the network policy does not allow',
      'unknown',
      failure(401, '390422', 'Incoming request with IP/Token 192.0.2.1 is not allowed to access Snowflake.'),
      'memory 2026-11-29',
    ],
    [
      'a user without a network policy',
      'unknown',
      failure(401, '390432', 'Network policy is required.'),
      docs,
    ],
    [
      'an account that may not use this endpoint',
      'unknown',
      failure(
        403,
        '391920',
        'This account is not allowed to access this endpoint. Please contact Snowflake support.',
      ),
      'seen by third parties 2026-11-29 https://github.com/anomalyco/opencode/issues/33265',
    ],
    [
      'a token of another role',
      'unknown',
      table(['CURRENT_USER()', 'CURRENT_ROLE()'], [['SUPPORT_BOT', 'SYSADMIN']]),
      docs,
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.account}.snowflakecomputing.com${path}`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${value.secret}`,
      'x-snowflake-authorization-token-type': 'PROGRAMMATIC_ACCESS_TOKEN',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ statement: 'SELECT STATUS FROM ORDERS WHERE ID = 17', timeout: 10 }),
  }),
};
