// A key that is put into a secret of a Worker at Cloudflare.
import { minuteMs } from '../../../../core/time';
import { fakeWorkers } from '../../../../rehearsal/places/fake-workers';
import {
  type HostedPlaces,
  hostPlaces,
  type PlaceCall,
  type PlaceFault,
} from '../../../support/hosted-places';
import { type DeliverSetup, key, openDeliverSetup } from './deliver-setup';

const to = 'cloudflare-worker';
const account = '0123456789abcdef0123456789abcdef';
const place = { to, account, worker: 'bot', secret: 'API_KEY' };
const token = 'cfat_FAKESECRET0123456789';
let setup: DeliverSetup;
let workers: ReturnType<typeof fakeWorkers>;
let hosted: HostedPlaces;
/** What happens to each call. */
let fault: (call: PlaceCall) => PlaceFault | undefined;

async function open(options: Parameters<typeof openDeliverSetup>[1] = {}) {
  setup = await openDeliverSetup([place], { overlapHours: 1, tokens: { [to]: token }, ...options });
  workers = fakeWorkers();
  workers.tokens.add(token);
  workers.add(account, 'bot');
  fault = () => undefined;
  hosted = hostPlaces([workers], setup.aws.clock, call => fault(call));
}
afterEach(async () => {
  hosted.close();
  await setup.close();
});

const serves = () => workers.secrets('bot', 'API_KEY');
const told = () => setup.notices.map(({ state }) => state);
const reason = () => Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened'];
const puts = () => hosted.calls.filter(({ asked }) => asked.startsWith('PUT')).length;

const hours = (count: number) => setup.hours(count);

async function begin(): Promise<void> {
  await open();
  await setup.rotated(await setup.promote('one'));
  await hours(1);
}

test('each new key serves at once, and the one before ends after its overlap', async () => {
  await begin();
  const began = setup.aws.clock.now().getTime();
  await setup.rotated(await setup.promote('two'));
  expect(serves()).toEqual(['two']);
  // What began before it goes on for minutes, and nobody waits for that.
  expect(setup.aws.clock.now().getTime() - began).toBeLessThan(minuteMs);
  expect([await hours(2), told(), puts()]).toEqual([[key], [], 2]);
});

test('it counts after what began before can have ended, and not sooner', async () => {
  await begin();
  await setup.rotated(await setup.promote('two'));
  const isUnderWay = () =>
    JSON.stringify(setup.aws.model.dynamoDb.items('keyturn-prod')).includes('under-way');
  await setup.aws.passMs(15 * minuteMs);
  await setup.hourly();
  expect(isUnderWay()).toBe(true);
  await setup.aws.passMs(6 * minuteMs);
  await setup.hourly();
  expect(isUnderWay()).toBe(false);
});

test('a version that nobody has released is brought into use by no delivery', async () => {
  await begin();
  const number = workers.upload('bot');
  await setup.rotated(await setup.promote('two'));
  expect(serves()).toEqual(['one']);
  expect(reason()).toMatch(
    /^Cloudflare Workers answered 400 to PUT .*; the latest version of the Worker does not serve all traffic .* deploy the latest version to 100 %, then deliver again$/,
  );
  expect(await hours(1)).toEqual([]);
  workers.deploy('bot', { [number]: 100 });
  await hours(1);
  expect(serves()).toEqual(['two']);
});

test('a gradual deployment is left alone, and the old key is kept', async () => {
  await begin();
  const number = workers.upload('bot');
  workers.deploy('bot', { [number]: 10, [number - 1]: 90 });
  await setup.rotated(await setup.promote('two'));
  expect(serves()).toEqual(['one', 'one']);
  expect(await hours(1)).toEqual([]);
  workers.deploy('bot', { [number]: 100 });
  expect([await hours(1), serves()]).toEqual([[], ['two']]);
  await hours(1);
  expect(told()).toEqual(['begins', 'over']);
});

test('somebody who goes back to a version from before holds the old key', async () => {
  await begin();
  await setup.rotated(await setup.promote('two'));
  workers.deploy('bot', { 2: 100 });
  expect(serves()).toEqual(['one']);
  expect(await hours(1)).toEqual([]);
  expect(reason()).toBe('the Worker still serves an older version; deploy the latest version to 100 %');
  workers.deploy('bot', { 3: 100 });
  await hours(2);
  expect([serves(), told()]).toEqual([['two'], ['begins', 'over']]);
});

test('what somebody deploys afterwards has the key, and counts', async () => {
  await begin();
  await setup.rotated(await setup.promote('two'));
  workers.deploy('bot', { [workers.upload('bot')]: 100 });
  expect([await hours(2), serves(), told()]).toEqual([[key], ['two'], []]);
});

test('what somebody deploys in the same moment without the key does not count', async () => {
  await begin();
  // Between our first look and our change.
  fault = ({ asked }) => {
    if (asked.startsWith('PUT')) workers.deploy('bot', { [workers.upload('bot')]: 100 });
    return undefined;
  };
  await setup.rotated(await setup.promote('two'));
  fault = () => undefined;
  workers.deploy('bot', { 3: 100 });
  expect(serves()).toEqual(['one']);
  expect(await hours(1)).toEqual([]);
  expect(told()).toEqual(['begins']);
});

test.each([
  [
    401,
    { success: false, errors: [{ code: 10000, message: 'Authentication error' }] },
    /answered 401 .*`npx keyturn issuer set cloudflare-worker`$/,
  ],
  [
    403,
    { success: false, errors: [{ code: 10000, message: 'Authentication error' }] },
    /answered 403 .* needs an API token with the role Workers Editor for these Workers alone .*Workers Scripts \(edit\)/,
  ],
  [
    404,
    { success: false, errors: [{ code: 10007, message: 'This Worker does not exist' }] },
    /^the secret API_KEY of the Cloudflare Worker bot does not exist, or the token may not see it/,
  ],
  [
    200,
    { success: false, errors: [{ code: 1, message: 'no' }] },
    /answered 200 to PUT .*without a usable "success"/,
  ],
  [302, 'moved', /answered 302 to PUT /],
  [429, {}, /answered 429 to PUT /],
  [500, {}, /answered 500 to PUT .*it has an error of its own/],
])(
  'an answer %i is told without the key and the token, holds the old key, and goes through later',
  async (status, body, text) => {
    await begin();
    const headers = { location: 'https://elsewhere.example/', 'retry-after': '1' };
    fault = ({ asked }) => (asked.startsWith('PUT') ? { status, body, headers } : undefined);
    await setup.rotated(await setup.promote('hunter2-secret'));
    expect(reason()).toMatch(text);
    expect(JSON.stringify(setup.notices)).not.toMatch(/hunter2|FAKESECRET/);
    fault = () => undefined;
    expect(await hours(1)).toEqual([]);
    await hours(1);
    expect([serves(), told()]).toEqual([['hunter2-secret'], ['begins', 'over']]);
    expect(hosted.calls.every(({ asked }) => asked.includes(' https://api.cloudflare.com/'))).toBe(true);
  },
);

test.each([
  ['no version', /\/versions$/, { items: [] }],
  ['no deployment', /\/deployments$/, { deployments: [] }],
  ['a deployment of nothing', /\/deployments$/, { deployments: [{ versions: [] }] }],
  ['a version that is a path', /\/deployments$/, { deployments: [{ versions: [{ version_id: '../..' }] }] }],
])('an answer with %s is no delivery', async (_, path, result) => {
  await begin();
  fault = ({ asked }) => (path.test(asked) ? { status: 200, body: { success: true, result } } : undefined);
  await setup.rotated(await setup.promote('two'));
  expect(await hours(1)).toEqual([]);
  fault = () => undefined;
  await hours(1);
  expect(serves()).toEqual(['two']);
});

test('a version that is shown late is waited for', async () => {
  await begin();
  let asks = 0;
  fault = ({ asked }) => {
    if (!/GET .*\/versions$/.test(asked) || ++asks !== 2) return undefined;
    return { status: 200, body: { success: true, result: { items: [{ number: 2 }] } } };
  };
  await setup.rotated(await setup.promote('two'));
  expect([asks, await hours(2)]).toEqual([3, [key]]);
});
