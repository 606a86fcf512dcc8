// Programmatic access tokens of one Snowflake user, by statements of its SQL API. The issuer proves itself by a key pair, since a
// session that began with such a token may not change tokens.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { fingerprint } from '../../../core/key/generated-secret';
import { dayMs } from '../../../core/time';
import { awsPartner } from '../../contract/aws-partner';
import type { IssueConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import type { Http } from '../../http/http';
import {
  type Issuer,
  jwtOf,
  literal,
  needs,
  runStatement,
  statementsPath,
  timeIn,
  withToken,
} from './sql-api';

/** `<organization>-<account>`, or `<locator>.<region>`. */
const account = z.string().check(z.regex(/^[a-z0-9_-]+(\.[a-z0-9-]+)*$/));
/** Names go into statements, which take no parameters there. */
const name = z.string().check(z.regex(/^[A-Za-z_][\w$]*$/));
const settings = z.strictObject({
  account,
  user: name,
  role: name,
  /** What the account's policy allows. */
  maxKeyDays: z._default(z.number().check(z.minimum(1), z.maximum(365)), 365),
});
export type Settings = z.infer<typeof settings>;
const issuer = z.object({ account, user: name, privateKey: z.string() });

const issued = z.object({ token_name: z.string(), token_secret: z.string() });
const item = z.object({
  name: z.string(),
  status: z.string(),
  comment: z.nullish(z.string()),
  created_on: z.string(),
  expires_at: z.nullish(z.string()),
});
const invalidJwt = z.object({ code: z.literal('390144') });
/** Also of a token of another account. */
const invalidToken = z.object({
  code: z.literal('394400'),
  message: z.string().check(z.regex(/^Programmatic access token is invalid\b/)),
});

const origin = ({ account }: Pick<Settings, 'account'>) =>
  `https://${account.replaceAll('_', '-')}.snowflakecomputing.com`;

export const snowflake: IssueConnector<Issuer, Settings> = {
  provider: 'snowflake',
  title: 'Snowflake',
  kind: 'issue',
  tells: ['createdAt', 'expiresAt'],
  origins: settings => [origin(settings)],
  issuer,
  issuerHelp: `{"account", "user", "privateKey"}: a user of the type SERVICE with the key pair of this RSA private key (PEM) and the privilege ${needs}`,
  issuerOrigin: origin,
  settings,
  scopes: 'none',
  adminSettings: ({ role }) =>
    /^((GLOBAL)?ORG|ACCOUNT|SECURITY|USER)ADMIN$/i.test(role) ? [`role: ${role}`] : [],
  example: {
    env: 'SNOWFLAKE_TOKEN',
    settings: { account: 'example-prod', user: 'SUPPORT_BOT', role: 'SUPPORT_READER' },
    replace:
      'account, user and role: your account, the user of the server, and the one role that its tokens get.',
  },
  secretPattern: /^[\w.=-]{40,}$/,
  callOrigins: settings => [origin(settings)],
  presents: [bearer],
  placeholder: placeholder(64),
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  maxKeyDays: ({ maxKeyDays }) => maxKeyDays,
  nameMaxLength: 255,
  awsPartner: awsPartner('snowflake', {
    type: 'SnowflakePat',
    secret: 'patTokenValue',
    keyId: 'patTokenName',
    fields: ['account', 'user', 'privateKey', 'passphrase?', 'patTokenName', 'patTokenValue'],
    metadata: ['daysToExpiry?', 'expireOldTokenAfterHours?'],
    keyDays: ({ daysToExpiry = '15' }) => Number(daysToExpiry),
    // The new token has the name of the old one, so that who ends it by its name ends the wrong one.
    ends: 'by-hand',
    givesServer: 'read the private key of its user, and make further tokens with it',
    steps: {
      make: 'run ALTER USER ... ADD PROGRAMMATIC ACCESS TOKEN in Snowflake for the user, which has a key pair as well',
      end: 'run ALTER USER ... REMOVE PROGRAMMATIC ACCESS TOKEN in Snowflake',
    },
  }),

  async create(http, issuer, { name, expiresAt, settings: { user, role } }) {
    const now = http.now().getTime();
    const days = Math.ceil((expiresAt.getTime() - now) / dayMs);
    // Names of tokens are words, so that Keyturn's own stands beside it.
    const token = `KEYTURN_${fingerprint(name).toUpperCase()}`;
    const what = `ROLE_RESTRICTION = ${literal(role.toUpperCase())} DAYS_TO_EXPIRY = ${days} COMMENT = ${literal(name)}`;
    const statement = `ALTER USER ${user} ADD PROGRAMMATIC ACCESS TOKEN ${token} ${what}`;
    const [made] = await runStatement(http, issuer, statement, issued, { once: true });
    if (!made) throw new KeyturnError('bad-reply', 'Snowflake returned no token; look for a newer Keyturn');
    const end = new Date(now + days * dayMs).toISOString();
    return { keyId: made.token_name, secret: made.token_secret, expiresAt: end };
  },

  async list(http, issuer, { user }) {
    const tokens = await tokensOf(http, issuer, user);
    return tokens.map(({ name, comment, created_on, expires_at }) => ({
      id: name,
      name: comment ?? '',
      createdAt: timeIn(created_on),
      expiresAt: expires_at ? timeIn(expires_at) : 'never',
    }));
  },

  // What it says of a token that is gone is not documented, so only the list tells.
  async revoke(http, issuer, keyId, { user }) {
    if (!(await tokensOf(http, issuer, user)).some(({ name }) => name === keyId)) return;
    const token = /^[A-Z_][A-Z0-9_$]*$/.test(keyId) ? keyId : `"${keyId.replaceAll('"', '""')}"`;
    const statement = `ALTER USER ${user} REMOVE PROGRAMMATIC ACCESS TOKEN ${token}`;
    await runStatement(http, issuer, statement, z.object({}));
  },

  verify: (http, { secret }, settings) =>
    ask(http, secret, 'PROGRAMMATIC_ACCESS_TOKEN', settings, invalidToken),

  async control(http, issuer) {
    const { user } = issuer;
    return ask(http, jwtOf(http, issuer), 'KEYPAIR_JWT', { user }, invalidJwt);
  },
};

function ask(
  http: Http,
  token: string,
  type: string,
  { user, role }: { user: string; role?: string },
  dead: z.ZodMiniType,
) {
  const own = z.literal(user.toUpperCase());
  const given = role === undefined ? z.nullable(z.string()) : z.literal(role.toUpperCase());
  const json = { statement: 'SELECT CURRENT_USER(), CURRENT_ROLE()', timeout: 10 };
  return http.probe('POST', statementsPath, { ...withToken(token, type), json }, [
    ['accepted', 200, z.object({ data: z.tuple([z.tuple([own, given])]) })],
    ['denied', 401, dead],
  ]);
}

function tokensOf(http: Http, issuer: Issuer, user: string) {
  const all = runStatement(http, issuer, `SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER ${user}`, item);
  // It shows those that ended for a month.
  return all.then(tokens => tokens.filter(({ status }) => status !== 'EXPIRED'));
}
