import type { Connector } from '../../../connectors/contract/connector';
import { connectors } from '../../../connectors/index';
import type { KeyAddress } from '../../../core/key/key-address';

/** Whose key requests to a host are made with, where the host tells: its provider has one for everybody, and there is one such key. */
export function providerHosts(addresses: readonly KeyAddress[]): Map<string, KeyAddress> {
  const hosts = new Map<string, KeyAddress>();
  for (const address of addresses) {
    if (addresses.some(other => other !== address && other.provider === address.provider)) continue;
    const connector = (connectors as Record<string, Connector>)[address.provider];
    for (const origin of connector ? fixedOrigins(connector) : []) hosts.set(new URL(origin).host, address);
  }
  return hosts;
}

function fixedOrigins(connector: Connector): readonly string[] {
  const settings = connector.settings.safeParse({});
  return settings.success && connector.kind !== 'self-issued' ? connector.origins(settings.data) : [];
}
