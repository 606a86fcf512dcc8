// What config and stacks know of a provider: its connector's metadata, nothing that calls it.
import type * as z from 'zod/mini';
import type { Connector } from '../connectors/connector';
import { connectors, type ProviderId } from '../connectors/index';

export type ProviderName = ProviderId;
export type SettingsOf<P extends ProviderName> = z.output<(typeof connectors)[P]['settings']>;

export interface ProviderMetadata
  extends Pick<
    Connector,
    'provider' | 'title' | 'kind' | 'scopes' | 'adminScopes' | 'maxKeyDays' | 'settings'
  > {
  readonly exclusive?: true;
}

export const providers: Readonly<Record<ProviderName, ProviderMetadata>> = connectors;
export const providerNames = Object.keys(connectors) as ProviderName[];

export function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(connectors, name);
}

/** False where Keyturn makes the keys by itself, so that there is no admin credential. */
export function hasIssuer({ kind }: ProviderMetadata): boolean {
  return kind !== 'self-issued';
}

/** True where the settings name a place that has room for one key only: an IAM user, an application. */
export function isExclusive({ kind, exclusive }: ProviderMetadata): boolean {
  return exclusive ?? (kind === 'install' || kind === 'roll');
}
