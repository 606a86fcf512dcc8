import { createHash } from 'node:crypto';
import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { keyedRoute } from '../key-routes';

const issuer = { username: 'keyturn', password: 'FAKESECRETissuer000000000000000000000000' };

const failure = (status: number, error: string): WireReply => ({ status, body: { error } });
const wrong = () => failure(401, 'WRONGPASS invalid username-password pair or user is disabled.');
const said = (reply: unknown): WireReply => ({ status: 200, body: { reply } });
const argsOf = ({ json }: WireCall) => (json as { args: string[] }).args;

function asIssuer(answer: (args: string[], account: FakeAccount, call: WireCall) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply =>
    isIssuer(call) ? answer(argsOf(call), account, call) : wrong();
}

function isIssuer(call: WireCall): boolean {
  const { user, password } = basicOf(call) ?? {};
  return user === issuer.username && password === issuer.password;
}

const placeOf = (call: WireCall, user = '') => `${call.origin}/${user}`;

/** A password of another user is none of this one. */
function secretOf(call: WireCall): string | undefined {
  const { password } = basicOf(call) ?? {};
  return password;
}

const recorded = 'recorded 2026-11-29 a server of Redis 7.0.15 with TLS and an ACL file';

export const redis: Dialect = {
  provider: 'redis',
  evidence: [
    `${recorded}: every command and answer here`,
    'docs 2026-11-29 https://redis.io/docs/latest/commands/acl-setuser/: a user may have several passwords; #<hash> adds one, !<hash> takes one away',
  ],
  sample: { settings: { host: 'redis.acme.example.com:6379', user: 'support-bot' }, scopes: [] },
  origins: settings => [`https://${settings.host}`],
  place: settings => `https://${settings.host}/${settings.user}`,
  issuer: settings => ({ host: String(settings.host), ...issuer }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  knownBy: secret => createHash('sha256').update(secret).digest('hex'),
  tooMany: () => failure(429, 'ERR max number of clients reached'),
  routes: [
    {
      kind: 'list',
      method: 'POST',
      path: '/acl/getuser',
      answer: asIssuer(([user], account, call) => {
        const place = placeOf(call, user);
        if (!account.hasPlace(place)) return said(null);
        const passwords = account.present(place).map(({ secret }) => secret);
        return said(['flags', ['on'], 'passwords', passwords, 'commands', '-@all +get', 'keys', '~*']);
      }),
    },
    {
      kind: 'install',
      method: 'POST',
      path: '/acl/setuser',
      when: call => argsOf(call)[1]?.startsWith('#') ?? false,
      answer: asIssuer(([user, rule = ''], account, call) => {
        const [place, secret] = [placeOf(call, user), rule.slice(1)];
        if (!/^[0-9a-f]{64}$/.test(secret))
          return failure(
            400,
            `ERR Error in ACL SETUSER modifier '${rule}': The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters`,
          );
        const there = account.present(place).find(key => key.secret === secret);
        const key = there ?? account.add({ id: secret.slice(0, 16), place, secret });
        return { ...said('OK'), key };
      }),
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: '/acl/setuser',
      answer: asIssuer(([user, rule = ''], account, call) => {
        const key = account.present(placeOf(call, user)).find(({ secret }) => `!${secret}` === rule);
        if (!key)
          return failure(
            400,
            `ERR Error in ACL SETUSER modifier '${rule}': The password you are trying to remove from the user does not exist`,
          );
        account.revoke(key);
        return { ...said('OK'), key };
      }),
    },
    { kind: 'other', method: 'POST', path: '/acl/save', answer: asIssuer(() => said('OK')) },
    { kind: 'other', method: 'POST', path: '/client/kill', answer: asIssuer(() => said(1)) },
    keyedRoute({
      kind: 'verify',
      method: 'POST',
      path: '/ping',
      secretOf,
      refused: wrong(),
      answer: () => said('PONG'),
      issuer: call => (isIssuer(call) ? said('PONG') : undefined),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/get',
      secretOf,
      refused: wrong(),
      answer: () => said('paid'),
    }),
  ],
  verifyAnswers: [
    [
      'an address that the server lets nobody in from',
      'unknown',
      failure(403, 'DENIED Redis is running in protected mode because protected mode is enabled'),
      'source 2026-11-29 https://github.com/redis/redis src/networking.c',
    ],
    ['a password that has ended, a user that is switched off, another server', 'denied', wrong(), recorded],
    [
      'a user that may not ping',
      'accepted',
      failure(403, "NOPERM this user has no permissions to run the 'ping' command"),
      recorded,
    ],
    [
      'a server that is starting',
      'unknown',
      failure(503, 'LOADING Redis is loading the dataset in memory'),
      'docs 2026-11-29 https://redis.io/docs/latest/develop/reference/protocol-spec/',
    ],
    [
      'a server that wants no user',
      'unknown',
      failure(
        400,
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      ),
      recorded,
    ],
    [
      'a connection that did not sign in',
      'unknown',
      failure(401, 'NOAUTH Authentication required.'),
      recorded,
    ],
  ],
  use: (value, settings) => ({
    // The session is played over HTTPS.
    url: `https://${settings.host}/get`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.username}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ args: ['order:17'] }),
  }),
};
