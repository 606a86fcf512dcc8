// Which keys the broker puts in, and where: what their connectors say of how servers use them.
import type { Connector } from '../../connectors/contract/connector';
import { federationOf } from '../../connectors/contract/federation';
import { isSent, type KeyPosition } from '../../connectors/contract/presented';
import { loadConnector } from '../../connectors/load';
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { FederationSettingsByKey } from '../keys/tokens/federation-asker';

export interface BrokeredKey {
  address: KeyAddress;
  /** What the server holds in its place. No two keys of a server have the same. */
  placeholder: string;
  presents: readonly KeyPosition[];
  /** Where servers send it; only over TLS. */
  origins: readonly string[];
  /** A rejection shows that the call was not carried out. */
  unauthorizedMeansNotDone: boolean;
  /** One may come with a status of success. */
  rejectsInSuccess: boolean;
}

/**
 * @param settingsOf of a key, as the configuration says; `undefined` where there is none
 * @throws {KeyturnError} usage, for a key that cannot be put into requests
 */
export async function brokeredKeys(
  variables: readonly Variable[],
  settingsOf: (address: KeyAddress) => Record<string, unknown> | undefined,
  federated: FederationSettingsByKey = new Map(),
): Promise<BrokeredKey[]> {
  const addresses = [...new Map(variables.map(({ address }) => [shortName(address), address])).values()];
  return Promise.all(
    addresses.map(async (address, index) => {
      const connector = await loadConnector(address.provider);
      const settings = federated.get(shortName(address));
      const federation = settings === undefined ? undefined : federationOf(connector);
      return brokeredKey(address, index, federation ?? connector, settings ?? settingsOf(address) ?? {});
    }),
  );
}

function brokeredKey(address: KeyAddress, index: number, connector: Connector, given: unknown): BrokeredKey {
  const refused = (why: string, fix: string) =>
    new KeyturnError('usage', `the broker cannot put in ${shortName(address)}: ${why}; ${fix}`);
  const without = 'run this server without --broker';
  if (!('presents' in connector)) throw refused('servers do not send such a key anywhere', without);
  const presents = connector.presents.filter(isSent);
  if (!presents.length)
    throw refused('it signs, or signs in to a session, and stands in no request', without);
  const settings = connector.settings.safeParse(given);
  if (!settings.success) {
    throw refused(
      'its settings say where it is sent, and are not known here',
      'use --config in place of --key',
    );
  }
  const origins = connector.callOrigins(settings.data as never);
  const open = origins.find(origin => !origin.startsWith('https://'));
  if (open) throw refused(`${open} has no TLS`, without);
  const own = origins.find(origin => isLoopback(hostOf(origin)));
  if (own) throw refused(`servers ask ${own} without a proxy`, without);
  return {
    address,
    placeholder: numbered(connector.placeholder, index + 1),
    presents,
    origins,
    unauthorizedMeansNotDone: connector.unauthorizedMeansNotDone,
    rejectsInSuccess: connector.rejectsInSuccess ?? false,
  };
}

/** Placeholders of two keys of one provider would be the same. They all end in zeros, or have them near their end. */
function numbered(placeholder: string, number: number): string {
  const digits = String(number);
  const end = placeholder.lastIndexOf('0') + 1;
  return `${placeholder.slice(0, end - digits.length)}${digits}${placeholder.slice(end)}`;
}

/** True where an origin, of which `https://*.example.com` stands for every host below example.com, has this host and port. */
export function isAt(origin: string, host: string, port: number): boolean {
  return isHostOf(origin, host) && portOf(origin) === port;
}

export function isHostOf(origin: string, host: string): boolean {
  const name = hostOf(origin);
  if (!name.startsWith('*.')) return host === name;
  return host.endsWith(name.slice(1)) && host.length >= name.length;
}

export function portOf(origin: string): number {
  return Number(/:(\d+)$/.exec(origin)?.[1] ?? 443);
}

export function hostOf(origin: string): string {
  return /^https:\/\/([^:/]+)/.exec(origin)?.[1] ?? '';
}

/** Clients ask this machine without a proxy, whatever their variables say. */
const isLoopback = (host: string) => /^(localhost|127(\.\d+){3})$/.test(host);
