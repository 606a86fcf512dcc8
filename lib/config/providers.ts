// What config and stacks know of a provider: its connector's metadata, nothing that calls it.
import type * as z from 'zod/mini';
import {
  type Connector,
  type FederateConnector,
  type HandSteps,
  hasIssuer,
  type KnownScopes,
} from '../../connectors/contract/connector';
import { couldBeOf, federationOf } from '../../connectors/contract/federation';
import { connectorOf } from '../../connectors/http-api/api-connector';
import type { HttpApi } from '../../connectors/http-api/http-api';
import { connectors, knownConnectors, type ProviderId } from '../../connectors/index';
import { bringConnectors, ownConnector } from '../../connectors/own';

export { federationLimits } from '../../connectors/contract/federation';
export type ProviderName = ProviderId;
export type SettingsOf<P extends ProviderName> = z.output<(typeof connectors)[P]['settings']>;
type BuiltInConnectors = typeof connectors;
/** Whose keys exist: those of the others are federations. */
export type KeyedProvider = {
  [P in ProviderName]: BuiltInConnectors[P] extends { kind: 'federate' } ? never : P;
}[ProviderName];
/** Of what accepts AWS roles in place of keys. */
export type FederationSettingsOf<P extends ProviderName> = FederationSettingsIn<BuiltInConnectors[P]>;
export type FederatingProvider = {
  [P in ProviderName]: [FederationSettingsOf<P>] extends [never] ? never : P;
}[ProviderName];

/** A connector in a module of the team's, or an API told as data. */
export type OwnConnectorInput = (OwnModule | OwnApi) & {
  /** The module of its dialect, from where commands run: without one, it cannot be rehearsed. */
  readonly dialect?: string;
};

export interface OwnModule {
  readonly connector: Connector;
  /** The module that exports it, from where commands run: `connectors/inhouse.ts`. Functions get what it holds. */
  readonly file: string;
}

export interface OwnApi {
  readonly httpApi: HttpApi;
}

/** Of a connector's federation; `never` where it accepts no AWS roles. */
type FederationSettingsIn<C> = C extends { kind: 'federate'; settings: z.ZodMiniType<infer S> }
  ? S
  : C extends { federation: { settings: z.ZodMiniType<infer S> } }
    ? S
    : never;
type ConnectorIn<O> = O extends { connector: infer C } ? C : undefined;
/** Of a connector of a team's own that accepts AWS roles. */
export type OwnFederationSettings<O> = FederationSettingsIn<ConnectorIn<O>>;
/** Names of those whose keys exist, and of those that accept AWS roles. */
export type OwnKeyed<Own> = {
  [P in keyof Own & string]: Exclude<ConnectorIn<Own[P]>, { kind: 'federate' }> extends never ? never : P;
}[keyof Own & string];
export type OwnFederating<Own> = {
  [P in keyof Own & string]: [OwnFederationSettings<Own[P]>] extends [never] ? never : P;
}[keyof Own & string];

/** Of a connector of a team's own, as far as types tell. */
export type OwnSettings<O> = O extends { connector: { settings: z.ZodMiniType<infer S> } }
  ? S
  : O extends { httpApi: { settings: infer S } }
    ? { [Name in keyof S]?: string }
    : Record<string, unknown>;

export interface ProviderMetadata
  extends Pick<
    Connector,
    | 'provider'
    | 'title'
    | 'kind'
    | 'scopes'
    | 'adminScopes'
    | 'maxOverlapHours'
    | 'settings'
    | 'secretPattern'
    | 'knownScopes'
    | 'awsPartner'
  > {
  readonly exclusive?: true;
  /** Connectors of a team's own that no compiler has seen may lack it. */
  readonly example?: Connector['example'];
  readonly rootMaker?: { makes(settings: unknown): boolean; issuerOrigin?(issuer: unknown): string };
  issuerOrigin?(issuer: unknown): string;
  origins?(settings: unknown): readonly string[];
  readonly revoker?: { readonly by: 'issuer' | 'holder'; works?(settings: unknown): boolean };
  readonly steps?: HandSteps;
  usesUpRoot?(settings: unknown): boolean;
  placeOf?(settings: unknown): string;
  maxKeyDays?(settings: unknown): number | undefined;
  adminSettings?(settings: unknown): string[];
}

/** Those of a team's own configuration, too, once it has been read: their names are no part of the type. */
export const providers: Readonly<Record<ProviderName, ProviderMetadata>> = new Proxy(connectors, {
  get: (known, name: string) => Reflect.get(known, name) ?? ownConnector(name),
  has: (_, name: string) => name in knownConnectors(),
  ownKeys: () => Object.keys(knownConnectors()),
  getOwnPropertyDescriptor: (_, name: string) => Object.getOwnPropertyDescriptor(knownConnectors(), name),
});
/** Those that Keyturn has keys of: others are reached as the server's AWS role alone. */
export const providerNames = (Object.keys(connectors) as ProviderName[]).filter(
  name => connectors[name].kind !== 'federate',
);

/** A team's own, in the place of those that an earlier configuration brought. */
export function bringOwn(own: Readonly<Record<string, OwnConnectorInput>>): void {
  bringConnectors(
    Object.entries(own).map(([name, each]) =>
      'httpApi' in each ? connectorOf(name, each.httpApi) : each.connector,
    ),
  );
}

export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(connectors, name);
}

export function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(knownConnectors(), name);
}

/** False where a configuration may not name it as it is. */
export function isKnownScope(known: KnownScopes | undefined, scope: string): boolean {
  if (!known) return true;
  return 'names' in known ? known.names.includes(scope) : (known.form?.pattern.test(scope) ?? true);
}

/** How servers reach a provider without a key; `undefined` where it does not accept AWS roles. */
export function federationFor(provider: string): FederateConnector<unknown, unknown> | undefined {
  const known = knownConnectors();
  const connector = Object.hasOwn(known, provider) ? known[provider] : undefined;
  return connector && federationOf(connector);
}

/** How servers could do without a key of the provider; `undefined` where there is no other way. */
export function couldBe(provider: string): string | undefined {
  const known = knownConnectors();
  const connector = Object.hasOwn(known, provider) ? known[provider] : undefined;
  return connector && couldBeOf(connector);
}

/** Those that accept AWS roles. */
export function federatingProviders(): string[] {
  return Object.keys(knownConnectors()).filter(federationFor);
}

/** False also where a new key ends the old one by itself. */
export function needsIssuerToRevoke(provider: ProviderMetadata): boolean {
  return hasIssuer(provider) && provider.kind !== 'roll';
}

/** True where the key is a root: servers get tokens from the token function, and must not read it. */
export function mintsTokens({ kind }: ProviderMetadata): boolean {
  return kind === 'mint';
}

/** True where minting a token replaces the root. */
export function usesUpRoot(provider: ProviderMetadata, settings: unknown): boolean {
  return provider.usesUpRoot?.(settings) ?? false;
}

/** True where the provider makes keys that bear names: a lost one is found by its name, and proven by the record of its attempt. */
export function namesKeys({ kind, exclusive }: ProviderMetadata): boolean {
  return kind === 'issue' && !exclusive;
}

/** True where the settings name a place that has room for one key only: an IAM user, an application. */
export function isExclusive({ kind, exclusive }: ProviderMetadata): boolean {
  return exclusive ?? (kind === 'install' || kind === 'roll');
}

/**
 * The hosts that get the environment's one issuer credential on behalf of a key with these settings, where the settings choose them.
 * @returns `undefined` where no credential goes anywhere, or all keys of the provider are made at the same host
 */
export function issuerHosts(provider: ProviderMetadata, settings: unknown): string | undefined {
  const { rootMaker, issuerOrigin, origins } = provider;
  if (!(rootMaker ? rootMaker.issuerOrigin && rootMaker.makes(settings) : issuerOrigin)) return undefined;
  return origins && [...origins(settings)].sort().join(' and ');
}

/** What to do about settings that a provider does not take; `undefined` where its keys need none. */
export function settingsFix(
  { example: { settings, replace } = {} }: ProviderMetadata,
  server: string,
): string | undefined {
  if (!settings) return undefined;
  const written = JSON.stringify(settings)
    .replaceAll('{server}', server)
    .replaceAll('{digits}', '1234567890')
    .replace(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'")
    .replaceAll('}', ' }');
  return `write settings like${written.replace(/^\{/, ' {')}${replace ? ` (${replace.replace(/\.$/, '')})` : ''}`;
}
