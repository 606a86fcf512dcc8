// The first key of each provider in a new repository: valid as it stands, so that it can be rehearsed, with a line on what
// only its reader knows.
import { createHash } from 'node:crypto';
import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import type { KeyInput } from '../../lib/config/config';
import type { ProviderName } from '../../lib/config/providers';

export interface FirstKey {
  key: KeyInput;
  /** What to put in the place of which made-up value. @default - nothing is made up */
  replace?: string;
}

export function firstKey(provider: ProviderName, server: string): FirstKey {
  const connector: Connector = connectors[provider];
  const { replace, ...example } = connector.example;
  const text = JSON.stringify({ provider, ...example })
    .replaceAll('{server}', server)
    .replaceAll('{digits}', digitsOf(server));
  return { key: JSON.parse(text), replace };
}

/** Ten digits that a name always gives, and hardly any other one. */
function digitsOf(name: string): string {
  const hash = createHash('sha256').update(name).digest().readUIntBE(0, 6);
  return String(hash).padStart(10, '0').slice(-10);
}
