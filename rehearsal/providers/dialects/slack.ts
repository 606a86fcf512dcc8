import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { retryAfter } from '../key-routes';

const team = 'T01ACME0001';
const tokenSeconds = 43_200;
/** Slack says "short", and no more. */
const graceMs = 30_000;
const liveTokensAtMost = 2;
const ordinary = ['chat:write', 'channels:read'];

const failure = (error: string): WireReply => ({ status: 200, body: { ok: false, error } });
const access = '/api/oauth.v2.access';

function appOf(call: WireCall, account: FakeAccount): FakeKey | WireReply {
  const app = account.keys.find(({ id, details }) => details.isApp && id === call.form.get('client_id'));
  if (!app) return failure('invalid_client_id');
  const given = call.form.get('client_secret') ?? undefined;
  const key = account.enter(given);
  return key === app ? app : { ...failure('bad_client_secret'), key: account.ownerOf(given) };
}

const isReply = (given: FakeKey | WireReply): given is WireReply => 'status' in given;

/** Takes each refresh token once, and again for a short while after that. */
function refresh(call: WireCall, account: FakeAccount): WireReply {
  const app = appOf(call, account);
  if (isReply(app)) return app;
  const now = account.now().getTime();
  const given = call.form.get('refresh_token');
  const isSpent = account.tokens.get(`refresh ${app.id}`) !== given;
  if (!given || (isSpent && !(Number(account.tokens.get(`spent ${given}`)) > now)))
    return { ...failure('invalid_refresh_token'), key: app };
  if (!isSpent) account.tokens.set(`spent ${given}`, String(now + graceMs));
  const expiresAt = new Date(now + tokenSeconds * 1000);
  const scopes = scopesOf(account);
  const token = account.add({
    id: account.fresh(12),
    place: 'tokens',
    secret: `xoxe.xoxb-1-${account.freshSecret(60)}`,
    scopes,
    details: { expiresAt, app: app.id },
  });
  endOldest(app, account);
  const body = {
    ok: true,
    access_token: token.secret,
    token_type: 'bot',
    expires_in: tokenSeconds,
    refresh_token: newRefreshToken(app.id, account),
    scope: scopes.join(','),
    bot_user_id: 'U0KRQLJ9H',
    app_id: 'A0KRD7HC3',
    team: { id: app.place, name: 'Acme' },
    enterprise: null,
  };
  return { status: 200, body, key: app };
}

function endOldest(app: FakeKey, account: FakeAccount): void {
  const live = account
    .present('tokens')
    .filter(({ details }) => details.app === app.id && (details.expiresAt as Date) > account.now());
  for (const token of live.slice(0, -liveTokensAtMost)) account.revoke(token);
}

/** What the app was given where it is installed. */
const scopesOf = ({ planned }: FakeAccount) => (planned.size ? [...planned].sort() : ordinary);

function newRefreshToken(app: string, account: FakeAccount): string {
  const token = `xoxe-1-${account.freshSecret(60)}`;
  account.remember(token);
  account.tokens.set(`refresh ${app}`, token);
  return token;
}

function asToken(answer: (token: FakeKey) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    const secret = bearerOf(call) ?? call.form.get('token') ?? undefined;
    const token = account.enter(secret);
    if (token?.place !== 'tokens' && !token?.details.expiresAt)
      return failure(secret ? 'invalid_auth' : 'not_authed');
    return (token.details.expiresAt as Date) > account.now() ? answer(token) : failure('token_expired');
  };
}

const docs = 'docs 2026-11-29 https://docs.slack.dev/authentication/using-token-rotation';

export const slack: Dialect = {
  provider: 'slack',
  evidence: [
    `${docs}: tokens of 12 hours; a refresh token is revoked "after a short grace period" when it was used, and the next one comes with the answer; of more than two live tokens, a refresh ends the oldest`,
    `${docs}: auth.revoke ends a single token of an app with token rotation, and changes nothing of the installation`,
    'source 2026-11-28 https://github.com/slackapi/node-slack-sdk packages/web-api/src/types/response: OauthV2AccessResponse, AuthTestResponse',
    'docs 2026-11-28 https://docs.slack.dev/reference/methods/auth.test and /reference/methods/oauth.v2.access: errors, inside a 200',
    'memory 2026-11-29 that the grace is half a minute, and that a refresh token that is used again in it brings a further pair',
    'memory 2026-11-29 that a code is looked at only after the client secret was found right, and that a refresh tells the scopes',
  ],
  sample: { settings: { host: 'slack.com' }, scopes: ordinary.toSorted() },
  origins: settings => [`https://${settings.host ?? 'slack.com'}`],
  place: () => team,
  issuer: () => ({}),
  root(_settings, account) {
    const id = `${account.fresh(12, '0123456789')}.${account.fresh(12, '0123456789')}`;
    const secret = account.fresh(32, '0123456789abcdef');
    account.add({ id, place: team, secret, details: { isApp: true } });
    const refreshToken = newRefreshToken(id, account);
    return { secret, keyId: id, provider: 'slack', issuedAt: account.now().toISOString(), refreshToken };
  },
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tokensHaveAllScopes: true,
  rootGraceMs: graceMs,
  tokensEndAlone: true,
  tooMany: (now, resetAt) => ({
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'other',
      method: 'POST',
      path: access,
      when: call => call.form.get('grant_type') === 'refresh_token',
      answer: refresh,
    },
    {
      kind: 'verify',
      method: 'POST',
      path: access,
      answer(call, account) {
        const app = appOf(call, account);
        return isReply(app) ? app : { ...failure('invalid_code'), key: app };
      },
    },
    {
      kind: 'other',
      method: 'POST',
      path: '/api/auth.test',
      answer: asToken(() => ({
        status: 200,
        body: {
          ok: true,
          url: 'https://acme.slack.com/',
          team: 'Acme',
          user: 'bot',
          team_id: team,
          user_id: 'U0KRQLJ9H',
        },
      })),
    },
    {
      kind: 'other',
      method: 'POST',
      path: '/api/auth.revoke',
      answer: (call, account) =>
        asToken(token => {
          account.revoke(token);
          return { status: 200, body: { ok: true, revoked: true } };
        })(call, account),
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/api/chat.postMessage',
      answer: asToken(({ scopes }) =>
        scopes.includes('chat:write')
          ? { status: 200, body: { ok: true, channel: 'C01', ts: '1.0' } }
          : failure('missing_scope'),
      ),
    },
  ],
  verifyAnswers: [
    [
      'a client secret that was renewed',
      'rejected',
      failure('bad_client_secret'),
      'docs 2026-11-28 https://docs.slack.dev/reference/methods/oauth.v2.access',
    ],
    [
      'an app that is not there',
      'unknown',
      failure('invalid_client_id'),
      'docs 2026-11-28 https://docs.slack.dev/reference/methods/oauth.v2.access',
    ],
    [
      'a request that lost its form',
      'unknown',
      failure('invalid_arguments'),
      'docs 2026-11-28 https://docs.slack.dev/reference/methods/oauth.v2.access',
    ],
    [
      'a method that is switched off for the workspace',
      'unknown',
      failure('accesslimited'),
      'memory 2026-11-29',
    ],
    [
      'trouble of its own',
      'unknown',
      failure('internal_error'),
      'docs 2026-11-28 https://docs.slack.dev/reference/methods/oauth.v2.access',
    ],
    [
      'too many calls',
      'unknown',
      { status: 429, body: { ok: false, error: 'ratelimited' } },
      'docs 2026-11-28 https://docs.slack.dev/apis/web-api/rate-limits',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host ?? 'slack.com'}/api/chat.postMessage`,
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'C01', text: 'Order 17 is paid.' }),
  }),
};
