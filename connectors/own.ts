// Connectors that a team's own configuration brings: known to this process once it has been read.
import type { Connector } from './contract/connector';

const brought = new Map<string, Connector>();

/** In the place of those that were brought before. */
export function bringConnectors(connectors: readonly Connector[]): void {
  brought.clear();
  connectors.forEach(bringConnector);
}

/** Beside those that were brought before. */
export function bringConnector(connector: Connector): void {
  brought.set(connector.provider, connector);
}

export function ownConnector(provider: string): Connector | undefined {
  return brought.get(provider);
}

export function ownConnectors(): readonly Connector[] {
  return [...brought.values()];
}
