// API tokens of an Unleash server. A token is its own id, and lists show all of them in clear: ids here are fingerprints.
import * as z from 'zod/mini';
import { fingerprint } from '../../core/key/generated-secret';
import { minuteMs } from '../../core/time';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { atOwnHost, ownHost } from '../contract/own-host';
import { placeholder } from '../contract/presented';
import type { Http } from '../http/http';

const name = z.string().check(z.minLength(1));
const settings = z.strictObject({
  host: ownHost,
  /** The path of the server there, as hosted ones have it: `acme`. */
  instance: z.optional(z.string().check(z.regex(/^[\w-]+$/))),
  /** Backend tokens may read all that a flag is decided by; frontend tokens get decisions alone. */
  type: z.enum(['backend', 'frontend']),
  environment: name,
  projects: z.array(name).check(z.minLength(1)),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ token: name, host: ownHost });

const listedToken = z.object({
  secret: z.string(),
  tokenName: z.string(),
  createdAt: z.string(),
  seenAt: z.nullish(z.string()),
  expiresAt: z.nullish(z.string()),
});
const issued = z.object({ secret: z.string(), expiresAt: z.nullish(z.string()) });
const listed = z.object({ tokens: z.array(listedToken) });
const flags = z.union([
  z.object({ features: z.array(z.unknown()) }),
  z.object({ toggles: z.array(z.unknown()) }),
]);
const unknownToken = z.object({
  message: z.literal(
    'This endpoint requires an API token. Please add an authorization header to your request with a valid token',
  ),
});
const otherType = z.object({
  message: z.literal('invalid token: expected a different token type for this endpoint'),
});

const needs =
  'a service account with the permissions to create, read and delete API tokens of this type (or an admin token)';

export const unleash: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'unleash',
  title: 'Unleash',
  kind: 'issue',
  ...atOwnHost,
  issuer,
  issuerHelp: `{"token", "host"}: ${needs}`,
  settings,
  // What a token may do is in its type, its environment and its projects.
  scopes: 'none',
  example: {
    env: 'UNLEASH_API_TOKEN',
    settings: {
      host: 'unleash.example.com',
      type: 'backend',
      environment: 'production',
      projects: ['default'],
    },
    replace: 'host, environment and projects: your server, and the flags that the token may read there.',
  },
  tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
  secretPattern: /^(\*|\[\]|[\w.-]+):[\w*-]+\.[\w-]{32,}$/,
  presents: [{ in: 'header', name: 'authorization' }],
  placeholder: `default:development.${placeholder(56)}`,
  unauthorizedMeansNotDone: true,
  // Every server of an installation reads the tokens anew each minute.
  propagation: { createMs: minuteMs, revokeMs: minuteMs },
  nameMaxLength: 255,

  async create(http, { token }, { name, expiresAt, settings }) {
    const { type, environment, projects } = settings;
    const json = { tokenName: name, type, environment, projects, expiresAt: expiresAt.toISOString() };
    const call = { headers: { authorization: token }, json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', tokensPath(settings), call);
    const { secret } = body;
    return { keyId: idOf(secret), secret, ...(body.expiresAt && { expiresAt: body.expiresAt }) };
  },

  async list(http, { token }, settings) {
    return (await readTokens(http, token, settings)).map(one => ({
      id: idOf(one.secret),
      name: one.tokenName,
      createdAt: new Date(one.createdAt),
      lastUsedAt: timeOf(one.seenAt),
      expiresAt: timeOf(one.expiresAt),
    }));
  },

  // Deleting what is not there is answered as success, so only the list tells.
  async revoke(http, { token }, keyId, settings) {
    const found = (await readTokens(http, token, settings)).find(({ secret }) => idOf(secret) === keyId);
    if (!found) return;
    const path = `${tokensPath(settings)}/${encodeURIComponent(selectorOf(found.secret) ?? found.secret)}`;
    const shownPath = `${tokensPath(settings)}/{token}`;
    await http.send('DELETE', path, { headers: { authorization: token }, shownPath, expect: [404], needs });
  },

  verify(http, { secret }, settings) {
    const isBackend = settings.type === 'backend';
    // Of all flags, those that no name begins so: a large installation's are more than an answer may hold.
    const query = isBackend ? { namePrefix: 'keyturn-asks-for-none' } : undefined;
    const path = `${pathOf(settings)}/api/${isBackend ? 'client/features' : 'frontend'}`;
    return http.probe('GET', path, { headers: { authorization: secret }, query }, [
      ['accepted', 200, flags],
      ['accepted', 403, otherType],
      ['rejected', 401, unknownToken],
    ]);
  },
};

async function readTokens(http: Http, authorization: string, settings: Settings) {
  const call = { headers: { authorization }, needs, reply: listed };
  return (await http.send('GET', tokensPath(settings), call)).body.tokens;
}

/** Servers that keep tokens hashed list a selector alone, which is the same part of every token. */
function selectorOf(secret: string): string | undefined {
  return /\.v2_([\w-]{22})(?:_|$)/.exec(secret)?.[1];
}

function idOf(secret: string): string {
  return fingerprint(selectorOf(secret) ?? secret);
}

function pathOf({ instance }: Settings): string {
  return instance === undefined ? '' : `/${instance}`;
}

function tokensPath(settings: Settings): string {
  return `${pathOf(settings)}/api/admin/api-tokens`;
}
