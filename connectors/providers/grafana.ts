// Tokens of one service account, whose role and permissions they have; a token has no scopes of its own.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { atOwnHost, ownHost } from '../contract/own-host';
import { bearer, placeholder } from '../contract/presented';
import type { Cause, Http } from '../http/http';

const issuer = z.object({ host: ownHost, token: z.string().check(z.startsWith('glsa_')) });
type Issuer = z.infer<typeof issuer>;
const settings = z.strictObject({ host: ownHost, serviceAccountId: z.string().check(z.regex(/^\d+$/)) });
type Settings = z.infer<typeof settings>;

const issued = z.object({ id: z.int(), key: z.string() });
const date = z.nullish(z.string());
const listed = z.array(
  z.object({ id: z.int(), name: z.string(), created: date, lastUsedAt: date, expiration: date }),
);
const refused = (messageId: string, message: string) =>
  z.object({ messageId: z.literal(messageId), message: z.literal(message) });
const lacks = z.object({
  message: z.string().check(z.regex(/^You'll need additional permissions to perform this action\./)),
});
const tooLong = z.object({
  message: z.string().check(z.regex(/\b(global limit|expiration should be set)\b/)),
});
const causes: Cause[] = [
  ['refused', tooLong, 'this Grafana lets tokens live for less time; rotate this key more often'],
];
const needs = 'the permissions serviceaccounts:read and serviceaccounts:write on this service account';
const tokens = ({ serviceAccountId }: Settings) => `/api/serviceaccounts/${serviceAccountId}/tokens`;

export const grafana: IssueConnector<Issuer, Settings> = {
  provider: 'grafana',
  title: 'Grafana',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
  ...atOwnHost,
  issuer,
  issuerHelp: `{"host", "token"}: a token of another service account that has ${needs} (serviceaccounts:id:<id>)`,
  settings,
  scopes: 'none',
  example: {
    env: 'GRAFANA_SERVICE_ACCOUNT_TOKEN',
    settings: { host: 'example.grafana.net', serviceAccountId: '1' },
    replace: 'host and serviceAccountId: your Grafana, and a service account for this server alone.',
  },
  secretPattern: /^glsa_\w{32}_[0-9a-f]{8}$/,
  secretMark: /^glsa_/,
  presents: [bearer, { in: 'basic', user: { text: 'api_key' } }],
  placeholder: `glsa_${placeholder(32)}_${'0'.repeat(8)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 190,

  async create(http, { token }, { name, expiresAt, settings }) {
    const secondsToLive = Math.ceil((expiresAt.getTime() - http.now().getTime()) / 1000);
    const json = { name, secondsToLive };
    const call = { bearer: token, json, needs, causes, once: true, reply: issued };
    const { id, key } = (await http.send('POST', tokens(settings), call)).body;
    return { keyId: String(id), secret: key, expiresAt: expiresAt.toISOString() };
  },

  async list(http, { token }, settings) {
    const call = { bearer: token, needs, reply: listed };
    const { body } = await http.send('GET', tokens(settings), call);
    return body.map(({ id, name, created, lastUsedAt, expiration }) => ({
      id: String(id),
      name,
      ...(created && { createdAt: new Date(created) }),
      lastUsedAt: timeOf(lastUsedAt),
      expiresAt: timeOf(expiration),
    }));
  },

  async revoke(http, { token }, keyId, settings) {
    // Of what is no number, Grafana says 400; it is the id of no token.
    if (!/^\d+$/.test(keyId)) return;
    await http.send('DELETE', `${tokens(settings)}/${keyId}`, { bearer: token, expect: [404], needs });
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { token }) => ask(http, token),
};

/** A deleted token is forgotten, so that it gets the words for one of another Grafana; one that has ended is still known. */
function ask(http: Http, bearer: string) {
  return http.probe('GET', '/api/org', { bearer }, [
    ['accepted', 200, z.object({ id: z.int(), name: z.string() })],
    ['accepted', 403, lacks],
    ['rejected', 401, refused('api-key.expired', 'Expired API key')],
    ['rejected', 401, refused('api-key.revoked', 'Revoked API key')],
    ['denied', 401, refused('api-key.invalid', 'Invalid API key')],
  ]);
}
