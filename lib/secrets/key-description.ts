import type { KeyAddress } from '../../core/key/key-address';
import { type KeySpec, writeDescription } from '../../core/key/key-spec';

/** The secret's Description: a sentence for people, then the spec for Keyturn's functions. */
export function describeKey(
  key: { address: KeyAddress; spec: KeySpec; reason?: string },
  providerTitle: string,
): string {
  const { environment, server, purpose } = key.address;
  const use = purpose === 'main' ? '' : ` for ${purpose}`;
  const why = key.reason ? ` Its admin scopes: ${key.reason}` : '';
  return writeDescription(
    `${providerTitle} key of ${server} (${key.spec.team}) in ${environment}${use}, made and rotated by Keyturn.${why}`,
    key.spec,
  );
}
