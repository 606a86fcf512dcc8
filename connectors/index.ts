// Every connector of the registry, and those of a team's own beside them. It loads all: functions and servers go by load.ts.
import { KeyturnError } from '../core/errors';
import type { Connector } from './contract/connector';
import { ownConnector, ownConnectors } from './own';
import * as registry from './registry';

export const connectors = { ...registry } satisfies Record<string, Connector>;

export type ProviderId = keyof typeof connectors;

/** All that this process knows: those above and, once a configuration has been read, those that it brings. */
export function knownConnectors(): Record<string, Connector> {
  const own = ownConnectors().map(connector => [connector.provider, connector] as const);
  return { ...Object.fromEntries(own), ...connectors };
}

/** @throws {KeyturnError} bad-config, listing the known providers */
export function connectorFor(provider: string): Connector {
  if (Object.hasOwn(connectors, provider)) return connectors[provider as ProviderId];
  const own = ownConnector(provider);
  if (own) return own;
  const known = Object.keys(knownConnectors()).join(', ');
  throw new KeyturnError(
    'bad-config',
    `"${provider}" is not a provider that Keyturn knows; use one of ${known}, or add a connector for it`,
  );
}
