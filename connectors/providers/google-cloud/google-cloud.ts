// Keys of one Google Cloud service account: ten at most. The secret is the private key; Google keeps the public one.
import * as z from 'zod/mini';
import { minuteMs } from '../../../core/time';
import type { IssueConnector } from '../../contract/connector';
import { placeholder } from '../../contract/presented';
import type { Cause } from '../../http/http';
import { email, grant, granted, login, wrongKey } from './google-login';

const settings = z.strictObject({ serviceAccount: email });
type Settings = z.infer<typeof settings>;
/** A key file, as Google gives it to people. */
const keyFile = z.object({ client_email: email, private_key_id: z.string(), private_key: z.string() });

const key = z.object({ name: z.string(), validAfterTime: z.string(), validBeforeTime: z.string() });
const issued = z.extend(key, { privateKeyData: z.string() });
// An empty list is left out.
const listed = z.object({ keys: z._default(z.array(key), []) });
const iam = 'https://iam.googleapis.com';
const scope = 'https://www.googleapis.com/auth/cloud-platform';
const needs = 'the role Service Account Key Admin (roles/iam.serviceAccountKeyAdmin) on this service account';
const failure = (status: string, message: RegExp) =>
  z.object({ error: z.object({ status: z.literal(status), message: z.string().check(z.regex(message)) }) });
const causes: Cause[] = [
  [
    'refused',
    failure('RESOURCE_EXHAUSTED', /^Maximum number of keys on account reached/),
    'the service account holds ten keys already; delete those that no one uses',
  ],
  [
    'refused',
    failure('FAILED_PRECONDITION', /^Key creation is not allowed/),
    "the organization's policy iam.disableServiceAccountKeyCreation forbids keys; have it lifted for this project, or federate in place of a key",
  ],
];

export const googleCloud: IssueConnector<z.infer<typeof keyFile>, Settings> = {
  provider: 'google-cloud',
  title: 'Google Cloud',
  kind: 'issue',
  origins: () => [iam, login],
  issuer: keyFile,
  issuerHelp: `{"client_email", "private_key_id", "private_key"}: the key file of a service account with ${needs}`,
  settings,
  // What an account may do is granted to it, and the same for all its keys.
  scopes: 'none',
  example: {
    env: { GOOGLE_CLIENT_EMAIL: 'clientEmail', GOOGLE_PRIVATE_KEY: 'secret' },
    settings: { serviceAccount: '{server}@example-project.iam.gserviceaccount.com' },
    replace: 'serviceAccount: the email of the service account.',
  },
  tells: ['createdAt'],
  secretPattern: /^-----BEGIN PRIVATE KEY-----\n/,
  callOrigins: () => [login],
  presents: [{ in: 'assertion', name: 'assertion' }],
  placeholder: `-----BEGIN PRIVATE KEY-----\n${placeholder(64)}\n`,
  unauthorizedMeansNotDone: true,
  // No figures are documented; a new key has been seen to need a minute.
  propagation: { createMs: 2 * minuteMs, revokeMs: 2 * minuteMs },
  exclusive: true,
  nameMaxLength: Number.POSITIVE_INFINITY,

  async signIn(http, { client_email, private_key_id, private_key }) {
    const form = grant(http, { account: client_email, kid: private_key_id, privateKey: private_key, scope });
    const call = { origin: login, form, needs: 'a key that is valid', causes: rejected, reply: granted };
    const { body } = await http.send('POST', '/token', call);
    return { token: body.access_token, seconds: body.expires_in };
  },

  async create(http, _issuer, { settings }) {
    const json = { privateKeyType: 'TYPE_GOOGLE_CREDENTIALS_FILE', keyAlgorithm: 'KEY_ALG_RSA_2048' };
    const call = { json, needs, causes, once: true, reply: issued };
    const { body } = await http.send('POST', keysPath(settings), call);
    const file = keyFile.parse(JSON.parse(Buffer.from(body.privateKeyData, 'base64').toString()));
    return {
      keyId: idOf(body.name),
      secret: file.private_key,
      expiresAt: endOf(body.validBeforeTime)?.toISOString(),
      fields: { clientEmail: file.client_email },
    };
  },

  async list(http, _issuer, settings) {
    const query = { keyTypes: 'USER_MANAGED' };
    const { body } = await http.send('GET', keysPath(settings), { query, needs, reply: listed });
    return body.keys.map(({ name, validAfterTime, validBeforeTime }) => ({
      id: idOf(name),
      createdAt: new Date(validAfterTime),
      expiresAt: endOf(validBeforeTime) ?? 'never',
    }));
  },

  async revoke(http, _issuer, keyId, settings) {
    const path = `${keysPath(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { expect: [404], needs });
  },

  async verify(http, { secret, keyId }, { serviceAccount }) {
    try {
      const form = grant(http, { account: serviceAccount, kid: keyId, privateKey: secret, scope });
      return await http.probe('POST', '/token', { origin: login, form }, [
        ['accepted', 200, granted],
        ['rejected', 400, wrongKey],
      ]);
    } catch {
      // Not a key at all: Google was not asked.
      return 'unknown';
    }
  },
};

const rejected: Cause[] = [['issuer-rejected', z.object({ error: z.literal('invalid_grant') })]];

function keysPath({ serviceAccount }: Settings): string {
  return `/v1/projects/-/serviceAccounts/${serviceAccount}/keys`;
}

/** `projects/<project>/serviceAccounts/<account>/keys/<id>` */
function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Keys without an end are given the last day of the year 9999. */
function endOf(validBeforeTime: string): Date | undefined {
  return validBeforeTime.startsWith('9999-') ? undefined : new Date(validBeforeTime);
}
