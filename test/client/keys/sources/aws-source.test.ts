import { minutes } from '@keyturn/aws-model/test/support/local-aws';
import { createSecretReader } from '../../../../client/keys/secrets/secret-reader';
import { createAwsSource } from '../../../../client/keys/sources/aws-source';
import type { TokenWish } from '../../../../client/keys/tokens/token-asker';
import { KeyturnError } from '../../../../core/errors';
import { replacementVersion } from '../../../../core/incident/replacement/replacement-version';
import type { GivenToken } from '../../../../core/tokens/tokens';
import { openSecrets, place, type SecretsSetup } from '../../../support/secrets';

let secrets: SecretsSetup;
const wishes: TokenWish[] = [];
beforeEach(async () => {
  wishes.splice(0);
  secrets = await openSecrets();
});
afterEach(() => secrets.close());

const now = () => secrets.aws.clock.now().getTime();
const address = (provider: string) => ({ ...place, provider, purpose: 'main' });

function source(
  reader = createSecretReader(),
  federated?: Parameters<typeof createAwsSource>[0]['federated'],
) {
  return createAwsSource({
    reader,
    ...(federated && { federated }),
    ask: async (_address, wish): Promise<GivenToken> => {
      wishes.push(wish);
      const expiresAt = new Date(now() + minutes(60)).toISOString();
      return { token: `FAKESECRET-token-${wishes.length}`, expiresAt, scopes: [] };
    },
    now,
  });
}

it('reads secrets, and tells by their labels whether a version is still the one to use', async () => {
  secrets.addSecret('gitlab');
  await secrets.put('gitlab', 'FAKESECRET-1');
  const keys = source();
  const { value, versionId } = await keys.read(address('gitlab'));
  expect(value.secret).toBe('FAKESECRET-1');
  expect(await keys.statusOf(address('gitlab'), versionId)).toBe('current');
  await secrets.put('gitlab', 'FAKESECRET-2');
  expect(await keys.statusOf(address('gitlab'), versionId)).toBe('superseded');
  await secrets.put('gitlab', 'FAKESECRET-3');
  expect(await keys.statusOf(address('gitlab'), versionId)).toBe('expiring');
});

it('knows the versions of a containment: what they take the place of ends within seconds, though it is AWSPREVIOUS', async () => {
  secrets.addSecret('gitlab');
  await secrets.put('gitlab', 'FAKESECRET-1');
  const keys = source();
  const { versionId } = await keys.read(address('gitlab'));
  const incident = { incidentId: '20270109T020000Z-400b8629', arn: 'arn:aws:secretsmanager:x' };
  await secrets.put('gitlab', 'FAKESECRET-2', undefined, {}, replacementVersion(incident, 0));
  expect(await keys.statusOf(address('gitlab'), versionId)).toBe('expiring');
});

it('knows providers that hold one key at a time: there, whatever was replaced has ended', async () => {
  secrets.addSecret('auth0');
  await secrets.put('auth0', 'FAKESECRET-1');
  const keys = source();
  const { versionId } = await keys.read(address('auth0'));
  await secrets.put('auth0', 'FAKESECRET-2');
  expect(await keys.statusOf(address('auth0'), versionId)).toBe('expiring');
});

describe('where the provider ends the old key before the new one is AWSCURRENT', () => {
  const gitlab = address('gitlab');

  async function rotating() {
    secrets.addSecret('gitlab');
    const current = await secrets.put('gitlab', 'FAKESECRET-1');
    const keys = source();
    await keys.read(gitlab);
    const pending = await secrets.put('gitlab', 'FAKESECRET-2', ['AWSPENDING']);
    return { keys, current, pending };
  }

  it('gives out AWSPENDING once AWSCURRENT was rejected, and not before', async () => {
    const { keys, current, pending } = await rotating();
    expect((await keys.read(gitlab)).versionId).toBe(current);
    expect(await keys.statusOf(gitlab, current)).toBe('current');
    keys.reject(gitlab, current);
    expect(await keys.statusOf(gitlab, current)).toBe('expiring');
    expect((await keys.read(gitlab)).value.secret).toBe('FAKESECRET-2');
    expect(await keys.statusOf(gitlab, pending)).toBe('current');
    await secrets.moveCurrent('gitlab', current, pending);
    expect(await keys.statusOf(gitlab, pending)).toBe('current');
  });

  it('does not go back and forth where the provider rejects both', async () => {
    const { keys, current, pending } = await rotating();
    keys.reject(gitlab, current);
    keys.reject(gitlab, pending);
    expect((await keys.read(gitlab)).versionId).toBe(current);
    expect(await keys.statusOf(gitlab, current)).toBe('current');
  });

  it('stays with AWSPENDING that it gave out and that is rejected, until it is dropped', async () => {
    const { keys, current, pending } = await rotating();
    keys.reject(gitlab, current);
    await keys.read(gitlab);
    keys.reject(gitlab, pending);
    expect(await keys.statusOf(gitlab, pending)).toBe('current');
    await secrets.dropLabel('gitlab', 'AWSPENDING', pending);
    expect(await keys.statusOf(gitlab, pending)).toBe('expiring');
    expect((await keys.read(gitlab)).versionId).toBe(current);
  });

  it('goes on with AWSCURRENT where AWSPENDING may not be read', async () => {
    const { current } = await rotating();
    const reader = createSecretReader();
    const keys = source({
      ...reader,
      read: async (key, stage) => {
        if (stage === 'AWSPENDING') throw new KeyturnError('refused', 'it may not be read; ask for leave');
        return reader.read(key, stage);
      },
    });
    keys.reject(gitlab, current);
    expect((await keys.read(gitlab)).versionId).toBe(current);
  });
});

it('asks for tokens instead, which are to be replaced before they end', async () => {
  const keys = source();
  const { value, versionId } = await keys.read(address('github-app'));
  expect(value).toMatchObject({ secret: 'FAKESECRET-token-1', provider: 'github-app' });
  expect(await keys.statusOf(address('github-app'), versionId)).toBe('current');
  await secrets.aws.passMs(minutes(56));
  expect(await keys.statusOf(address('github-app'), versionId)).toBe('superseded');
  await secrets.aws.passMs(minutes(4));
  expect(await keys.statusOf(address('github-app'), versionId)).toBe('expiring');
  expect((await keys.read(address('github-app'))).value.secret).toBe('FAKESECRET-token-2');
  expect(secrets.calls()).toEqual([]);
});

it('does not ask for a token again that was refused', async () => {
  const keys = source();
  const { versionId } = await keys.read(address('oauth-client'));
  keys.reject(address('oauth-client'), 'another');
  expect(await keys.statusOf(address('oauth-client'), versionId)).toBe('current');
  keys.reject(address('oauth-client'), versionId);
  expect(await keys.statusOf(address('oauth-client'), versionId)).toBe('expiring');
  await keys.read(address('oauth-client'));
  expect(wishes).toEqual([{ scopes: [] }, { scopes: [], refused: versionId }]);
});

it('knows keys that do not exist: their tokens come from the provider, each before the last has ended', async () => {
  let given = 0;
  const keys = source(createSecretReader(), {
    settings: new Map([['dev/openai/support-bot', {}]]),
    ask: async () => {
      const expiresAt = new Date(now() + minutes(15)).toISOString();
      return { token: `FAKESECRET-exchanged-${++given}`, expiresAt, scopes: [] };
    },
  });
  const openai = { ...address('openai'), environment: 'dev', server: 'support-bot' };
  expect(await keys.givesTokens(openai)).toBe(true);
  const first = await keys.read(openai);
  expect(first.value.secret).toBe('FAKESECRET-exchanged-1');
  expect(await keys.statusOf(openai, first.versionId)).toBe('current');
  await secrets.aws.passMs(minutes(12.5));
  expect(await keys.statusOf(openai, first.versionId)).toBe('superseded');
  await secrets.aws.passMs(minutes(2.5));
  expect(await keys.statusOf(openai, first.versionId)).toBe('expiring');
  const second = await keys.read(openai);
  expect(second.value.secret).toBe('FAKESECRET-exchanged-2');
  keys.reject(openai, second.versionId);
  expect(await keys.statusOf(openai, second.versionId)).toBe('expiring');
  expect(wishes).toEqual([]);
  expect(await keys.givesTokens(address('gitlab'))).toBe(false);
  expect(await keys.givesTokens(address('github-app'))).toBe(true);
});
