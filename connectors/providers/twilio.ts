// API keys of one account: Restricted ones, with the permissions that are their scopes, or with the scope `all` a Standard one.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import type { Http } from '../http/http';
import { everyPage } from '../http/paging';

const issuer = z.object({ sid: z.string().check(z.regex(/^(SK|AC)/)), secret: z.string() });
type Issuer = z.infer<typeof issuer>;
const settings = z.strictObject({ accountSid: z.string().check(z.regex(/^AC[0-9a-f]{32}$/)) });
type Settings = z.infer<typeof settings>;

const policy = z.nullish(z.object({ allow: z.array(z.string()) }));
const issued = z.object({ sid: z.string(), secret: z.string(), policy });
const item = z.object({
  sid: z.string(),
  friendly_name: z.nullish(z.string()),
  date_created: z.nullish(z.string()),
});
const listed = z.object({
  keys: z.array(item),
  meta: z.object({ next_page_url: z.nullish(z.url()) }),
});
const failure = (code: number, message: RegExp) =>
  z.object({ code: z.literal(code), message: z.string().check(z.regex(message)) });
const unknown = failure(20003, /^(Authenticate|Authentication Error - invalid username)$/);
// By that, a Restricted key is known.
const lacks = failure(70051, /^Authorization Error: required permission [\w./-]+ is missing$/);

const api = 'https://api.twilio.com';
const needs =
  "a Main API key of this account (made in the console only), or the account's SID and auth token";
const basic = ({ sid, secret }: Issuer) => ({ basic: { user: sid, password: secret }, needs });

export const twilio: IssueConnector<Issuer, Settings> = {
  provider: 'twilio',
  title: 'Twilio',
  kind: 'issue',
  tells: ['createdAt', 'scopes'],
  origins: () => ['https://iam.twilio.com', api],
  issuer,
  issuerHelp: `{"sid", "secret"}: ${needs}`,
  settings,
  scopes: 'required',
  knownScopes: {
    form: {
      pattern: /^(all|\/twilio(\/[\w.-]+){2}\/([\w-]+|\*))$/,
      like: '/twilio/messaging/messages/create',
    },
    open: 'Twilio lists permissions for each of its products; it refuses those that it does not have when it makes the key',
  },
  // Everything but accounts and keys.
  adminScopes: /^all$/,
  example: {
    env: { TWILIO_ACCOUNT_SID: 'accountSid', TWILIO_API_KEY: 'keyId', TWILIO_API_SECRET: 'secret' },
    scopes: ['/twilio/messaging/messages/create'],
    settings: { accountSid: 'AC0123456789abcdef0123456789abcdef' },
    replace: 'accountSid and scopes: your account, and the permissions of the key.',
  },
  secretPattern: /^[0-9A-Za-z]{32}$/,
  callOrigins: () => [api, 'https://*.twilio.com'],
  presents: [{ in: 'basic', user: { field: 'keyId' } }],
  placeholder: placeholder(32),
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 64,

  async create(http, issuer, { name, scopes, settings: { accountSid } }) {
    const restricted = { KeyType: 'restricted', Policy: JSON.stringify({ allow: scopes }) };
    const form = { AccountSid: accountSid, FriendlyName: name, ...(!scopes.includes('all') && restricted) };
    const call = { ...basic(issuer), form, once: true, reply: issued };
    const { sid, secret, policy } = (await http.send('POST', '/v1/Keys', call)).body;
    return { keyId: sid, secret, scopes: policy?.allow ?? ['all'], fields: { accountSid } };
  },

  async list(http, issuer, { accountSid }) {
    const keys = await everyPage('Twilio', async (next: string | undefined) => {
      const page = next === undefined ? { PageSize: 1000 } : Object.fromEntries(new URL(next).searchParams);
      const call = {
        ...basic(issuer),
        query: { ...page, AccountSid: accountSid },
        reply: listed,
      };
      const { body } = await http.send('GET', '/v1/Keys', call);
      return { items: body.keys, next: body.meta.next_page_url ?? undefined };
    });
    return keys.map(({ sid, friendly_name, date_created }) => ({
      id: sid,
      name: friendly_name ?? '',
      ...(date_created && { createdAt: new Date(date_created) }),
    }));
  },

  async revoke(http, issuer, keyId) {
    const path = `/v1/Keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { ...basic(issuer), expect: [404] });
  },

  verify: (http, { keyId, secret }, settings) => ask(http, keyId, secret, settings),

  control: (http, { sid, secret }, settings) => ask(http, sid, secret, settings),
};

/** The words for a deleted key are those for a suspended account and another region, too: https://www.twilio.com/docs/api/errors/20003 */
function ask(http: Http, user: string, password: string, { accountSid }: Settings) {
  const request = { origin: api, basic: { user, password }, query: { PageSize: 1 } };
  return http.probe('GET', `/2010-04-01/Accounts/${accountSid}/Messages.json`, request, [
    ['accepted', 200, z.object({ messages: z.array(z.unknown()) })],
    ['accepted', 401, lacks],
    ['denied', 401, unknown],
  ]);
}
