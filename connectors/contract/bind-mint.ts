// Binds a mint connector to one root: what the token rules may ask of it.
import type { KeySpec } from '../../core/key/key-spec';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock } from '../../core/provider';
import type { TokenMint } from '../../core/tokens/tokens';
import { createCallLimits } from '../http/call-rate';
import { httpFor } from './bind';
import type { MintConnector } from './connector';
import { validSettings } from './validated';

export interface MintBinding {
  readRoot(): Promise<SecretValue>;
  /** Stores the root that replaces the one just used up. */
  keepRoot(next: SecretValue): Promise<void>;
  spec: Pick<KeySpec, 'settings'>;
  clock: Clock;
}

export function bindMint(
  connector: MintConnector<unknown, unknown>,
  { readRoot, keepRoot, spec, clock }: MintBinding,
): TokenMint {
  const settings = validSettings(connector, spec.settings);
  const limits = createCallLimits(clock, 'pass-on');
  const open = () => httpFor(connector, settings, clock, limits);
  const { verifyToken } = connector;
  const revoke = connector.tokenRevoker(settings);
  return {
    async mint(scopes, lifetimeSeconds) {
      const request = { scopes, lifetimeSeconds, settings };
      const { nextRoot, ...minted } = await connector.mint(open(), await readRoot(), request);
      // Before anybody has the token: the root that it came from is spent, and this is the only copy of the next.
      if (nextRoot) await keepRoot(nextRoot);
      return minted;
    },
    verify: verifyToken && (token => verifyToken(open(), token)),
    revoke: revoke && (async token => revoke(open(), await readRoot(), token)),
  };
}
