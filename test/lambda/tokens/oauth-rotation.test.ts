// The root of `oauth-client`, rotated by the real rules, on the local model of Secrets Manager, at a real authorization server.

import { randomUUID } from 'node:crypto';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { hours, lambdaArn } from '@keyturn/aws-model/test/support/local-aws';
import { endPrevious } from '../../../core/ending/retirement';
import type { SecretValue } from '../../../core/key/secret-value';
import { requireMaker } from '../../../core/provider';
import {
  createSecret,
  finishSecret,
  type RotationTools,
  setSecret,
  testSecret,
} from '../../../core/rotation/rotation';
import { holderOf, type SecretStore } from '../../../core/rotation/secret-store';
import { createSecretStore } from '../../../lambda/aws/secrets/secret-store';
import { createKeptAttempts } from '../../core/support/attempts';
import { adoptedRoot, type OauthSetup, openOauthSetup, scopes, urls } from './oauth-setup';
import { adopted, origin } from './oidc-server';
import { openRoots } from './root-secret';

const address = { environment: 'prod', provider: 'oauth-client', server: 'support-bot', purpose: 'main' };
const secretId = 'keyturn/prod/oauth-client/support-bot/main';
const spec = {
  team: 'support',
  tier: 'normal' as const,
  scopes,
  settings: urls,
  overlapHours: 24,
  maxGapDays: 31,
};
const steps = { createSecret, setSecret, testSecret, finishSecret };
type Event = { Step: keyof typeof steps; SecretId: string; ClientRequestToken: string };

let setup: OauthSetup;
let roots: Awaited<ReturnType<typeof openRoots>>;
let store: SecretStore;
let tools: RotationTools;
let failures: string[];
const attempts = createKeptAttempts();

beforeAll(async () => {
  setup = await openOauthSetup();
});
afterAll(() => setup?.close());
beforeEach(async () => {
  setup.server.asked.length = 0;
  failures = [];
  roots = await openRoots([{ address, spec }], 'rotate-oauth-client');
  store = createSecretStore(roots.client, roots.registry);
  tools = {
    store,
    provider: async () => setup.bound(),
    installs: async () => false,
    attempts,
    publishRotated: async () => {},
    certificates: { add: async () => {} },
    clock: setup.clock,
  };
  roots.aws.addFunction('rotate-oauth-client', async (event: Event) => {
    const rotation = { secretId: event.SecretId, token: event.ClientRequestToken };
    try {
      await steps[event.Step](tools, rotation);
    } catch (error) {
      failures.push(`${event.Step}: ${(error as { code?: string }).code}`);
      throw error;
    }
  });
});
afterEach(() => roots.close());

/** As Secrets Manager does it, with all its tries. */
async function rotate(): Promise<void> {
  await roots.client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      ClientRequestToken: randomUUID(),
      RotationLambdaARN: lambdaArn('rotate-oauth-client'),
      RotationRules: { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '3h' },
    }),
  );
  await roots.aws.passMs(hours(3));
}

async function held(stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<SecretValue> {
  return (await store.read(await store.describe(secretId), stage))!.value!;
}

const retire = async () =>
  endPrevious({ ...tools, provider: setup.bound() }, await store.describe(secretId), 'retirement');
const asked = (start: string) => setup.server.asked.filter(one => one.startsWith(start)).length;

test('both clients work until the old one is retired, and then it is gone for good', async () => {
  await rotate();
  const first = await held('AWSCURRENT');
  await rotate();
  const second = await held('AWSCURRENT');
  expect(await held('AWSPREVIOUS')).toEqual(first);
  expect(second.keyId).not.toBe(first.keyId);
  for (const root of [first, second]) {
    const { token } = await setup.minting(root).mint(['orders.read'], 3600);
    expect(await setup.introspect(token)).toMatchObject({ active: true, client_id: root.keyId });
  }
  await retire();
  expect(holderOf(await store.describe(secretId), 'AWSPREVIOUS')).toBeUndefined();
  await expect(setup.minting(first).mint(scopes, 3600)).rejects.toMatchObject({ code: 'key-rejected' });
  expect(await setup.bound().verify(second)).toBe('accepted');
  expect(failures).toEqual([]);
});

test('a client is registered for the scopes of the key, and no more', async () => {
  await rotate();
  const mint = setup.minting(await held('AWSCURRENT')).mint(['openid'], 3600);
  await expect(mint).rejects.toMatchObject({ code: 'refused' });
});

test.each(['answer', 'request'] as const)(
  'a registration whose %s got lost is not sent again, but made afresh by the next try',
  async what => {
    setup.server.lose('POST /reg', what);
    await rotate();
    expect(failures).toEqual(['createSecret: no-answer']);
    expect(asked('POST /reg')).toBe(2);
    expect(await setup.bound().verify(await held('AWSCURRENT'))).toBe('accepted');
  },
);

test('a step that is run again registers no further client', async () => {
  let stopped = false;
  tools.store = {
    ...store,
    async put(...given) {
      const outcome = await store.put(...given);
      if (stopped) return outcome;
      stopped = true;
      throw new Error('the function was ended right after the value was stored');
    },
  };
  await rotate();
  expect(failures).toEqual(['createSecret: undefined']);
  expect(asked('POST /reg')).toBe(1);
  expect(await setup.bound().verify(await held('AWSCURRENT'))).toBe('accepted');
});

test('a client that came too late to be stored deletes itself', async () => {
  const late: SecretValue[] = [];
  tools.store = {
    ...store,
    async put(...given) {
      if (late.push(given[2]) > 1) return store.put(...given);
      return 'taken';
    },
  };
  await rotate();
  expect(await setup.bound().verify(late[0]!)).toBe('rejected');
  expect(asked('DELETE /reg/')).toBe(1);
});

test('a fresh client that the server rejects is deleted, too, since nobody lists it', async () => {
  const made: SecretValue[] = [];
  tools.provider = async () => {
    const provider = setup.bound();
    return {
      ...provider,
      async make(name, now) {
        const value = await provider.make(name, now);
        made.push(value);
        // As if the server forgot it between the two steps.
        return made.length > 1 ? value : { ...value, secret: 'FAKESECRETwrong' };
      },
    };
  };
  await rotate();
  expect(failures[0]).toBe('testSecret: key-rejected');
  expect(await setup.bound().verify(made[0]!)).toBe('rejected');
});

test.each(['answer', 'request'] as const)('a deletion whose %s got lost is seen through', async what => {
  await rotate();
  await rotate();
  const old = await held('AWSPREVIOUS');
  setup.server.lose('DELETE /reg/', what);
  await retire();
  expect(await setup.bound().verify(old)).toBe('rejected');
  expect(holderOf(await store.describe(secretId), 'AWSPREVIOUS')).toBeUndefined();
});

test('a client that a person made is left to a person', async () => {
  const provider = setup.bound();
  await expect(provider.revoke(adopted.id, adoptedRoot)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/a person made it at \S.*; a person has to /),
  });
  const ended = { ...adoptedRoot, secret: 'FAKESECRETreplaced' };
  await expect(provider.revoke(adopted.id, ended)).resolves.toBeUndefined();
});

test.each([
  ['a wrong initial access token', { origin, initialAccessToken: 'FAKESECRETwrong' }, 'issuer-rejected'],
  [
    'one for another server',
    { origin: 'https://evil.example.com', initialAccessToken: 'FAKESECRETinitial' },
    'bad-issuer',
  ],
  ['none', { state: 'unissued' }, 'bad-issuer'],
])('%s says what to set', async (_what, issuer, code) => {
  const work = setup.bound(urls, issuer).make('keyturn-prod-support-bot', setup.clock.now());
  const error = await work.catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining('keyturn issuer set oauth-client') });
  expect(String(error)).not.toMatch(/FAKESECRET/);
});

test('without a registration endpoint the root cannot be rotated, and who can make one is said', () => {
  const { registrationUrl: _, ...settings } = urls;
  const provider = setup.provider(settings);
  expect(() => requireMaker(provider, address)).toThrow(
    /no API of oauth-client makes a key .*; a person has to create a client secret in the console/,
  );
});
