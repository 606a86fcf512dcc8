// What the config says of scopes: one that the provider does not have is told with the nearest that it has.
import { type Change, problemsAfter } from '../../support/broken-config';

const place = 'prod/support-bot';
const other: Record<string, object> = {
  gitlab: { provider: 'gitlab', settings: { project: 'a/b', accessLevel: 'reporter' }, env: 'A' },
  algolia: { provider: 'algolia', settings: { applicationId: 'EXAMPLEAPP', indexes: ['a'] }, env: 'A' },
  pinecone: {
    provider: 'pinecone',
    settings: { projectId: '00000000-0000-4000-8000-000000000001' },
    env: 'A',
  },
  launchdarkly: { provider: 'launchdarkly', settings: { host: 'app.launchdarkly.com' }, env: 'A' },
  'github-app': {
    provider: 'github-app',
    settings: { appId: 'Iv23liExample', installationId: '12345678', repositories: ['docs'] },
  },
};

const scoped =
  (provider: string, scopes: string[], more: object = {}): Change =>
  (keys, sendgrid) => {
    const key = provider === 'sendgrid' ? sendgrid : { ...other[provider] };
    if (key !== sendgrid) keys.servers['support-bot']!.keys.push(key as Record<string, unknown>);
    Object.assign(key, { scopes, environments: { prod: {} }, ...more });
  };

const unknown = (provider: string, title: string, wrong: string, use: string) =>
  `${place}/${provider}: scopes "${wrong}" is not a scope that ${title} documents; use ${use}, or, if ${title} has added it since, name it in "reason"`;

test.each([
  ['sendgrid', 'SendGrid', 'mail.sned', '"mail.send"'],
  ['sendgrid', 'SendGrid', 'Mail.Send', '"mail.send"'],
  ['sendgrid', 'SendGrid', 'mail_send', '"mail.send"'],
  ['sendgrid', 'SendGrid', 'suppressions.read', '"suppression.read"'],
  ['gitlab', 'GitLab', 'read-api', '"read_api"'],
  ['gitlab', 'GitLab', 'read_repositories', '"read_repository"'],
  ['algolia', 'Algolia', 'addObjects', '"addObject"'],
  ['pinecone', 'Pinecone', 'ProjectView', '"ProjectViewer"'],
  ['github-app', 'GitHub', 'content:read', '"contents:read"'],
  ['github-app', 'GitHub', 'contents:admin', '"contents:read"'],
  ['github-app', 'GitHub', 'workflows:read', '"workflows:write"'],
])('%s: %s has no scope %s', (provider, title, wrong, use) => {
  const [problem, ...more] = problemsAfter(scoped(provider, [wrong]));
  expect([problem?.replace(/^.*?(?=prod\/)/, ''), more]).toEqual([unknown(provider, title, wrong, use), []]);
});

test('where none is near, it says where they stand', () => {
  const [problem] = problemsAfter(scoped('sendgrid', ['everything-and-more']));
  expect(problem).toContain('; use one of those at https://www.twilio.com/docs/sendgrid/');
});

test('one that is new is taken when the reason names it, and no other', () => {
  const reason = 'SendGrid has had mail.delay since May, and stats.all.';
  expect(problemsAfter(scoped('sendgrid', ['mail.delay', 'stats.all'], { reason }))).toEqual([]);
  expect(problemsAfter(scoped('sendgrid', ['mail.del'], { reason }))).toHaveLength(1);
  expect(problemsAfter(scoped('sendgrid', ['mail.delay', 'mail.sned'], { reason }))).toEqual([
    expect.stringContaining('scopes "mail.sned"'),
  ]);
  const why = { reason: 'It makes keys for its customers.' };
  expect(problemsAfter(scoped('sendgrid', ['api_keys.crate'], why))).toHaveLength(1);
});

test('where nobody can list them, their form is looked at alone', () => {
  expect(problemsAfter(scoped('launchdarkly', ['our-own-role']))).toEqual([]);
  expect(problemsAfter(scoped('launchdarkly', ['our own:role'.replace(' ', '')]))).toEqual([
    expect.stringContaining('scopes "ourown:role" is not a scope of LaunchDarkly; write it like reader'),
  ]);
});
