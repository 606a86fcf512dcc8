// API keys of the user who is the issuer. What a key may do is in the settings: without it, it could do all that its user can.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { atOwnHost, ownHost } from '../contract/own-host';
import { placeholder } from '../contract/presented';
import type { Http, HttpRequest } from '../http/http';

const issuer = z.object({ host: ownHost, username: z.string(), password: z.string() });
type Issuer = z.infer<typeof issuer>;
const descriptors = z.record(z.string(), z.unknown());
const settings = z.strictObject({
  host: ownHost,
  /** As `role_descriptors` of Elasticsearch: rights by a name of your own. */
  roles: descriptors.check(z.refine(roles => Object.keys(roles).length > 0, { error: 'name no rights' })),
});

const issued = z.object({ id: z.string(), encoded: z.string(), expiration: z.nullish(z.number()) });
const item = z.object({
  id: z.string(),
  name: z.string(),
  creation: z.number(),
  expiration: z.nullish(z.number()),
  invalidated: z.boolean(),
});
const listed = z.object({ api_keys: z.array(item) });
// It can say 200 and mean that it ended nothing.
const ended = z.union([z.object({ error_count: z.literal(0) }), z.object({ status: z.literal(404) })]);
// Of keys that are unknown, ended and expired alike; and of those of another cluster.
const unknown = z.object({
  error: z.object({
    type: z.literal('security_exception'),
    reason: z.literal(
      'unable to authenticate with provided credentials and anonymous access is not allowed for this request',
    ),
  }),
});

const path = '/_security/api_key';
const needs = 'the cluster privilege manage_own_api_key, and every right that its keys get';
const basic = ({ username, password }: Issuer) => ({ user: username, password });
const atTime = (ms: number) => new Date(ms);

export const elasticsearch: IssueConnector<Issuer, z.infer<typeof settings>> = {
  provider: 'elasticsearch',
  title: 'Elasticsearch',
  kind: 'issue',
  tells: ['createdAt', 'expiresAt'],
  ...atOwnHost,
  issuer,
  issuerHelp: `{"host", "username", "password"}: a user for Keyturn alone, with ${needs}; not an API key, whose keys would have no rights`,
  settings,
  scopes: 'none',
  example: {
    env: 'ES_API_KEY',
    settings: {
      host: 'example.es.eu-central-1.aws.elastic.cloud',
      roles: { reader: { indices: [{ names: ['orders-*'], privileges: ['read'] }] } },
    },
    replace: 'host and roles: your cluster, and what the key may do there.',
  },
  // Base64 of id and key, as it is sent.
  secretPattern: /^[A-Za-z0-9+/]{40,}={0,2}$/,
  presents: [{ in: 'header', name: 'authorization', scheme: 'ApiKey' }],
  placeholder: placeholder(60),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 256,

  async create(http, issuer, { name, expiresAt, settings: { roles } }) {
    const expiration = `${Math.ceil((expiresAt.getTime() - http.now().getTime()) / 1000)}s`;
    const json = { name, expiration, role_descriptors: roles };
    const call = { basic: basic(issuer), json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', path, call);
    const end = body.expiration ? { expiresAt: atTime(body.expiration).toISOString() } : {};
    return { keyId: body.id, secret: body.encoded, ...end };
  },

  async list(http, issuer) {
    const call = { query: { owner: 'true' }, basic: basic(issuer), needs, reply: listed };
    const { body } = await http.send('GET', path, call);
    return body.api_keys
      .filter(({ invalidated }) => !invalidated)
      .map(({ id, name, creation, expiration }) => {
        return { id, name, createdAt: atTime(creation), expiresAt: timeOf(expiration ?? null, atTime) };
      });
  },

  async revoke(http, issuer, keyId) {
    const json = { ids: [keyId], owner: true };
    const call = { basic: basic(issuer), json, expect: [404], needs, reply: ended };
    await http.send('DELETE', path, call);
  },

  keyIdOf: secret => /^([\w-]+):[\w-]+$/.exec(Buffer.from(secret, 'base64').toString())?.[1],

  verify: (http, { secret }) => ask(http, { headers: { authorization: `ApiKey ${secret}` } }),

  control: (http, issuer) => ask(http, { basic: basic(issuer) }),
};

/** Everybody may ask who they are. */
function ask(http: Http, request: HttpRequest) {
  return http.probe('GET', '/_security/_authenticate', request, [
    ['accepted', 200, z.object({ username: z.string(), authentication_type: z.string() })],
    ['denied', 401, unknown],
  ]);
}
