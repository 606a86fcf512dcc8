// What the config says of keys that tokens are minted from.
import { problemsAfter } from '../../support/broken-config';

const github = {
  provider: 'github-app',
  scopes: ['contents:read'],
  settings: { appId: 'Iv1', installationId: '1', repositories: ['docs'] },
};
const urls = {
  tokenUrl: 'https://login.example.com/token',
  revocationUrl: 'https://login.example.com/revoke',
};
const oauth = { provider: 'oauth-client', scopes: ['orders.read'], settings: urls };
const onlyProd = { environments: { prod: {} } };
const problems = (key: Record<string, unknown>) =>
  problemsAfter(keys => keys.servers['support-bot']!.keys.push({ ...onlyProd, ...key }));

test.each([
  ['a GitHub App', github],
  ['an OAuth client that a person made', oauth],
  [
    'an OAuth client that Keyturn registers',
    {
      ...oauth,
      rotateEvery: 'monthly',
      settings: { ...urls, registrationUrl: 'https://login.example.com/reg' },
    },
  ],
  ['a consent', { ...oauth, settings: { tokenUrl: urls.tokenUrl, grant: 'refresh_token' } }],
])('%s is valid', (_what, key) => {
  expect(problems(key)).toEqual([]);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'a variable for a root',
    { ...github, env: 'GITHUB_TOKEN' },
    'prod/support-bot/github-app: env "GITHUB_TOKEN" would give the server the root of its GitHub tokens, which no server may read; remove it, and let the server ask its token function',
  ],
  [
    'a schedule for what only a person makes',
    { ...github, rotateEvery: 'monthly' },
    'prod/support-bot/github-app: rotateEvery "monthly" has no effect, since only a person can create this GitHub key; remove it, and store a new key with `npx keyturn adopt`',
  ],
  [
    'the same for a client that nobody registers',
    { ...oauth, environments: { prod: { rotateEvery: 'monthly' } } },
    'prod/support-bot/oauth-client: rotateEvery "monthly" has no effect, since only a person can create this OAuth server key; remove it, and store a new key with `npx keyturn adopt`',
  ],
  [
    'an overlap shorter than the tokens live',
    { ...oauth, tier: 'low', overlapHours: 12 },
    'prod/support-bot/oauth-client: overlapHours 12 revokes the root while tokens of tier low, which are valid up to 24 hours, are still in use; use at least 24',
  ],
  [
    'endpoints of two servers',
    { ...oauth, settings: { ...urls, revocationUrl: 'https://evil.example.com/revoke' } },
    'prod/support-bot/oauth-client: settings {"tokenUrl":"https://login.example.com/token","revocationUrl":"https://evil.e... name more than one host, and the client secret goes to all; use endpoints of one server',
  ],
  [
    'a consent that should be registered anew',
    {
      ...oauth,
      settings: { ...urls, grant: 'refresh_token', registrationUrl: 'https://login.example.com/reg' },
    },
    'prod/support-bot/oauth-client: settings {"tokenUrl":"https://login.example.com/token","revocationUrl":"https://login.... name a registrationUrl, but a consent belongs to one client; leave it out',
  ],
  [
    'a token endpoint in the clear',
    { ...oauth, settings: { tokenUrl: 'http://login.example.com/token' } },
    'prod/support-bot/oauth-client: settings.tokenUrl "http://login.example.com/token" is not an https address without user and fragment; write https://<host>/<path>',
  ],
  [
    'a token endpoint that is no address',
    { ...oauth, settings: { tokenUrl: 'login.example.com', revocationUrl: 'https://other.example.com/' } },
    'prod/support-bot/oauth-client: settings.tokenUrl "login.example.com" is not an https address without user and fragment; write https://<host>/<path>',
  ],
  [
    'no repositories',
    { ...github, settings: { appId: 'Iv1', installationId: '1' } },
    "prod/support-bot/github-app: settings.repositories is missing; write settings like { appId: 'Iv23liExample', installationId: '12345678', repositories: ['docs'] } (scopes, appId, installationId and repositories: those of your GitHub App)",
  ],
])('%s is refused, with the place and the fix', (_what, key, text) => {
  expect(problems(key)).toEqual([text]);
});
