// What the preload inside a server tells, put down to the keys that the server was given.
import type { Connector } from '../../../connectors/contract/connector';
import { loadConnector } from '../../../connectors/load';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { Variable } from '../../doctor/variables';
import type { Usage } from '../../usage/usage';
import type { UsageSeen } from './usage-socket';

export interface CountParts {
  variables: readonly Variable[];
  addresses: readonly KeyAddress[];
  /** @see providerHosts */
  hosts: ReadonlyMap<string, KeyAddress>;
  usage: Usage;
  /** The versions that a process was given, by the key's short name; and those of the newest process. */
  versionsOf(process: number): ReadonlyMap<string, string>;
  latest(): ReadonlyMap<string, string>;
  /** @param sentAt when the first of the rejected requests was sent. Milliseconds since 1970 */
  onRejected(address: KeyAddress, versionId: string, sentAt: number): void;
  onAccepted(address: KeyAddress, versionId: string): void;
}

export function createRequestCounts(parts: CountParts): (seen: UsageSeen) => void {
  const { variables, addresses, hosts, usage } = parts;
  const addressOf = ({ variable, host }: UsageSeen) => {
    const named = variables.find(({ name }) => name === variable)?.address ?? hosts.get(host);
    return named && addresses.find(other => shortName(other) === shortName(named));
  };

  return seen => {
    const address = addressOf(seen);
    if (!address) return;
    const key = shortName(address);
    const version = parts.versionsOf(seen.process).get(key) ?? '';
    const failed = seen.rejected + seen.refused;
    usage.count(address, 'requests', seen.requests);
    if (failed) usage.count(address, 'authFailures', failed);
    if (version !== parts.latest().get(key)) usage.count(address, 'supersededUses', seen.requests);
    usage.settle();
    if (seen.rejected) parts.onRejected(address, version, seen.rejectedAt);
    if (seen.requests > failed) parts.onAccepted(address, version);
  };
}

/** Whose key requests to a host are made with, where the host tells: its provider has one for everybody, and there is one such key. */
export async function providerHosts(addresses: readonly KeyAddress[]): Promise<Map<string, KeyAddress>> {
  const hosts = new Map<string, KeyAddress>();
  for (const address of addresses) {
    if (addresses.some(other => other !== address && other.provider === address.provider)) continue;
    // Not known here: then its requests are counted by the variable alone.
    const connector = await loadConnector(address.provider).catch(() => undefined);
    for (const origin of connector ? fixedOrigins(connector) : []) hosts.set(new URL(origin).host, address);
  }
  return hosts;
}

function fixedOrigins(connector: Connector): readonly string[] {
  const settings = connector.settings.safeParse({});
  return settings.success && connector.kind !== 'self-issued' ? connector.origins(settings.data) : [];
}
