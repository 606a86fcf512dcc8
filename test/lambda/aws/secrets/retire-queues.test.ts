// The retire function in front of providers that misbehave: none of them keeps another's keys from their end.

import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { clocksDifferMs } from '../../../../core/ending/retirement';
import { parseSecretName } from '../../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../../core/time';
import { openCountedKeys } from '../../../../lambda/aws/table/counted-keys';
import { createProblems } from '../../../../lambda/aws/table/problems';
import { createTable } from '../../../../lambda/aws/table/table';
import { createRetire } from '../../../../lambda/retire';
import { createKeptAttempts } from '../../../core/support/attempts';
import {
  addEnvironmentKey,
  type DeployedKeys,
  deployedKeys,
  environmentKey,
} from '../../../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

type Answer = (url: URL, init: RequestInit) => Response | Promise<Response>;

const realFetch = globalThis.fetch;
const own = { 'self-issued': {}, gitlab: { project: 'a/b' }, sendgrid: {} };
type Provider = keyof typeof own;
const asServer = (host: string) => ({
  tokenUrl: `https://${host}/token`,
  revocationUrl: `https://${host}/revoke`,
});
let setup: FunctionSetup;
let deployed: DeployedKeys;
let asked: string[];
let answers: Record<string, Answer>;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-retire');
  addEnvironmentKey(setup.model);
  deployed = deployedKeys();
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  asked = [];
  answers = {};
  globalThis.fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    const answer = answers[url.host];
    if (!answer) return realFetch(input, init);
    asked.push(`${init.method} ${url.host}${url.pathname}`);
    return answer(url, init);
  };
  for (const [provider, credential] of [
    ['gitlab', { token: 'FAKESECRETtoken' }],
    ['sendgrid', { apiKey: 'SG.FAKESECRETkey' }],
  ])
    create(`keyturn/prod/issuers/${provider}`, JSON.stringify(credential));
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  jest.restoreAllMocks();
  await setup.close();
});

function create(name: string, secretString: string): void {
  setup.model.secretsManager.createFromTemplate({ name, secretString, kmsKeyId: environmentKey });
}

/** A key that is due an hour from now. */
async function supersede(
  provider: Provider | 'oauth-client',
  server: string,
  settings: object = own[provider as Provider],
): Promise<void> {
  const spec = { team: 'a', tier: 'normal' as const, scopes: ['a'], overlapHours: 1, maxGapDays: 31 };
  const name = `keyturn/prod/${provider}/${server}/main`;
  const value = (keyId: string) =>
    JSON.stringify({ secret: `FAKESECRET${keyId}`, keyId, provider, issuedAt: '2026-11-01T00:00:00Z' });
  deployed.register(parseSecretName(name), { ...spec, settings: { ...settings } });
  create(name, value('1'));
  await setup.secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: value('2') }));
}

const invocation = (remainingMs: number) => ({
  awsRequestId: 'a',
  getRemainingTimeInMillis: () => remainingMs,
});
const run = (remainingMs = 15 * minuteMs) =>
  createRetire('prod', {
    ...setup,
    registry: deployed.registry,
    tellOfUnknown: async () => {},
    attempts: createKeptAttempts(),
    isDelivered: async () => true,
    lookAtReach: async () => {},
    lookAtReporting: async () => {},
    problems: createProblems({
      table: createTable(setup.dynamoDb, 'prod'),
      notify: async () => {},
      clock: setup.clock,
    }),
    openCountedKeys: () => openCountedKeys(createTable(setup.dynamoDb, 'prod')),
  })({}, invocation(remainingMs));

/** SendGrid as it is, with keys that are dead once they are deleted. */
function workingSendGrid(listed: string[] = []): void {
  const dead = new Set<string>();
  answers['api.sendgrid.com'] = ({ pathname }, { method, headers }) => {
    if (method === 'DELETE') dead.add(pathname.split('/').at(-1) ?? '');
    if (method === 'DELETE') return new Response(null, { status: 204 });
    if (pathname === '/v3/api_keys') {
      return Response.json({ result: listed.map(id => ({ api_key_id: id, name: 'a' })) });
    }
    const bearer = new Headers(headers).get('authorization') ?? '';
    const isDead = [...dead].some(keyId => bearer.endsWith(`FAKESECRET${keyId}`));
    return isDead
      ? Response.json(
          {
            errors: [
              { field: null, message: 'The provided authorization grant is invalid, expired, or revoked' },
            ],
          },
          { status: 401 },
        )
      : Response.json({ scopes: [] });
  };
}

test('after a provider said not before when, its other keys are left, and nobody waits', async () => {
  answers['gitlab.com'] = () => new Response('', { status: 429, headers: { 'retry-after': '3600' } });
  for (let n = 10; n < 55; n++) await supersede('gitlab', `bot-${n}`);
  await supersede('self-issued', 'bot');
  await setup.passMs(hourMs + clocksDifferMs);
  const began = setup.clock.now().getTime();
  const { superseded, retired, failed, left } = await run();
  expect(superseded).toBe(46);
  expect(retired).toEqual(['prod/self-issued/bot']);
  expect([failed.length, left.length, asked.length]).toEqual([1, 44, 1]);
  expect(setup.clock.now().getTime() - began).toBeLessThan(minuteMs);
});

test('of a provider that does not answer, three keys are tried, and each hour another one first', async () => {
  answers['gitlab.com'] = () => {
    throw new TypeError('fetch failed');
  };
  for (let n = 0; n < 6; n++) await supersede('gitlab', `bot-${n}`);
  await setup.passMs(hourMs + clocksDifferMs);
  const first = await run();
  expect([first.failed.length, first.left.length]).toEqual([3, 3]);
  await setup.passMs(hourMs + clocksDifferMs);
  const second = await run();
  expect(second.failed.length).toBe(3);
  expect(second.failed[0]).toBe(first.failed[1]);
});

test('a provider that hangs keeps no key of another from its end', async () => {
  let free = () => {};
  const hangs = new Promise<void>(resolve => {
    free = resolve;
  });
  answers['gitlab.com'] = async () => {
    await hangs;
    return new Response('', { status: 500 });
  };
  workingSendGrid();
  await supersede('gitlab', 'bot');
  await supersede('sendgrid', 'bot');
  await setup.passMs(hourMs + clocksDifferMs);
  const running = run();
  while (!asked.some(call => call.startsWith('DELETE api.sendgrid.com')))
    await new Promise(resolve => setTimeout(resolve, 5));
  free();
  const { failed } = await running;
  expect(failed).toContain('prod/gitlab/bot');
  expect(asked).toContain('DELETE api.sendgrid.com/v3/api_keys/1');
});

test('two authorization servers are apart, though both are of one kind of provider', async () => {
  answers['slow.example'] = () => new Response('', { status: 429, headers: { 'retry-after': '3600' } });
  answers['other.example'] = () => Response.json({ error: 'invalid_client' }, { status: 401 });
  for (const server of ['a-bot', 'b-bot', 'c-bot'])
    await supersede('oauth-client', server, asServer(server === 'b-bot' ? 'other.example' : 'slow.example'));
  await setup.passMs(hourMs + clocksDifferMs);
  await run();
  expect(asked).toContain('POST other.example/revoke');
});

test.each([
  [5 * minuteMs, []],
  [5 * minuteMs + 1, ['prod/self-issued/bot']],
])('with %i ms left, no key is begun whose proof could be cut off', async (remainingMs, retired) => {
  await supersede('self-issued', 'bot');
  await setup.passMs(hourMs + clocksDifferMs);
  const summary = await run(remainingMs);
  expect(summary.retired).toEqual(retired);
  expect(summary.left).toEqual(retired.length ? [] : ['prod/self-issued/bot']);
});

test('proofs of one provider wait side by side, and no two of its calls are under way together', async () => {
  let underWay = 0;
  let most = 0;
  workingSendGrid(['2']);
  const answer = answers['api.sendgrid.com'];
  answers['api.sendgrid.com'] = async (...asked) => {
    most = Math.max(most, ++underWay);
    await new Promise(resolve => setImmediate(resolve));
    underWay--;
    return answer?.(...asked) ?? new Response();
  };
  for (let n = 10; n < 20; n++) await supersede('sendgrid', `bot-${n}`);
  await setup.passMs(hourMs + clocksDifferMs);
  const began = setup.clock.now().getTime();
  const { retired, failed } = await run();
  expect([retired.length, failed]).toEqual([10, []]);
  // One after the other they would take ten minutes.
  expect(setup.clock.now().getTime() - began).toBeLessThan(3 * minuteMs);
  expect(most).toBe(1);
});
