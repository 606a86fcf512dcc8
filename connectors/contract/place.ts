// Where one key lives: what its calls have in common, and the calls of keys that live beside each other, each until it is revoked.
import type { InstallProvider, IssueProvider, Provider } from '../../core/provider';
import type { Http } from '../http/http';
import type { IssueConnector, KeyRequest } from './connector';
import type { Told } from './told';

export type Ask = <T>(work: (http: Http) => Promise<T>, ...held: unknown[]) => Promise<T>;

/** What the calls of one key have in common. */
export interface Place {
  settings: unknown;
  told: Told;
  /** One piece of work at the provider. @param held values of keys that it may know */
  ask: Ask;
  /** The same with the issuer credential. */
  askAsIssuer<T>(work: (http: Http, issuer: unknown) => Promise<T>, ...held: unknown[]): Promise<T>;
  request(name: string, now: Date): KeyRequest<unknown>;
}

/** All but what every provider has. */
export type CallsOf<P> = P extends Provider ? Omit<P, 'id' | 'propagation' | 'verify'> : never;

export function keptKeys(
  connector: Pick<IssueConnector<unknown, unknown>, 'list' | 'revoke'>,
  { settings, told, askAsIssuer }: Pick<Place, 'settings' | 'told' | 'askAsIssuer'>,
): Pick<InstallProvider, 'list' | 'revoke'> {
  return {
    list: async () =>
      told.listedKeys(await askAsIssuer((http, issuer) => connector.list(http, issuer, settings))),
    revoke: (keyId, held) =>
      askAsIssuer((http, issuer) => connector.revoke(http, issuer, keyId, settings), held),
  };
}

export function control(
  connector: Pick<IssueConnector<unknown, unknown>, 'control'>,
  { settings, askAsIssuer }: Pick<Place, 'settings' | 'askAsIssuer'>,
): Pick<IssueProvider, 'control'> {
  const { control } = connector;
  return control ? { control: () => askAsIssuer((http, issuer) => control(http, issuer, settings)) } : {};
}
