import { connectorFor } from '../../connectors/index';
import type { Environment, Key, Server } from '../../lib/config/config';

/** A high-tier key whose provider makes and revokes keys, and takes the least time to know of it. */
export function leakableKey({ servers }: Environment): { server: Server; key: Key } | undefined {
  const delayOf = (key: Key) => {
    const { createMs, revokeMs } = connectorFor(key.address.provider).propagation;
    return createMs + revokeMs;
  };
  const pairs = servers.flatMap(server => server.keys.map(key => ({ server, key })));
  const [quickest] = pairs
    .filter(({ key }) => key.spec.tier === 'high' && connectorFor(key.address.provider).kind === 'issue')
    .sort((a, b) => delayOf(a.key) - delayOf(b.key));
  return quickest;
}
