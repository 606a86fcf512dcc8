// How servers reach a provider without a key.
import type { Connector, FederateConnector } from './connector';

/** Seconds. */
export const federationLimits = {
  /** STS signs no JWT that holds for less. */
  shortestIdentity: 60,
  /** Whoever takes one on its way has no longer to exchange it. */
  longestIdentity: 900,
  /** An emergency waits this out. */
  longestToken: 3600,
};

/** How servers reach the provider without a key, where it offers that. */
export function federationOf(connector: Connector): FederateConnector<unknown, unknown> | undefined {
  return connector.kind === 'federate' ? connector : connector.federation;
}

/** How servers could do without such a key: completes "you could ...". `undefined` where there is no other way. */
export function couldBeOf(connector: Connector): string | undefined {
  if (connector.kind !== 'federate' && connector.federation)
    return `make it a federation: ${connector.title} accepts the server's own AWS role, so that no key exists (write \`federate\` in place of \`settings\`; docs/federation.md)`;
  return 'couldBe' in connector ? connector.couldBe : undefined;
}
