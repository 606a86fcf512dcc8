// Client secrets of one OAuth app: two at most, each switched off before it is deleted. They have no names, but Okta shows
// them in clear, so their fingerprints tell them apart.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import { fingerprint, generateSecret } from '../../core/key/generated-secret';
import { createRedaction } from '../../core/text/redaction';
import { awsPartner } from '../contract/aws-partner';
import type { InstallConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import type { Http, HttpCall } from '../http/http';

const text = z.string().check(z.minLength(1));
const domain = z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/));
const settings = z.strictObject({ domain, appId: text, clientId: text });
type Settings = z.infer<typeof settings>;
/** An API token (SSWS). */
const issuer = z.object({ domain, token: text });
const clientSecrets = z.array(
  z.object({ id: z.string(), status: z.string(), client_secret: z.string(), created: z.string() }),
);

const slots = 2;
/** Okta keeps the last active secret of an app. One that begins so takes the place of a key that ended, and nobody holds it. */
const endedMark = 'keyturn-ended-';
type ClientSecret = z.infer<typeof clientSecrets>[number];
const isActive = ({ status }: ClientSecret) => status === 'ACTIVE';
/** Such marks, and what stands behind another of the same secret: it was added late, after it had been added again. */
const sparesIn = (present: readonly ClientSecret[]) =>
  present.filter(
    ({ client_secret }, n) =>
      client_secret.startsWith(endedMark) ||
      present.findIndex(other => other.client_secret === client_secret) < n,
  );
const introspection = z.object({ active: z.boolean() });
// The code alone is also what an unknown or inactive app gets, or one that has to prove itself in another way.
const wrongSecret = z.object({
  error: z.literal('invalid_client'),
  error_description: z.literal('The client secret supplied for a confidential client is invalid.'),
});

export const okta: InstallConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'okta',
  title: 'Okta',
  kind: 'install',
  tells: ['createdAt'],
  placeOf: ({ domain, appId }) => `${domain} ${appId}`,
  origins: ({ domain }) => [`https://${domain}`],
  issuer,
  issuerHelp:
    '{"domain", "token"}: an API token (SSWS) of an admin who can manage the app; it expires after 30 days without use',
  issuerOrigin: ({ domain }) => `https://${domain}`,
  settings,
  scopes: 'none',
  example: {
    env: { OKTA_CLIENT_ID: 'clientId', OKTA_CLIENT_SECRET: 'secret' },
    settings: { domain: 'example.okta.com', appId: '0oa-{server}', clientId: '0oa-{server}' },
    replace: 'domain, appId and clientId: your organization, and the application whose secrets rotate.',
  },
  secretPattern: /^[\x21-\x7e]{14,100}$/,
  callOrigins: ({ domain }) => [`https://${domain}`],
  presents: [
    { in: 'basic', user: { field: 'clientId' } },
    { in: 'form', name: 'client_secret' },
  ],
  placeholder: placeholder(64),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  awsPartner: awsPartner('okta', {
    type: 'OktaOAuthClientSecret',
    secret: 'clientSecret',
    fields: ['clientId', 'clientSecret', 'domain', 'secretId?'],
    metadata: ['adminSecretArn?'],
    ends: 'by-id',
    steps: {
      make: 'generate a client secret of the app in Okta (Applications, General)',
      end: 'deactivate and delete the client secret of the app in Okta (Applications, General)',
    },
  }),

  generate({ settings: { domain, clientId } }) {
    const secret = generateSecret();
    return { keyId: fingerprint(secret), secret, fields: { domain, clientId } };
  },

  async install(http, issuer, { secret }, settings) {
    const app = secretsOf(http, issuer, settings);
    const present = await app.list();
    const mine = present.find(one => one.client_secret === secret);
    if (mine && isActive(mine)) return;
    if (mine) return void (await app.send('POST', `/${mine.id}/lifecycle/activate`, {}));
    const spares = sparesIn(present);
    const endSpares = async () => {
      for (const spare of spares.splice(0)) await app.end(spare);
    };
    if (present.length >= slots && spares.length) await endSpares();
    else if (present.length >= slots) {
      const ids = present
        .map(({ id, client_secret }) => `${id} (key ${fingerprint(client_secret)})`)
        .join(' and ');
      throw new KeyturnError(
        'refused',
        `Okta app ${settings.appId} already holds ${ids} and takes no third secret; deactivate and delete one of them there`,
      );
    }
    await app.add(secret);
    await endSpares();
  },

  async list(http, issuer, settings) {
    const present = await secretsOf(http, issuer, settings).list();
    const spares = sparesIn(present);
    return present
      .filter(one => !spares.includes(one))
      .map(one => ({ id: fingerprint(one.client_secret), createdAt: new Date(one.created) }));
  },

  async revoke(http, issuer, keyId, settings) {
    const app = secretsOf(http, issuer, settings);
    const present = await app.list();
    const isMine = (one: ClientSecret) => fingerprint(one.client_secret) === keyId;
    const [mine, ...twins] = present.filter(isMine);
    if (!mine) return;
    for (const twin of twins) await app.end(twin);
    const isLast = isActive(mine) && !present.some(one => !isMine(one) && isActive(one));
    if (isLast) await app.add(`${endedMark}${generateSecret()}`);
    await app.end(mine);
  },

  verify(http, { secret }, { clientId }) {
    // Asking about a token that does not exist takes a valid client secret, and mints nothing.
    const request = { basic: { user: clientId, password: secret }, form: { token: 'none' } };
    return http.probe('POST', '/oauth2/v1/introspect', request, [
      ['accepted', 200, introspection],
      ['rejected', 401, wrongSecret],
    ]);
  },
};

/** The secrets of one app, with the issuer's authorization. */
function secretsOf(http: Http, { token }: z.infer<typeof issuer>, { appId }: Settings) {
  const path = `/api/v1/apps/${encodeURIComponent(appId)}/credentials/secrets`;
  const common = {
    headers: { authorization: `SSWS ${token}` },
    needs: 'the rights of an admin who may manage the app',
  };
  const send = (method: 'POST' | 'DELETE', rest: string, call: Omit<HttpCall, 'needs'>) =>
    http.send(method, path + rest, { ...common, ...call });
  return {
    send,
    /** Not resent in here: the next attempt looks at the list first. */
    add: (client_secret: string) =>
      send('POST', '', { json: { client_secret, status: 'ACTIVE' }, once: true }),
    async end(one: ClientSecret) {
      if (isActive(one)) await send('POST', `/${one.id}/lifecycle/deactivate`, {});
      await send('DELETE', `/${one.id}`, { expect: [404] });
    },
    /** Those that are active come first. */
    async list() {
      const { body } = await http.send('GET', path, { ...common, reply: clientSecrets });
      const secrets = createRedaction(body.map(({ client_secret }) => client_secret));
      if (!body.some(({ id }) => secrets.holds(id)))
        return [...body.filter(isActive), ...body.filter(one => !isActive(one))];
      throw new KeyturnError(
        'bad-reply',
        `Okta listed a client secret as the id of one in app ${appId}; check that the key's settings name its own host`,
      );
    },
  };
}
