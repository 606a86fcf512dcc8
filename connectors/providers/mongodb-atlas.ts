// Secrets of one service account of MongoDB Atlas: two at most, and a new one shortens the life of the one before.
import * as z from 'zod/mini';
import { hourMs } from '../../core/time';
import { awsPartner } from '../contract/aws-partner';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { placeholder } from '../contract/presented';
import { proveClientSecret, signInAsClient } from '../http/client-credentials';

const hex = z.string().check(z.regex(/^[0-9a-f]{24}$/));
const clientId = z.string().check(z.regex(/^mdb_sa_id_[0-9a-fA-F]{24}$/));
const settings = z.strictObject({
  orgId: hex,
  /** Where the service account is one of a project. */
  projectId: z.optional(hex),
  /** The service account whose secrets these are. */
  clientId,
  /** What the organization allows, where that is less than a year. */
  maxKeyDays: z.optional(z.int().check(z.minimum(1), z.maximum(365))),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ clientId, clientSecret: z.string().check(z.minLength(1)) });

const secret = z.object({
  id: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.nullish(z.string()),
});
const issued = z.extend(secret, { secret: z.string() });
const listed = z.object({ secrets: z.array(secret) });

const needs =
  'a service account that is Organization Owner (Project Owner for one of a project), and whose access list has this address';
/** Every call states the version of the API that it means. */
const media = 'application/vnd.atlas.2024-08-05+json';
const headers = { accept: media };
const tokenPath = '/api/oauth/token';

export const mongodbAtlas: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'mongodb-atlas',
  title: 'MongoDB Atlas',
  kind: 'issue',
  origins: () => ['https://cloud.mongodb.com'],
  issuer,
  issuerHelp: `{"clientId", "clientSecret"}: ${needs}`,
  settings,
  // What a service account may do is in its roles, and the same for all its secrets.
  scopes: 'none',
  example: {
    env: { MONGODB_ATLAS_CLIENT_ID: 'clientId', MONGODB_ATLAS_CLIENT_SECRET: 'secret' },
    settings: { orgId: '0123456789abcdef01234567', clientId: 'mdb_sa_id_00000000000000{digits}' },
    replace: 'orgId and clientId: your organization, and the service account whose secrets rotate.',
  },
  tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
  secretPattern: /^mdb_sa_sk_[\w-]{20,}$/,
  secretMark: /^mdb_sa_sk_/,
  callOrigins: () => ['https://cloud.mongodb.com'],
  presents: [{ in: 'basic', user: { field: 'clientId' } }],
  placeholder: `mdb_sa_sk_${placeholder(40)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  maxKeyDays: ({ maxKeyDays = 365 }) => maxKeyDays,
  maxOverlapHours: 7 * 24,
  exclusive: true,
  placeOf: ({ clientId }) => clientId,
  nameMaxLength: Number.POSITIVE_INFINITY,
  awsPartner: awsPartner('mongodb-atlas', {
    type: 'MongoDBAtlasServiceAccount',
    secret: 'clientSecret',
    fields: ['clientId', 'clientSecret', 'orgId'],
    metadata: ['adminSecretArn?', 'apiVersion?'],
    // A value tells no id of its secret.
    ends: 'by-hand',
    steps: {
      make: 'generate a secret of the service account in MongoDB Atlas',
      end: 'revoke the secret of the service account in MongoDB Atlas',
    },
  }),

  signIn: (http, { clientId, clientSecret }) =>
    signInAsClient(http, tokenPath, { basic: { user: clientId, password: clientSecret } }, needs),

  async create(http, _issuer, { expiresAt, settings }) {
    const hours = Math.floor((expiresAt.getTime() - http.now().getTime()) / hourMs);
    const json = { secretExpiresAfterHours: Math.min(Math.max(hours, 8), 8760) };
    const call = { headers: { ...headers, 'content-type': media }, json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', `${accountPath(settings)}/secrets`, call);
    const fields = { clientId: settings.clientId };
    return { keyId: body.id, secret: body.secret, expiresAt: body.expiresAt, fields };
  },

  async list(http, _issuer, settings) {
    const { body } = await http.send('GET', accountPath(settings), { headers, needs, reply: listed });
    return body.secrets.map(({ id, createdAt, expiresAt, lastUsedAt }) => ({
      id,
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
      lastUsedAt: timeOf(lastUsedAt),
    }));
  },

  async revoke(http, _issuer, keyId, settings) {
    const path = `${accountPath(settings)}/secrets/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { headers, expect: [404], needs });
  },

  verify: (http, { secret }, { clientId }) =>
    proveClientSecret(http, tokenPath, { basic: { user: clientId, password: secret } }),
};

function accountPath({ orgId, projectId, clientId }: Settings): string {
  const owner = projectId ? `groups/${projectId}` : `orgs/${orgId}`;
  return `/api/atlas/v2/${owner}/serviceAccounts/${clientId}`;
}
