// A key that is put into a secret of GitHub Actions.
import { hourMs, minuteMs, secondMs } from '../../../../core/time';
import { fakeGithubActions, type RunStatus } from '../../../../rehearsal/places/fake-github-actions';
import {
  type HostedPlaces,
  hostPlaces,
  type PlaceCall,
  type PlaceFault,
} from '../../../support/hosted-places';
import { type DeliverSetup, key, openDeliverSetup } from './deliver-setup';

const to = 'github-actions';
const place = { to, repository: 'example/reports', secret: 'API_KEY' };
const inEnvironment = { ...place, environment: 'prod / eu' };
const token = 'github_pat_FAKESECRET0123456789';
let setup: DeliverSetup;
let github: ReturnType<typeof fakeGithubActions>;
let hosted: HostedPlaces;
/** What happens to each call. */
let fault: (call: PlaceCall) => PlaceFault | undefined;

async function open(where: typeof place = place, options: Parameters<typeof openDeliverSetup>[1] = {}) {
  setup = await openDeliverSetup([where], { overlapHours: 1, tokens: { [to]: token }, ...options });
  github = fakeGithubActions();
  github.tokens.add(token);
  github.add('Example/Reports', 'prod / eu');
  fault = () => undefined;
  hosted = hostPlaces([github], setup.aws.clock, call => fault(call));
}
afterEach(async () => {
  hosted.close();
  await setup.close();
});

const held = () => github.secret('example/reports', 'API_KEY');
const told = () => setup.notices.map(({ state }) => state);
const reason = () => Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened'];
const puts = () => hosted.calls.filter(({ asked }) => asked.startsWith('PUT')).length;
const run = (status: RunStatus, createdAt = setup.aws.clock.now()) => {
  const added = { repository: 'Example/Reports', status, createdAt };
  github.runs.push(added);
  return added;
};

async function rotateTwice(): Promise<void> {
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  await setup.rotated(await setup.promote('two'));
}

const hours = (count: number) => setup.hours(count);

test('each new key is there at once, sealed, and the one before ends after its overlap', async () => {
  await open();
  await rotateTwice();
  expect(held()).toBe('two');
  expect(await hours(2)).toEqual([key]);
  expect(told()).toEqual([]);
  expect(hosted.calls.map(({ body }) => body).join()).not.toMatch(/one|two/);
});

test('a secret of an environment is its own, whatever the environment is called', async () => {
  await open(inEnvironment);
  await setup.rotated(await setup.promote('one'));
  expect([github.secret('example/reports', 'API_KEY', 'prod / eu'), held()]).toEqual(['one', undefined]);
  expect(told()).toEqual([]);
});

test.each<RunStatus>(['queued', 'in_progress', 'requested', 'waiting', 'pending'])(
  'the old key is kept while a run that began before is %s, and not for what is over or began after',
  async status => {
    await open();
    await setup.rotated(await setup.promote('one'));
    await setup.retire();
    run('completed');
    const before = run(status);
    // GitHub tells seconds.
    await setup.aws.passMs(2 * secondMs);
    await setup.rotated(await setup.promote('two'));
    await setup.aws.passMs(2 * secondMs);
    run(status);
    setup.deploy([place], { overlapHours: 4 });
    expect(await hours(6)).toEqual([]);
    before.status = 'completed';
    expect(await hours(1)).toEqual([key]);
  },
);

test.each<[RunStatus, RunStatus, number]>([
  ['queued', 'in_progress', 2],
  ['in_progress', 'waiting', 4],
])(
  'a run that goes from %s to %s while GitHub is asked for runs is met all the same',
  async (first, then, atAsk) => {
    await open();
    await setup.rotated(await setup.promote('one'));
    await setup.retire();
    const before = run(first);
    let asks = 0;
    fault = ({ asked }) => {
      asks = asked.endsWith('/runs') ? asks + 1 : 0;
      if (before.status !== 'completed') before.status = asks < atAsk ? first : then;
      return undefined;
    };
    await setup.rotated(await setup.promote('two'));
    setup.deploy([place], { overlapHours: 4 });
    expect(await hours(5)).toEqual([]);
    before.status = 'completed';
    expect(await hours(1)).toEqual([key]);
  },
);

test('a run that is queued in the half minute after it can have read what was there before', async () => {
  await open();
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  const writtenAt = setup.aws.clock.now().getTime();
  const late = run('in_progress', new Date(writtenAt + 20 * secondMs));
  await setup.rotated(await setup.promote('two'));
  setup.deploy([place], { overlapHours: 4 });
  expect(await hours(5)).toEqual([]);
  late.status = 'completed';
  expect(await hours(1)).toEqual([key]);
});

test("an answer from before it was there, in its first half minute, is nobody's trouble", async () => {
  await open();
  const began = setup.aws.clock.now().getTime();
  fault = ({ asked }) =>
    /GET .*API_KEY$/.test(asked) && setup.aws.clock.now().getTime() - began < 20 * secondMs
      ? { status: 404, body: { message: 'Not Found' } }
      : undefined;
  await setup.rotated(await setup.promote('one'));
  expect([held(), told()]).toEqual(['one', []]);
});

test('a run that never ends holds the old key no longer than its hard limit', async () => {
  await open();
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  run('waiting');
  await setup.rotated(await setup.promote('two'));
  expect(await hours(1)).toEqual([]);
  expect(await hours(2)).toEqual([key]);
  expect(told()).toEqual(['begins']);
});

test('in an emergency nothing waits for runs', async () => {
  await open();
  await setup.rotated(await setup.promote('one'));
  run('in_progress');
  const began = setup.aws.clock.now().getTime();
  await setup.rotated(await setup.promote('two'), 'Key Contained');
  expect(held()).toBe('two');
  expect(setup.aws.clock.now().getTime() - began).toBeLessThan(2 * minuteMs);
});

test.each([
  [
    401,
    { message: 'Bad credentials' },
    /^GitHub Actions answered 401 .*`npx keyturn issuer set github-actions`$/,
  ],
  [
    403,
    { message: 'Resource not accessible by personal access token' },
    /answered 403 .* needs a fine-grained personal access token .* Actions \(read\), Secrets \(read and write\)/,
  ],
  [
    404,
    { message: 'Not Found' },
    /^the secret API_KEY of example\/reports at GitHub does not exist, or the token may not see it; correct deliverTo, or give the token a fine-grained/,
  ],
  [422, { message: 'Validation Failed' }, /answered 422 to PUT /],
  [302, 'moved', /answered 302 to PUT /],
  [429, { message: 'API rate limit exceeded' }, /answered 429 to PUT /],
  [403, { message: 'API rate limit exceeded for user' }, /answered 403 .*it limits calls for now/],
  [503, 'down', /answered 503 to PUT .*it has an error of its own/],
])(
  'an answer %i is told without the key and the token, holds the old key, and goes through later',
  async (status, body, text) => {
    await open();
    await setup.rotated(await setup.promote('one'));
    await setup.retire();
    const headers = { location: 'https://elsewhere.example/', 'retry-after': '1' };
    fault = ({ asked }) => (asked.startsWith('PUT') ? { status, body, headers } : undefined);
    await setup.rotated(await setup.promote('hunter2-secret'));
    expect(reason()).toMatch(text);
    expect(JSON.stringify(setup.notices)).not.toMatch(/hunter2|FAKESECRET/);
    expect(await hours(1)).toEqual([]);
    fault = () => undefined;
    expect([await hours(1), held(), told()]).toEqual([[key], 'hunter2-secret', ['begins', 'over']]);
    // Nobody else ever got the token.
    expect(hosted.calls.every(({ asked }) => asked.includes(' https://api.github.com/'))).toBe(true);
  },
);

test.each([
  ['is not set', {}],
  ['is none', { [to]: '' }],
])('a token that %s is told with the command that sets it', async (_, tokens) => {
  await open(place, { tokens });
  await setup.rotated(await setup.promote('one'));
  expect(reason()).toMatch(
    /^the token for GitHub Actions in prod is not set, or is not a token; set it with `npx keyturn issuer set github-actions --env prod`: a fine-grained/,
  );
  expect(hosted.calls).toEqual([]);
});

test('what somebody else writes afterwards is told, holds the old key, and is written over within the hour', async () => {
  await open();
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  fault = ({ asked }) => {
    // After our write, and before anybody looked.
    if (puts() === 2 && asked.startsWith('GET') && held() === 'two')
      github.write(
        'example/reports',
        'API_KEY',
        'of others',
        new Date(setup.aws.clock.now().getTime() + 2 * secondMs),
      );
    return undefined;
  };
  await setup.rotated(await setup.promote('two'));
  expect([held(), reason()]).toEqual([
    'of others',
    'someone else has written it since; find out who, and make sure that only Keyturn writes it',
  ]);
  await setup.aws.passMs(hourMs);
  expect(await setup.retire()).toEqual([]);
  await setup.hourly();
  await setup.aws.passMs(hourMs);
  await setup.hourly();
  expect([held(), told(), await setup.retire()]).toEqual(['two', ['begins', 'over'], [key]]);
});

test('what GitHub does not show is not believed', async () => {
  await open();
  await setup.rotated(await setup.promote('one'));
  await setup.aws.passMs(hourMs);
  const [, old] = [0, { updated_at: '2026-01-01T00:00:00Z' }];
  fault = ({ asked }) => (/GET .*API_KEY$/.test(asked) ? { status: 200, body: old } : undefined);
  await setup.rotated(await setup.promote('two'));
  expect(reason()).toMatch(/^GitHub accepted it but does not show it/);
});

test.each([
  [
    'another key than a public one',
    'GET',
    /public-key$/,
    { key_id: '1', key: 'c2hvcnQ=' },
    /without a usable "key"/,
  ],
  ['no date of the secret', 'GET', /API_KEY$/, { updated_at: 'yesterday' }, undefined],
  ['no count of runs', 'GET', /runs$/, {}, undefined],
])('%s in an answer is no delivery', async (_, method, path, body, text) => {
  await open();
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  fault = ({ asked }) => (asked.startsWith(method) && path.test(asked) ? { status: 200, body } : undefined);
  await setup.rotated(await setup.promote('two'));
  if (text) expect(reason()).toMatch(text);
  expect(await hours(1)).toEqual([]);
  fault = () => undefined;
  expect(await hours(1)).toEqual([key]);
});
