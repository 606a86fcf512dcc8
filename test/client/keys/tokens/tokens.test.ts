// A server that gets tokens in place of keys: through the client library, Lambda's Invoke and the token function, from GitHub.
import { inspect } from 'node:util';
import type { Key } from '../../../../client';
import { createKeysFrom, type Keys } from '../../../../client/keys/keys';
import { createSecretReader } from '../../../../client/keys/secrets/secret-reader';
import { createTokenAsker } from '../../../../client/keys/tokens/token-asker';
import { createUsage, type UsageReport } from '../../../../client/usage/usage';
import type { Connector } from '../../../../connectors/contract/connector';
import { githubApp } from '../../../../connectors/providers/github-app/github-app';
import { openTokenSetup, type TokenSetup } from '../../../lambda/tokens/token-setup';

const minute = 60_000;
let setup: TokenSetup;
let keys: Keys;
let reports: UsageReport[];

beforeEach(async () => {
  setup = await openTokenSetup(githubApp as Connector);
  setup.aws.addFunction('keyturn-prod-token-support-bot', setup.handler as never);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: setup.aws.endpoint,
    AWS_ACCESS_KEY_ID: 'support-bot',
    AWS_MAX_ATTEMPTS: '1',
  });
  reports = [];
  keys = keysWith({ 'github-app': [] });
  for (const output of [process.stdout, process.stderr]) jest.spyOn(output, 'write').mockReturnValue(true);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
});

function keysWith(scopes: Record<string, readonly string[]>): Keys {
  return createKeysFrom({
    place: { environment: 'prod', server: 'support-bot' },
    variables: {},
    reader: createSecretReader(),
    tokens: { scopes, ask: createTokenAsker() },
    usage: createUsage({ intervalMs: 0, write: fresh => void reports.push(...fresh) }),
    refreshMs: 5 * minute,
    staleMs: 24 * 60 * minute,
    now: () => Date.now(),
    sleep,
  });
}

const sleep = async (ms: number) => void setup.pass(ms);
const call = (key: Key) => {
  const { url, ...init } = setup.useRequest({ ...setup.root, secret: key.secret });
  return fetch(url, init);
};
const use = async () => (await keys.use('github-app', call)).status;
const invocations = () => setup.aws.model.calls.filter(({ operation }) => operation === 'Invoke').length;
const staleServes = () => reports.reduce((sum, { counts }) => sum + (counts.staleServes ?? 0), 0);
const away = () => {
  setup.rules.decide = ({ action }) =>
    action === 'lambda:InvokeFunction' ? { allowed: false, message: 'not now' } : { allowed: true };
};

test('a token is used as a key is, and got once for all who ask', async () => {
  expect(await Promise.all(Array.from({ length: 20 }, use))).toEqual(Array(20).fill(200));
  expect(invocations()).toBe(1);
  const key = await keys.get('github-app');
  expect(key).toMatchObject({ provider: 'github-app', scopes: ['contents:read', 'issues:write'] });
  expect(key.expiresAt?.getTime()).toBe(Date.now() + 60 * minute);
  expect(key.secret).toMatch(/^ghs_/);
  expect(inspect(key) + JSON.stringify(key)).not.toContain(key.secret);
});

test('the server itself calls nothing but its function', async () => {
  const given = { token: 'FAKESECRET', expiresAt: new Date(Date.now() + minute).toISOString(), scopes: [] };
  setup.aws.addFunction('keyturn-prod-token-support-bot', () => given);
  await keys.get('github-app');
  const calls = setup.aws.model.calls.filter(({ caller }) => caller.sessionName === 'support-bot');
  expect(calls.map(({ operation }) => operation)).toEqual(['Invoke']);
});

test('narrower scopes are asked for, and those beyond the config refused in the words of the function', async () => {
  keys = keysWith({ 'github-app': ['contents:read'] });
  expect((await keys.get('github-app')).scopes).toEqual(['contents:read']);
  keys = keysWith({ 'github-app': ['contents:write'] });
  await expect(keys.get('github-app')).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/does not allow a token for \[contents:write\]; ask for one or more of/),
  });
});

test('it is renewed before its end, and no request waits for that', async () => {
  const first = await keys.get('github-app');
  setup.pass(56 * minute);
  expect((await keys.get('github-app')).secret).toBe(first.secret);
  await eventually(async () => (await keys.get('github-app')).secret !== first.secret);
  expect(await use()).toBe(200);
});

test('one that the API refuses is replaced, and the call made once more', async () => {
  const first = await keys.get('github-app');
  setup.pass(11_000);
  setup.account.revoke(setup.account.ownerOf(first.secret)!);
  expect(await Promise.all([use(), use(), use()])).toEqual([200, 200, 200]);
  expect(invocations()).toBe(2);
});

describe('a token that not all of the API knows yet', () => {
  let bornAt: number;
  const knownAfter = (ms: number) => () => new Response('', { status: Date.now() - bornAt < ms ? 401 : 200 });
  beforeEach(async () => {
    await keys.get('github-app');
    bornAt = Date.now();
  });

  test.each([500, 2_500])('is tried again, for %i ms, and not replaced', async lagMs => {
    const call = knownAfter(lagMs);
    for (let i = 0; i < 8; i++) expect((await keys.use('github-app', call)).status).toBe(200);
    expect(invocations()).toBe(1);
    expect(reports.some(({ counts }) => counts.authFailures)).toBe(false);
  });

  test('is replaced where it is refused for longer, and so is none of the next in a loop', async () => {
    const call = knownAfter(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 600; i++) {
      setup.pass(500);
      expect((await keys.use('github-app', call)).status).toBe(401);
    }
    expect(invocations()).toBeLessThan(10);
    expect(reports.some(({ counts }) => counts.authFailures)).toBe(true);
  });

  test('is not replaced because of a refusal that is reported when others have been accepted', async () => {
    setup.pass(11_000);
    let answer = (_response: Response) => {};
    const answered = new Promise<Response>(resolve => {
      answer = resolve;
    });
    let times = 0;
    const late = keys.use('github-app', () => (times++ ? new Response() : answered));
    await new Promise(resolve => setImmediate(resolve));
    setup.pass(1_000);
    expect(await use()).toBe(200);
    answer(new Response('', { status: 401 }));
    expect((await late).status).toBe(200);
    expect(invocations()).toBe(1);
  });
});

test('while none can be had, the last serves to its end, and is counted', async () => {
  await use();
  away();
  setup.pass(56 * minute);
  expect(await use()).toBe(200);
  await eventually(async () => {
    expect(await use()).toBe(200);
    return staleServes() > 0;
  });
  setup.pass(4 * minute);
  await expect(use()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('cannot be invoked'),
  });
  setup.rules.decide = () => ({ allowed: true });
  expect(await use()).toBe(200);
});

test('a server without a token function is told so', async () => {
  keys = createKeysFrom({
    place: { environment: 'prod', server: 'other-bot' },
    variables: {},
    reader: createSecretReader(),
    tokens: { scopes: { 'github-app': [] }, ask: createTokenAsker() },
    usage: createUsage({ intervalMs: 0, write: () => {} }),
    refreshMs: 0,
    staleMs: 0,
    now: () => Date.now(),
    sleep,
  });
  await expect(keys.get('github-app')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/^keyturn-prod-token-other-bot, .* does not exist; check the names/),
  });
});

test('what goes wrong in the function beyond its own words is not repeated, but named', async () => {
  setup.aws.addFunction('keyturn-prod-token-support-bot', () => {
    throw Object.assign(new Error('FAKESECRET in here'), { name: 'Sandbox.Timedout' });
  });
  const error = await keys.get('github-app').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'no-answer', message: expect.stringContaining('(Sandbox.Timedout)') });
  expect(inspect(error)).not.toMatch(/FAKESECRET/);
});

/** For what goes on in the background. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await new Promise(resolve => setImmediate(resolve));
  }
  throw new Error('it never happened');
}
