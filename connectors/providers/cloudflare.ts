import * as z from 'zod/mini';
import { hasCode } from '../../core/errors';
import type { IssueConnector, ListedKey } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { bearer, placeholder } from '../contract/presented';
import type { Cause, Http } from '../http/http';
import { everyPage } from '../http/paging';

const policy = z.strictObject({
  effect: z.enum(['allow', 'deny']),
  resources: z.record(z.string(), z.unknown()),
  permission_groups: z.array(z.strictObject({ id: z.string() })).check(z.minLength(1)),
});
/** Tokens of a user and of an account are made, listed and verified in different places. */
const owner = z.union([
  z.literal('user'),
  z.strictObject({ account: z.string().check(z.regex(/^[0-9a-f]{32}$/)) }),
]);
/** Settings of a Cloudflare key. */
const settings = z.strictObject({ owner, policies: z.array(policy).check(z.minLength(1)) });
type Settings = z.infer<typeof settings>;

// Cloudflare can say 200 and mean failure: `success` is part of every shape.
const success = z.literal(true);
const end = z.nullish(z.string());
const issued = z.object({
  success,
  result: z.object({ id: z.string(), value: z.string(), expires_on: end }),
});
const token = z.object({
  id: z.string(),
  name: z.string(),
  issued_on: z.string(),
  last_used_on: z.nullish(z.string()),
  expires_on: end,
});
const pages = z.object({ page: z.number(), per_page: z.number(), total_count: z.number() });
const listed = z.object({ success, result: z.array(token), result_info: pages });
const known = z.object({ success, result: z.object({ id: z.string() }) });
const verified = (...states: string[]) => z.object({ success, result: z.object({ status: z.enum(states) }) });
const failure = (code: number, message: RegExp) =>
  z.object({
    success: z.literal(false),
    errors: z
      .array(z.object({ code: z.literal(code), message: z.string().check(z.regex(message)) }))
      .check(z.length(1)),
  });
const invalid = failure(1000, /^Invalid API Token$/);
const causes: Cause[] = [
  [
    'refused',
    failure(9109, /^Cannot use the access token from location/),
    'the token may not be used from this address; allow it in the filter of the token',
  ],
  [
    'refused',
    failure(1015, /^Maximum number of tokens/),
    'it holds as many tokens as it may; delete those that no one uses',
  ],
];

export const cloudflare: IssueConnector<{ token: string }, Settings> = {
  provider: 'cloudflare',
  title: 'Cloudflare',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
  origins: () => ['https://api.cloudflare.com'],
  issuer: z.object({ token: z.string().check(z.minLength(1)) }),
  issuerHelp:
    '{"token"}: a token with "API Tokens: Edit" (of a user) or "Account API Tokens: Edit" (of the account)',
  settings,
  // What a token may do is in the policies, which the settings require.
  scopes: 'none',
  example: {
    env: 'CLOUDFLARE_API_TOKEN',
    settings: {
      owner: { account: '0123456789abcdef0123456789abcdef' },
      policies: [
        {
          effect: 'allow',
          resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
          permission_groups: [{ id: 'e17beae8b8cb423a99b1730f21238bed' }],
        },
      ],
    },
    replace: 'owner, resources and permission_groups: your account, and what the token may do there.',
  },
  secretPattern: /^[\w-]{40,80}$/,
  // Older tokens have no mark.
  secretMark: /^cf[ua]t_/,
  callOrigins: () => ['https://api.cloudflare.com'],
  presents: [bearer],
  placeholder: placeholder(40),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  nameMaxLength: 120,

  async create(http, { token }, { name, expiresAt, settings }) {
    const needs = `${permission(settings)}, and every right that the policies grant`;
    const json = { name, policies: settings.policies, expires_on: inSeconds(expiresAt) };
    const call = { bearer: token, json, needs, causes, once: true, reply: issued };
    const { body } = await http.send('POST', tokensPath(settings), call);
    const { id, value, expires_on } = body.result;
    return { keyId: id, secret: value, ...(expires_on && { expiresAt: expires_on }) };
  },

  list(http, { token }, settings) {
    const common = { bearer: token, needs: permission(settings), causes, reply: listed };
    return everyPage('Cloudflare', async (cursor: number | undefined) => {
      const page = cursor ?? 1;
      const query = { page, per_page: 50 };
      const { body } = await http.send('GET', tokensPath(settings), { ...common, query });
      const { per_page, total_count } = body.result_info;
      return {
        items: body.result.map(listedKey),
        next: page * per_page < total_count ? page + 1 : undefined,
      };
    });
  },

  async revoke(http, issuer, keyId, settings) {
    const path = `${tokensPath(settings)}/${encodeURIComponent(keyId)}`;
    // The API's description demands a body.
    const call = { bearer: issuer.token, json: {}, expect: [404], needs: permission(settings) };
    try {
      await http.send('DELETE', path, call);
    } catch (error) {
      // Which 4xx a token gets that is already gone is not documented; the list tells.
      const isListed = async () =>
        (await cloudflare.list(http, issuer, settings)).some(({ id }) => id === keyId);
      if (!hasCode(error, 'refused') || (await isListed())) throw error;
    }
  },

  async identify(http, secret, settings) {
    const needs = 'nothing: every live token may ask this';
    const call = { bearer: secret, needs, reply: known };
    const { body } = await http.send('GET', `${tokensPath(settings)}/verify`, call);
    return body.result.id;
  },

  verify: (http, { secret }, settings) => ask(http, secret, settings),

  control: (http, { token }, settings) => ask(http, token, settings),
};

/**
 * Every token may ask this, where tokens of its kind are asked about: the other kind gets the words for a dead one, which
 * so prove something only where the token itself tells its kind.
 */
function ask(http: Http, bearer: string, settings: Settings) {
  const isOfKind = bearer.startsWith(settings.owner === 'user' ? 'cfut_' : 'cfat_');
  return http.probe('GET', `${tokensPath(settings)}/verify`, { bearer }, [
    ['accepted', 200, verified('active')],
    ['rejected', 200, verified('disabled', 'expired')],
    [isOfKind ? 'rejected' : 'denied', 401, invalid],
  ]);
}

function tokensPath({ owner }: Settings): string {
  return `/client/v4/${owner === 'user' ? 'user' : `accounts/${owner.account}`}/tokens`;
}

function permission({ owner }: Settings): string {
  return owner === 'user' ? 'the permission "API Tokens: Edit"' : 'the permission "Account API Tokens: Edit"';
}

function listedKey({ id, name, issued_on, last_used_on, expires_on }: z.infer<typeof token>): ListedKey {
  // Tokens without an end are listed without that field; that of their use may be absent for other reasons, too.
  const times = { lastUsedAt: timeOf(last_used_on), expiresAt: timeOf(expires_on ?? null) };
  return { id, name, createdAt: new Date(issued_on), ...times };
}

/** Cloudflare takes no fractions. */
function inSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
