// The server that is also called behind `keyturn run`, and what its variables are.
import { connectorFor } from '../../connectors/index';
import type { Environment, Key, Server } from '../../lib/config/config';
import { leakableKey } from './leakable-key';

/** The server whose key leaks, if it takes that from a variable; else the first that takes any. */
export function hostedServer(environment: Environment): Server | undefined {
  const candidates = [leakableKey(environment)?.server, ...environment.servers];
  return candidates.find(server => server?.keys.some(isOnVariables));
}

/** Keys that a server shows to others: what its own clients show to it, and tokens, are another matter. */
export function isOnVariables({ address, env }: Key): boolean {
  const { kind } = connectorFor(address.provider);
  return kind !== 'self-issued' && kind !== 'mint' && Object.values(env).includes('secret');
}

/** `SENDGRID_API_KEY=sendgrid/main:secret`, as `keyturn run --key` takes them. */
export function variablesOf({ keys }: Server): string[] {
  return keys
    .filter(isOnVariables)
    .flatMap(({ address: { provider, purpose }, env }) =>
      Object.entries(env).map(([variable, field]) => `${variable}=${provider}/${purpose}:${field}`),
    );
}
