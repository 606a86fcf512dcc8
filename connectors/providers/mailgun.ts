// API keys of a Mailgun account: for sending from one domain, or with a role in all of the account.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { inUtc, timeOf } from '../contract/listed-time';
import type { Http } from '../http/http';

const settings = z
  .strictObject({
    region: z._default(z.enum(['us', 'eu']), 'us'),
    role: z._default(z.enum(['sending', 'basic', 'developer', 'admin']), 'sending'),
    /** Of a key that sends: from where. */
    domain: z.optional(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))),
  })
  .check(
    z.refine(({ role, domain }) => (role === 'sending') === (domain !== undefined), {
      path: ['domain'],
      error: 'a key with the role sending needs its domain, and no other key has one',
    }),
  );
type Settings = z.infer<typeof settings>;

const item = z.object({
  id: z.string(),
  description: z.nullish(z.string()),
  created_at: z.string(),
  expires_at: z.nullish(z.string()),
});
const issued = z.object({ key: z.object({ ...item.shape, secret: z.string() }) });
const listed = z.object({ items: z.array(item) });
const isFull = z.object({ message: z.literal('could not create key, account limit reached') });
const noSender = z.object({ message: z.string().check(z.regex(/^'?from'? parameter is missing\b/)) });
const domains = z.object({ items: z.array(z.unknown()) });
// Also of a key of the other region, of a role that may not do this, and of an address that is not allowed.
const forbidden = z.union([
  z.literal('Forbidden'),
  z.object({ message: z.enum(['Forbidden', 'Invalid private key']) }),
]);

const needs = 'the role admin';
const basic = (password: string) => ({ basic: { user: 'api', password } });
const host = ({ region }: Settings) => `https://api.${region === 'eu' ? 'eu.' : ''}mailgun.net`;
const kindOf = ({ role, domain }: Settings): Record<string, string> =>
  domain === undefined ? { kind: 'user', role } : { kind: 'domain', role, domain_name: domain };

export const mailgun: IssueConnector<{ apiKey: string }, Settings> = {
  provider: 'mailgun',
  title: 'Mailgun',
  kind: 'issue',
  tells: ['createdAt', 'expiresAt'],
  origins: settings => [host(settings)],
  issuer: z.object({ apiKey: z.string().check(z.minLength(1)) }),
  issuerHelp: `{"apiKey"}: an API key of the account with ${needs}, whose allowlist of addresses lets Keyturn's functions in`,
  settings,
  scopes: 'none',
  adminSettings: ({ role }) => (role === 'admin' ? ['role: admin'] : []),
  example: {
    env: 'MAILGUN_API_KEY',
    settings: { domain: 'mg.example.com' },
    replace: 'domain: the one from which the server sends.',
  },
  secretPattern: /^(key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})$/,
  callOrigins: settings => [host(settings)],
  presents: [{ in: 'basic', user: { text: 'api' } }],
  placeholder: `${'0'.repeat(32)}-${'0'.repeat(8)}-${'0'.repeat(8)}`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 100,

  async create(http, { apiKey }, { name, expiresAt, settings }) {
    const seconds = Math.ceil((expiresAt.getTime() - http.now().getTime()) / 1000);
    const multipart = { ...kindOf(settings), description: name, expiration: String(seconds) };
    const fix = 'its account holds as many keys as it may, so delete keys that no one needs there';
    const causes = [['refused', isFull, fix] as const];
    const call = { ...basic(apiKey), multipart, needs, causes, once: true, reply: issued };
    const { key } = (await http.send('POST', '/v1/keys', call)).body;
    const end = key.expires_at ? { expiresAt: inUtc(key.expires_at).toISOString() } : {};
    return { keyId: key.id, secret: key.secret, ...end };
  },

  async list(http, { apiKey }, settings) {
    const { role: _role, ...query } = kindOf(settings);
    const { items } = (await http.send('GET', '/v1/keys', { ...basic(apiKey), query, needs, reply: listed }))
      .body;
    return items.map(({ id, description, created_at, expires_at }) => ({
      id,
      name: description ?? '',
      createdAt: inUtc(created_at),
      // Left out of a key that has none.
      expiresAt: timeOf(expires_at ?? null, inUtc),
    }));
  },

  async revoke(http, { apiKey }, keyId) {
    const path = `/v1/keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { ...basic(apiKey), expect: [404], needs });
  },

  verify: (http, { secret }, settings) => ask(http, secret, settings),

  control: (http, { apiKey }, settings) => ask(http, apiKey, settings),
};

/** A key that sends may do nothing else: it is known by a message that nobody is named to send. */
function ask(http: Http, key: string, { domain }: Settings) {
  if (domain === undefined)
    return http.probe('GET', '/v4/domains', { ...basic(key), query: { limit: 1 } }, [
      ['accepted', 200, domains],
      ['denied', 401, forbidden],
    ]);
  return http.probe('POST', `/v3/${domain}/messages`, { ...basic(key), form: {} }, [
    ['accepted', 400, noSender],
    ['denied', 401, forbidden],
  ]);
}
