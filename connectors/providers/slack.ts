// Access tokens of a Slack app with token rotation, for one installation of it. The root is the app's client secret, with a refresh token
// beside it that Slack takes once, and for a short while after that. Slack tells failures inside a 200.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import type { MintConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';
import type { HttpReply } from '../http/http';

const settings = z.strictObject({
  /** GovSlack has one of its own. */
  host: z._default(z.enum(['slack.com', 'slack-gov.com']), 'slack.com'),
});
export type Settings = z.infer<typeof settings>;

const origins = ({ host }: Settings): [string] => [`https://${host}`];
const tokenSeconds = 12 * 3600;
/** What is not needed to keep the installation is left open: an answer that is thrown away has its only refresh token. */
const granted = z.object({
  ok: z.literal(true),
  access_token: z.string().check(z.minLength(1)),
  refresh_token: z.string().check(z.minLength(1)),
  /** Seconds. */
  expires_in: z._default(z.number(), tokenSeconds),
  scope: z.optional(z.string()),
});
const failed = (...errors: [string, ...string[]]) =>
  z.object({ ok: z.literal(false), error: z.enum(errors) });
const wrongSecret = failed('bad_client_secret');
/** Said of a token that has ended. */
const over = failed('token_expired', 'token_revoked', 'invalid_auth');
const spent = failed('invalid_refresh_token');
/** Slack says of these that a part of what was asked may have been done. */
const troubled = failed('internal_error', 'fatal_error', 'service_unavailable');

export const slack: MintConnector<never, Settings> = {
  provider: 'slack',
  title: 'Slack',
  kind: 'mint',
  origins,
  // https://docs.slack.dev/authentication/using-token-rotation
  tokenSeconds,
  steps: {
    make: "install the app in the workspace again, and take its client secret from the app's settings on api.slack.com, under Basic Information",
    end: "renew the client secret in the app's settings on api.slack.com, under Basic Information, and uninstall the app where it is not needed",
  },
  settings,
  // A token may do all that its installation may; so the configuration names all of it.
  scopes: 'required',
  knownScopes: {
    form: { pattern: /^[a-z_]+(:[a-z_.]+)*$/, like: 'chat:write' },
    open: 'Slack adds scopes with its features, and lists them in its console alone',
  },
  adminScopes: /^(admin|auditlogs|app_configurations)\b/,
  example: {
    scopes: ['chat:write'],
    replace: 'scopes: all that the app may do where it is installed.',
  },
  secretPattern: /^[0-9a-f]{32}$/,
  callOrigins: origins,
  presents: [bearer, { in: 'form', name: 'token' }],
  placeholder: `xoxe.xoxb-1-${placeholder(64)}`,
  // https://docs.slack.dev/apis/web-api/#responses: failures come with a 200, and `ok` is false where the call was not carried out.
  rejectsInSuccess: true,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },

  async mint(http, root) {
    if (typeof root.refreshToken !== 'string')
      throw new KeyturnError(
        'bad-secret',
        `the app ${root.keyId} has no refreshToken; install it again, and store it with \`npx keyturn adopt\``,
      );
    const form = { ...client(root), grant_type: 'refresh_token', refresh_token: root.refreshToken };
    // Sent again at once where the answer got lost: a refresh token that was used is revoked only after a short grace.
    const call = {
      form,
      expect: [400, 401, 403],
      needs: 'an app with token rotation',
      underWay: troubled,
    };
    const reply = await http.send('POST', '/api/oauth.v2.access', call);
    const read = granted.safeParse(reply.body);
    if (reply.status >= 300 || !read.success) throw refusal(reply, root);
    const { access_token, refresh_token, expires_in, scope } = read.data;
    return {
      token: access_token,
      expiresAt: new Date(http.now().getTime() + expires_in * 1000).toISOString(),
      scopes: scope?.split(',').filter(Boolean),
      nextRoot: { ...root, refreshToken: refresh_token },
    };
  },

  usesUpRoot: () => true,

  verifyToken(http, token) {
    return http.probe('POST', '/api/auth.test', { bearer: token }, [
      ['accepted', 200, z.object({ ok: z.literal(true), team_id: z.string() })],
      ['rejected', 200, over],
    ]);
  },

  // Of an app with token rotation it ends this token alone, and the installation stays.
  tokenRevoker: () => async (http, _root, token) => {
    const call = { bearer: token, form: {}, needs: 'nothing: every token may ask this' };
    const reply = z.union([z.object({ ok: z.literal(true), revoked: z.literal(true) }), over]);
    await http.send('POST', '/api/auth.revoke', { ...call, underWay: troubled, reply });
  },

  verify(http, root) {
    // No installation has such a code, so nothing comes of it but that the client is known.
    const form = { ...client(root), code: 'keyturn-probe' };
    return http.probe('POST', '/api/oauth.v2.access', { form }, [
      ['accepted', 200, failed('invalid_code')],
      ['rejected', 200, wrongSecret],
    ]);
  },
};

function client({ keyId, secret }: SecretValue) {
  return { client_id: keyId, client_secret: secret };
}

function refusal({ status, body }: HttpReply, { keyId }: SecretValue): KeyturnError {
  const answered = `Slack answered ${status} when asked for a token of the app ${keyId}`;
  if (wrongSecret.safeParse(body).success)
    return new KeyturnError(
      'key-rejected',
      `${answered}, so its client secret was renewed there; store the present one with \`npx keyturn adopt\``,
    );
  if (spent.safeParse(body).success)
    return new KeyturnError(
      'key-rejected',
      `${answered}: its refresh token was used up or withdrawn; the app stays installed, and tokens that servers hold work for up to 12 hours; until then a person has to consent again by installing the app in the workspace, and store the new one with \`npx keyturn adopt\``,
    );
  const { ok, error } = (body ?? {}) as { ok?: unknown; error?: unknown };
  if (status < 300 && ok !== false)
    return new KeyturnError('bad-reply', `${answered}, without a usable token; look for a newer Keyturn`);
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : '';
  return new KeyturnError(
    'refused',
    `${answered}${code}; check that the app exists, is installed in the workspace, and has token rotation`,
  );
}
