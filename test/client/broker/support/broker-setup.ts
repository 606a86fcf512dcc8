// A broker, a provider, and keys that a test sets.
import type { LookupFunction } from 'node:net';
import * as z from 'zod/mini';
import { type BrokerParts, openBroker } from '../../../../client/broker/broker';
import type { Variable } from '../../../../client/doctor/variables';
import { createCachedKey } from '../../../../client/keys/secrets/cached-key';
import type { SecretReader } from '../../../../client/keys/secrets/secret-reader';
import { bringConnectors } from '../../../../connectors/own';
import { verdaccio } from '../../../../connectors/providers/verdaccio';
import { shortName } from '../../../../core/key/key-address';
import { openTlsProvider, providerHost } from './tls-provider';

const place = { environment: 'prod', server: 'support-bot' };
const toLoopback = ((_host, options, done) =>
  options.all
    ? (done as (error: null, found: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }])
    : done(null, '127.0.0.1', 4)) as LookupFunction;

/** One that answers a dead key by 403, as it does other requests that it refuses. */
const wordy = {
  ...verdaccio,
  provider: 'wordy',
  verify: (http: Parameters<typeof verdaccio.verify>[0]) =>
    http.probe('GET', '/me', {}, [['rejected', 403, z.object({ reason: z.literal('key_unknown') })]]),
};

/** One that says so with a 200, as Slack does. */
const polite = {
  ...verdaccio,
  provider: 'polite',
  rejectsInSuccess: true,
  verify: (http: Parameters<typeof verdaccio.verify>[0]) =>
    http.probe('GET', '/me', {}, [['rejected', 200, z.object({ reason: z.literal('key_unknown') })]]),
};

/** @param more how the server reaches the broker */
export async function openBrokerSetup(more: Pick<BrokerParts, 'alone'> = {}) {
  bringConnectors([wordy, polite]);
  const provider = await openTlsProvider(key => key === setup.current.secret);
  const setup = {
    provider,
    /** AWSCURRENT of every key. */
    current: { versionId: 'v1', secret: 'FAKESECRET-one' },
    said: [] as string[],
    /** Questions to AWS for versions. */
    looks: 0,
    counts: {} as Record<string, number>,
  };
  const reader: SecretReader = {
    async describe() {
      setup.looks++;
      return { versions: { [setup.current.versionId]: ['AWSCURRENT'] } };
    },
    readCurrent: async ({ provider }) => ({
      versionId: setup.current.versionId,
      value: { secret: setup.current.secret, keyId: 'id', provider, issuedAt: '2027-01-01T00:00:00Z' },
    }),
    read: async () => undefined,
  };
  const { host } = provider;
  const settings: Record<string, Record<string, unknown>> = {
    grafana: { host, serviceAccountId: '7' },
    // A 401 of it may come from the maker of a model: the call may have been carried out.
    litellm: { host },
    openai: { project: 'proj_1' },
    wordy: { host, user: 'support-bot' },
    polite: { host, user: 'support-bot' },
  };
  const addressOf = (name: string) => ({ ...place, provider: name, purpose: 'main' });
  const variables = Object.keys(settings).map(
    (name): Variable => ({ name: `${name.toUpperCase()}_KEY`, address: addressOf(name), field: 'secret' }),
  );
  const held = new Map(
    variables.map(({ address }) => [
      shortName(address),
      createCachedKey({
        ...{ reader, address, refreshMs: 3_600_000, staleMs: 3_600_000 },
        onStale() {},
        now: Date.now,
        sleep: ms => new Promise(resolve => setTimeout(resolve, ms / 100)),
      }),
    ]),
  );
  const parts: BrokerParts = {
    variables,
    settingsOf: address => settings[address.provider],
    keyFor: async address => held.get(shortName(address))!,
    usage: {
      count: (address, metric, times = 1) => {
        const name = `${address.provider} ${metric}`;
        setup.counts[name] = (setup.counts[name] ?? 0) + times;
      },
      settle() {},
      flush: async () => {},
    },
    // As on a machine in a company.
    env: { PATH: process.env.PATH, NO_PROXY: providerHost },
    say: text => setup.said.push(text),
    now: Date.now,
    trusted: provider.trusted,
    lookup: toLoopback,
    ...more,
  };
  const broker = await openBroker(parts);
  return Object.assign(setup, {
    parts,
    broker,
    /** What a server holds in the place of its key. */
    placeholder: async (name: string) => (await broker.source.read(addressOf(name))).value.secret,
    async close() {
      bringConnectors([]);
      await broker.close();
      await provider.close();
    },
  });
}

export type BrokerSetup = Awaited<ReturnType<typeof openBrokerSetup>>;
