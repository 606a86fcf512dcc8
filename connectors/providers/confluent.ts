// Cloud API keys of one service account of Confluent Cloud. Keys of a cluster are left out: what says that one of them is dead is
// documented nowhere.
import * as z from 'zod/mini';
import { minuteMs } from '../../core/time';
import { awsPartner } from '../contract/aws-partner';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import type { HttpRequest } from '../http/http';
import { everyPage } from '../http/paging';

const text = z.string();
const settings = z.strictObject({
  /** Whose keys these are: they may do what this account may. */
  serviceAccount: text.check(z.regex(/^sa-[a-z0-9]+$/)),
});
const issuer = z.object({ apiKey: text.check(z.minLength(1)), apiSecret: text.check(z.minLength(1)) });
type Issuer = z.infer<typeof issuer>;

const issued = z.object({ id: text, spec: z.object({ secret: text }) });
const key = z.object({
  id: text,
  metadata: z.object({ created_at: text }),
  spec: z.object({ display_name: z.optional(text) }),
});
const listed = z.object({
  data: z.array(key),
  metadata: z.object({ next: z.nullish(text) }),
});
const failure = (code: string) =>
  z.object({ errors: z.array(z.object({ code: z.literal(code) })).check(z.length(1)) });

const needs = 'a Cloud API key of an account that is OrganizationAdmin';
const keysPath = '/iam/v2/api-keys';

export const confluent: IssueConnector<Issuer, z.infer<typeof settings>> = {
  provider: 'confluent',
  title: 'Confluent Cloud',
  kind: 'issue',
  origins: () => ['https://api.confluent.cloud'],
  issuer,
  issuerHelp: `{"apiKey", "apiSecret"}: ${needs}`,
  settings,
  // What an account may do is in its role bindings, and the same for all its keys.
  scopes: 'none',
  example: {
    env: { CONFLUENT_CLOUD_API_KEY: 'keyId', CONFLUENT_CLOUD_API_SECRET: 'secret' },
    settings: { serviceAccount: 'sa-example' },
    replace: 'serviceAccount: the id of the service account.',
  },
  tells: ['createdAt'],
  secretPattern: /^(cflt)?[A-Za-z0-9+/=]{40,}$/,
  secretMark: /^cflt[A-Za-z0-9+/]{40,}/,
  callOrigins: () => ['https://api.confluent.cloud', 'https://api.telemetry.confluent.cloud'],
  presents: [{ in: 'basic', user: { field: 'keyId' } }],
  placeholder: `cflt${placeholder(60)}`,
  unauthorizedMeansNotDone: true,
  // A create is answered with "accepted"; no figures are documented.
  propagation: { createMs: 3 * minuteMs, revokeMs: 3 * minuteMs },
  nameMaxLength: 255,
  // Keys of a cluster, which have a resourceId, are left out as above.
  awsPartner: awsPartner('confluent', {
    type: 'ConfluentCloudApiKey',
    secret: 'apiSecret',
    keyId: 'apiKey',
    fields: ['apiKey', 'apiSecret', 'serviceAccountId'],
    metadata: ['adminSecretArn?'],
    ends: 'by-id',
    steps: {
      make: 'create a Cloud API key of the service account in Confluent Cloud (Administration, API keys)',
      end: 'delete the key in Confluent Cloud (Administration, API keys)',
    },
  }),

  async create(http, issuer, { name, settings }) {
    const json = { spec: { display_name: name, owner: { id: settings.serviceAccount } } };
    const call = { ...as(issuer), json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', keysPath, call);
    return { keyId: body.id, secret: body.spec.secret };
  },

  async list(http, issuer, { serviceAccount }) {
    const keys = await everyPage('Confluent Cloud', async (token: string | undefined) => {
      const query = { 'spec.owner': serviceAccount, page_size: 100, page_token: token };
      const { body } = await http.send('GET', keysPath, { ...as(issuer), query, needs, reply: listed });
      return { items: body.data, next: tokenOf(body.metadata.next) };
    });
    return keys.map(({ id, metadata, spec }) => ({
      id,
      name: spec.display_name,
      createdAt: new Date(metadata.created_at),
    }));
  },

  async revoke(http, issuer, keyId) {
    const path = `${keysPath}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { ...as(issuer), expect: [404], needs });
  },

  // Every key may ask about itself, or is told that it may not.
  verify: (http, { keyId, secret }) =>
    http.probe('GET', `${keysPath}/${encodeURIComponent(keyId)}`, as({ apiKey: keyId, apiSecret: secret }), [
      ['accepted', 200, z.object({ id: z.literal(keyId) })],
      ['accepted', 403, failure('user_unauthorized')],
      ['rejected', 401, failure('user_unauthenticated')],
    ]),
};

function as({ apiKey, apiSecret }: Issuer): Pick<HttpRequest, 'basic'> {
  return { basic: { user: apiKey, password: apiSecret } };
}

/** The next page is told as its whole address. */
function tokenOf(next: string | null | undefined): string | undefined {
  if (!next) return undefined;
  return new URL(next).searchParams.get('page_token') ?? undefined;
}
