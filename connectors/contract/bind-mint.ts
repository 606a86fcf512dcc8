// Binds a mint connector to one root: what the token rules may ask of it.
import type { KeySpec } from '../../core/key/key-spec';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock } from '../../core/provider';
import type { MintedToken, TokenMint } from '../../core/tokens/tokens';
import { asker } from './bind';
import type { MintConnector } from './connector';
import { safeRepliesOf } from './safe-replies';
import { validSettings } from './validated';

export interface MintBinding {
  readRoot(): Promise<SecretValue>;
  /** Stores the root that replaces the one just used up. @param minted what it was used up for, before it was judged */
  keepRoot(next: SecretValue, minted: MintedToken): Promise<void>;
  spec: Pick<KeySpec, 'settings'>;
  clock: Clock;
}

export function bindMint(
  connector: MintConnector<unknown, unknown>,
  { readRoot, keepRoot, spec, clock }: MintBinding,
): TokenMint {
  const settings = validSettings(connector, spec.settings);
  const safe = safeRepliesOf(connector.title);
  const ask = asker(connector, settings, safe, clock);
  const { verifyToken } = connector;
  const revoke = connector.tokenRevoker(settings);
  return {
    async mint(scopes, lifetimeSeconds) {
      const request = { scopes, lifetimeSeconds, settings };
      const root = await readRoot();
      const { nextRoot, ...minted } = await ask(http => connector.mint(http, root, request), root);
      // Before anybody has the token: the root that it came from is spent, and this is the only copy of the next.
      if (nextRoot) await keepRoot(nextRoot, minted);
      safe.learn(nextRoot);
      return safe.mintedToken(minted);
    },
    verify: verifyToken && (token => ask(http => verifyToken(http, token), token)),
    revoke:
      revoke &&
      (async token => {
        const root = await readRoot();
        return ask(http => revoke(http, root, token), root, token);
      }),
  };
}
