// Where one key lives: what its calls have in common, and the calls of keys that live beside each other, each until it is revoked.
import { KeyturnError } from '../../core/errors';
import type { InstallProvider, IssueProvider, Provider } from '../../core/provider';
import type { AskProvider, IssuerCalls } from './as-issuer';
import type { IssueConnector, KeyRequest } from './connector';
import type { SafeReplies } from './safe-replies';

/** What the calls of one key have in common. */
export interface CallContext extends IssuerCalls {
  settings: unknown;
  safe: SafeReplies;
  ask: AskProvider;
  request(name: string, now: Date): KeyRequest<unknown>;
}

/** All but what every provider has. */
export type CallsOf<P> = P extends Provider ? Omit<P, 'id' | 'propagation' | 'verify'> : never;

export function keptKeys(
  connector: Pick<IssueConnector<unknown, unknown>, 'list' | 'revoke'>,
  { settings, safe, askAsIssuer }: Pick<CallContext, 'settings' | 'safe' | 'askAsIssuer'>,
): Pick<InstallProvider, 'list' | 'revoke'> {
  return {
    list: async () =>
      safe.listedKeys(await askAsIssuer((http, issuer) => connector.list(http, issuer, settings))),
    async revoke(keyId, held) {
      // The path of no key is often that of all of them.
      if (!keyId)
        throw new KeyturnError(
          'refused',
          'a key without an id cannot be revoked; see what its secret holds in the field keyId',
        );
      await askAsIssuer((http, issuer) => connector.revoke(http, issuer, keyId, settings), held);
    },
  };
}

export function control(
  connector: Pick<IssueConnector<unknown, unknown>, 'control'>,
  { settings, askWithIssuer }: Pick<CallContext, 'settings' | 'askWithIssuer'>,
): Pick<IssueProvider, 'control'> {
  const { control } = connector;
  return control ? { control: () => askWithIssuer((http, issuer) => control(http, issuer, settings)) } : {};
}
