import { createKeySource } from '../../client/key-source';
import { createSecretReader } from '../../client/secret-reader';
import type { TokenWish } from '../../client/token-asker';
import type { GivenToken } from '../../core/tokens';
import { minutes } from '../aws-model/rig';
import { openSecrets, place, type SecretsRig } from './secrets-rig';

let secrets: SecretsRig;
const wishes: TokenWish[] = [];
beforeEach(async () => {
  wishes.splice(0);
  secrets = await openSecrets();
});
afterEach(() => secrets.close());

const now = () => secrets.rig.clock.now().getTime();
const address = (provider: string) => ({ ...place, provider, purpose: 'main' });

function source() {
  return createKeySource({
    reader: createSecretReader(),
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
  expect(await keys.isCurrent(address('gitlab'), versionId)).toBe(true);
  await secrets.put('gitlab', 'FAKESECRET-2');
  expect(await keys.isCurrent(address('gitlab'), versionId)).toBe(false);
});

it('asks for tokens instead, which are to be replaced before they end', async () => {
  const keys = source();
  const { value, versionId } = await keys.read(address('github-app'));
  expect(value).toMatchObject({ secret: 'FAKESECRET-token-1', provider: 'github-app' });
  expect(await keys.isCurrent(address('github-app'), versionId)).toBe(true);
  await secrets.rig.passMs(minutes(56));
  expect(await keys.isCurrent(address('github-app'), versionId)).toBe(false);
  expect((await keys.read(address('github-app'))).value.secret).toBe('FAKESECRET-token-2');
  expect(secrets.calls()).toEqual([]);
});

it('does not ask for a token again that was refused', async () => {
  const keys = source();
  const { versionId } = await keys.read(address('oauth-client'));
  keys.reject(address('oauth-client'), 'another');
  expect(await keys.isCurrent(address('oauth-client'), versionId)).toBe(true);
  keys.reject(address('oauth-client'), versionId);
  expect(await keys.isCurrent(address('oauth-client'), versionId)).toBe(false);
  await keys.read(address('oauth-client'));
  expect(wishes).toEqual([{ scopes: [] }, { scopes: [], refused: versionId }]);
});
