import { basicOf, bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import { keyedRoute, keyRoutes } from '../key-routes';

const password = 'FAKESECRETissuer00000000';
const lifeSeconds = 90 * 86_400;

const failure = (status: number, body: object): WireReply => ({ status, body });
const unknown = () => failure(401, { message: 'You must be logged in to publish packages.' });
const ended = () => failure(403, { error: 'unauthorized access' });
const isUser = (call: WireCall) => basicOf(call)?.password === password;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const profile = (name: string) => ({ tfa: false, name, email: '', email_verified: false, fullname: '' });
const recorded = 'recorded 2026-11-29 from verdaccio 6 on this machine, with security.api.jwt';

export const verdaccio: Dialect = {
  provider: 'verdaccio',
  evidence: [
    'recorded 2026-11-29 answers of verdaccio 6 (npm), with security.api.jwt and security.api.legacy false',
    'docs 2026-11-28 https://verdaccio.org/docs/configuration#security',
    'memory 2026-11-28 what its rate limit answers',
  ],
  sample: { settings: { host: 'npm.example.com', user: 'support-bot' }, scopes: [] },
  origins: settings => [`https://${settings.host}`],
  place: settings => `${settings.host} ${settings.user}`,
  issuer: settings => ({ host: String(settings.host), [String(settings.user)]: password }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (_now, resetAt) => ({
    ...failure(429, { error: 'Too many requests, please try again later.' }),
    headers: {
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(unixSeconds(resetAt)),
    },
  }),
  routes: [
    ...keyRoutes({
      path: '/-/npm/v1/tokens',
      ending: { method: 'DELETE', path: '/-/npm/v1/tokens/token/{id}', idIn: call => call.params.id },
      refuse: call => (isUser(call) ? undefined : failure(401, { error: 'unauthorized' })),
      place: call => `${new URL(call.origin).host} ${basicOf(call)?.user}`,
      create(call, account, place) {
        if (call.json.password !== password)
          return failure(401, { error: 'bad username/password, access denied' });
        const id = account.fresh(32, '0123456789abcdef');
        const now = unixSeconds(account.now());
        const payload = encode({
          name: basicOf(call)?.user,
          token: { key: id },
          iat: now,
          exp: now + lifeSeconds,
        });
        const secret = `${encode({ alg: 'HS256', typ: 'JWT' })}.${payload}.${account.freshSecret(43)}`;
        const key = account.add({ id, place, secret });
        const created = key.createdAt.toISOString();
        return {
          status: 200,
          body: { token: secret, user: basicOf(call)?.user, key: id, cidr: [], readonly: false, created },
          key,
        };
      },
      list: keys => ({
        status: 200,
        body: {
          objects: keys.map(({ id, createdAt }) => ({
            user: 'support-bot',
            token: 'eyJhb...xiyTo',
            key: id,
            cidr: [],
            readonly: false,
            created: createdAt.toISOString(),
          })),
          urls: { next: '' },
        },
      }),
      revoked: () => ({ status: 200, body: {} }),
      missing: () => ({ status: 200, body: {} }),
    }),
    {
      kind: 'verify',
      method: 'GET',
      path: '/-/npm/v1/user',
      answer(call, account) {
        if (isUser(call)) return { status: 200, body: profile(basicOf(call)?.user ?? '') };
        const secret = bearerOf(call);
        const key = account.enter(secret);
        if (key) return { status: 200, body: profile('support-bot'), key };
        const dead = account.ownerOf(secret);
        return dead ? { ...ended(), key: dead } : unknown();
      },
    },
    keyedRoute({
      kind: 'use',
      method: 'PUT',
      path: '/{package}',
      secretOf: bearerOf,
      refused: ended(),
      answer: () => ({ status: 201, body: { ok: 'package created', success: true } }),
    }),
  ],
  verifyAnswers: [
    ['a token that was deleted', 'denied', ended(), recorded],
    ['a token that is none, or whose end has come', 'denied', unknown(), recorded],
    [
      'a user whose password is wrong',
      'unknown',
      failure(401, { error: 'bad username/password, access denied' }),
      recorded,
    ],
    [
      'a package that the user may not read',
      'unknown',
      failure(403, { error: 'user support-bot is not allowed to access package orders' }),
      'general knowledge',
    ],
    [
      'a proxy before the registry',
      'unknown',
      { status: 401, body: 'Authorization Required' },
      'general knowledge',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/orders`,
    method: 'PUT',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'orders', versions: {} }),
  }),
};
