import type { AnyMint, MintCheck } from './mint-setup';
import { refreshChecks } from './refresh-checks';
import { rootChecks } from './root-checks';
import { tokenChecks } from './token-checks';

/** The promises that this connector has to keep. */
export function checksFor(connector: AnyMint): MintCheck[] {
  return [...tokenChecks, ...rootChecks, ...refreshChecks].filter(({ where }) => where?.(connector) ?? true);
}
