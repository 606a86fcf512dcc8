import { inspect } from 'node:util';
import { type Key, KeyRejected } from '../../../client';
import { createKeysFrom, type Keys } from '../../../client/keys/keys';
import { createSecretReader } from '../../../client/keys/secrets/secret-reader';
import { createFederationAsker } from '../../../client/keys/tokens/federation-asker';
import { createTokenAsker } from '../../../client/keys/tokens/token-asker';
import { createUsage } from '../../../client/usage/usage';
import { federationOf } from '../../../connectors/contract/federation';
import { knownConnectors } from '../../../connectors/index';
import { routedFetch } from '../../../rehearsal/providers/routed-fetch';
import { place, type SecretsSetup } from '../../support/secrets';
import { callingCases } from './calling-cases';
import { federationCases, playFederation, providers } from './federation-cases';
import { readingCases } from './reading-cases';
import { tokenCases } from './token-cases';
import {
  type ClientOptions,
  type ClientUnderTest,
  type MakeClient,
  playTrial,
  type UseOptions,
} from './trial';

function keysOf({ aws, reports }: SecretsSetup, { variables, tokens, federate }: ClientOptions): Keys {
  const now = () => aws.clock.now().getTime();
  // A wait moves time: it takes none.
  const sleep = aws.passMs;
  const settings = new Map(
    Object.entries(federate).map(([name, value]) => [`${place.environment}/${name}/${place.server}`, value]),
  );
  const clock = { now: () => aws.clock.now(), sleep };
  return createKeysFrom({
    ...{ place, variables, now, sleep, refreshMs: 300_000, staleMs: 24 * 3_600_000 },
    reader: createSecretReader(),
    tokens: { scopes: tokens, ask: createTokenAsker() },
    federated: { settings, ask: createFederationAsker({ settings, clock }) },
    usage: createUsage({ intervalMs: 0, write: fresh => void reports.push(...fresh) }),
  });
}

const typescript: MakeClient = (secrets, options): ClientUnderTest => {
  const keys = keysOf(secrets, options);
  return {
    async use({ url, name, way }: UseOptions) {
      const call = async ({ secret }: Key) => {
        if (way === 'broken') throw new TypeError('connection failed');
        const response = await fetch(url, { headers: { authorization: `Bearer ${secret}` } });
        if (response.status === 401 && way === 'KeyRejected') throw new KeyRejected();
        if (response.status === 401 && way === 'status')
          throw Object.assign(new Error('Unauthorized'), { status: 401 });
        if (response.status === 401 && way === 'response')
          throw Object.assign(new Error('Unauthorized'), { response: { statusCode: 401 } });
        return response;
      };
      return (await keys.use(name, call)).status;
    },
    async get(name) {
      const key = await keys.get(name);
      const printed = [
        inspect(key),
        inspect([{ key }]),
        JSON.stringify({ key }),
        inspect({ ...key }),
        String(key),
      ];
      return { secret: key.secret, keyId: key.keyId, fields: key.fields, printed };
    },
    env: () => keys.env(),
  };
};

const cases = [...readingCases, ...callingCases, ...tokenCases];
test.each(cases.map(each => [each.name, each] as const))('%s', (_name, each) => playTrial(typescript, each));

test('every provider that accepts AWS roles is tried with each client', () => {
  expect([...providers].sort()).toEqual(
    Object.values(knownConnectors())
      .filter(connector => federationOf(connector))
      .map(({ provider }) => provider)
      .sort(),
  );
});

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});
test.each(federationCases)('%s', (_name, play) =>
  playFederation((secrets, options, { port }) => {
    globalThis.fetch = routedFetch(port, realFetch);
    return typescript(secrets, options);
  }, play),
);
