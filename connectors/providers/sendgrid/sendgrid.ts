import * as z from 'zod/mini';
import { minuteMs } from '../../../core/time';
import type { IssueConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import type { Http } from '../../http/http';
import { sendgridScopes } from './sendgrid-scopes';

const issued = z.object({ api_key: z.string(), api_key_id: z.string(), scopes: z.array(z.string()) });
const listed = z.object({ result: z.array(z.object({ api_key_id: z.string(), name: z.string() })) });
const ownScopes = z.object({ scopes: z.array(z.string()) });
const failure = (message: z.ZodMiniType) => z.object({ errors: z.tuple([z.object({ message })]) });
const turnedAway = failure(z.literal('The provided authorization grant is invalid, expired, or revoked'));
const isFull = failure(z.string().check(z.regex(/^(Cannot create more than|You have reached the maximum)/i)));

/** SendGrid's quota of keys; lists are not paged, so one request asks for as many. */
const keysAtMost = 100;

/**
 * Granted to keys unasked: https://github.com/kenzo0107/terraform-provider-sendgrid/pull/118, and the example of one key in
 * https://github.com/twilio/sendgrid-oai spec/json/tsg_api_keys_v3.json.
 */
const unasked = /^(2fa_required|sender_verification_(eligible|exempt|legacy))$/;

export interface Settings {
  region?: 'global' | 'eu';
}
const hosts = ({ region }: Settings): [string] => [
  region === 'eu' ? 'https://api.eu.sendgrid.com' : 'https://api.sendgrid.com',
];

export const sendgrid: IssueConnector<{ apiKey: string }, Settings> = {
  provider: 'sendgrid',
  title: 'SendGrid',
  kind: 'issue',
  tells: ['scopes'],
  origins: hosts,
  issuer: z.object({ apiKey: z.string().check(z.startsWith('SG.')) }),
  issuerHelp:
    '{"apiKey"}: an API key with the scopes api_keys.create, api_keys.read, api_keys.delete and every scope that the keys get',
  settings: z.strictObject({ region: z.optional(z.enum(['global', 'eu'])) }),
  scopes: 'required',
  knownScopes: {
    source: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
    names: sendgridScopes,
  },
  adminScopes:
    /^(api_keys|teammates|subusers|sso|access_settings|billing|user\.(account|password|email|username))\b/,
  example: { env: 'SENDGRID_API_KEY', scopes: ['mail.send'] },
  secretPattern: /^SG\.[\w-]{16,32}\.[\w-]{32,64}$/,
  secretMark: /^SG\./,
  callOrigins: hosts,
  presents: [bearer],
  placeholder: `SG.${placeholder(22)}.${placeholder(43)}`,
  unauthorizedMeansNotDone: true,
  // No figures are documented, only "a small propagation delay".
  propagation: { createMs: minuteMs, revokeMs: minuteMs },
  nameMaxLength: 100,

  async create(http, { apiKey }, { name, scopes }) {
    const { body } = await http.send('POST', '/v3/api_keys', {
      bearer: apiKey,
      json: { name, scopes },
      needs: 'the scope api_keys.create, and every scope that it grants',
      once: true,
      causes: [
        ['refused', isFull, `the account holds ${keysAtMost} keys already; delete those that no one uses`],
      ],
      reply: issued,
    });
    const granted = body.scopes.filter(scope => scopes.includes(scope) || !unasked.test(scope));
    return { keyId: body.api_key_id, secret: body.api_key, scopes: granted };
  },

  async list(http, { apiKey }) {
    const query = { limit: keysAtMost };
    const needs = 'the scope api_keys.read';
    const call = { query, bearer: apiKey, needs, reply: listed };
    const { body } = await http.send('GET', '/v3/api_keys', call);
    return body.result.map(({ api_key_id, name }) => ({ id: api_key_id, name }));
  },

  async revoke(http, { apiKey }, keyId) {
    const path = `/v3/api_keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, {
      bearer: apiKey,
      expect: [404],
      needs: 'the scope api_keys.delete',
    });
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { apiKey }) => ask(http, apiKey),

  issuerPower: {
    needed: /^(api_keys\.(create|read|delete)|2fa_required|sender_verification_(eligible|exempt|legacy))$/,
    async scopes(http, { apiKey }) {
      const call = { bearer: apiKey, needs: 'any scope', reply: ownScopes };
      return (await http.send('GET', '/v3/scopes', call)).body.scopes;
    },
  },

  keyIdOf: secret => /^SG\.([\w-]+)\./.exec(secret)?.[1],
};

/**
 * Every key may ask this. Deleted keys are turned away in words that keys of suspended accounts get, too, and keys whose
 * permissions were changed: https://support.sendgrid.com/hc/en-us/articles/18322114821403 (2026-11-28).
 */
function ask(http: Http, bearer: string) {
  return http.probe('GET', '/v3/scopes', { bearer }, [
    ['accepted', 200, ownScopes],
    ['denied', 401, turnedAway],
  ]);
}
