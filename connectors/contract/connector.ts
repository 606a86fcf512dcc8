// The contract: everything that tells one provider from another is in one object of one of these types.
import type * as z from 'zod/mini';
import type { SecretValue } from '../../core/key/secret-value';
import type { HandSteps, ListedKey, Verdict } from '../../core/provider';
import type { MintedToken } from '../../core/tokens/tokens';
import type { Http } from '../http/http';
import type { IssuerToken } from '../http/issuer-tokens';
import type { Transport } from '../transports/transport';
import type { AwsPartner } from './aws-partner';
import type { MadeBy } from './made-by';
import type { UsedKeys } from './presented';

export type { HandSteps, ListedKey, Verdict } from '../../core/provider';
export type { MintedToken } from '../../core/tokens/tokens';

/** A key just made. The only type of a connector that has a secret in it. */
export interface IssuedKey {
  /** What `revoke` takes and `list` shows. */
  keyId: string;
  secret: string;
  /** ISO 8601, UTC; absent where the key does not expire. */
  expiresAt?: string;
  /** What the provider says it granted; absent where it does not say. */
  scopes?: string[];
  /** What a consumer needs besides the secret, such as accountSid or domain; becomes part of the secret's value. */
  fields?: Record<string, string>;
}

/** What a new key shall be. */
export interface KeyRequest<Settings> {
  /** Bears Keyturn's mark; must reach the provider unchanged, where its keys have names. */
  name: string;
  scopes: string[];
  /** The instant after which the key may die, for providers that end keys by themselves: never after `maxKeyDays`. */
  expiresAt: Date;
  settings: Settings;
}

/** What a provider can tell of a key: in its list, or of `expiresAt` and `scopes` where it makes the key. */
export type KeyFact = 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'scopes';

export type KnownScopes =
  /** All that the provider documents, and where. A configuration may name another one only with a reason that names it, too. */
  | { readonly names: readonly string[]; readonly source: string }
  /** Nobody can list them: `open` completes "not checked, since ...". `form` is what each looks like, where that is known. */
  | { readonly open: string; readonly form?: { readonly pattern: RegExp; readonly like: string } };

/**
 * The first key of a team, valid as it stands. In its texts, `{server}` stands for the name of the MCP server, and
 * `{digits}` for ten digits that are its own: each has a place of its own where a place holds one key.
 */
export interface KeyExample {
  /** The variable that the server reads; where it reads several, the field of the key's value for each. Tokens have none. */
  readonly env?: string | Readonly<Record<string, string>>;
  readonly tier?: 'high' | 'low';
  readonly purpose?: string;
  readonly scopes?: readonly string[];
  readonly settings?: object;
  /** What to put in the place of which made-up value. @default - nothing is made up */
  readonly replace?: string;
}

interface ConnectorBase<Issuer, Settings> extends UsedKeys<Settings> {
  /** Its place in secret names, and in `config/keys.ts`. */
  readonly provider: string;
  /** As the provider writes itself: `SendGrid`. */
  readonly title: string;
  /** Where calls go: scheme and host, no path. The first, unless a call names another; nothing else is ever called. */
  origins(settings: Settings): readonly string[];
  /** Where its server speaks no HTTP: what carries each call. Its origins say `https` all the same, for it is secured by TLS. */
  transport?(settings: Settings): Transport;
  /** Shape of the issuer credential, as its secret holds it. */
  readonly issuer: z.ZodMiniType<Issuer>;
  /** One line for the person who pastes it: what to create, with which rights. */
  readonly issuerHelp: string;
  /**
   * Where settings choose the host: the only origin that may see this credential, told by the credential itself,
   * so that nobody who edits a key's settings can have it sent elsewhere.
   */
  issuerOrigin?(issuer: Issuer): string;
  /**
   * Where calls carry a token in place of the credential: gets one. Safe to repeat. `create`, `list`, `revoke`, `install` and
   * `issuerPower` then present it as Bearer by themselves; `control` does not, which asks as `verify` does. Fetched once for as
   * long as it lives within one run, never stored, and known to redaction.
   */
  signIn?(http: Http, issuer: Issuer, settings: Settings): Promise<IssuerToken>;
  /** Shape of a key's `settings` in `config/keys.ts`: project, account, domain, ... */
  readonly settings: z.ZodMiniType<Settings>;
  /**
   * - `required`: the provider would grant everything where scopes are left out, or has no default.
   * - `none`: keys have no scopes; giving some is an error.
   */
  readonly scopes: 'required' | 'none';
  /** Which scopes there are, where keys have any. @default - nothing is known of them */
  readonly knownScopes?: KnownScopes;
  /** Scopes that can create keys, change members or the like: a config must state a reason for them. */
  readonly adminScopes?: RegExp;
  /** The same of what the settings grant: each as people write it in `settings`, such as `permission: full_access`. */
  adminSettings?(settings: Settings): string[];
  readonly example: KeyExample;
  /** What a secret looks like, loosely: for `doctor`, never to refuse a key that the provider made. */
  readonly secretPattern: RegExp;
  /** What only secrets of this provider begin with or contain, where it marks them so: they are known wherever they are found. */
  readonly secretMark?: RegExp;
  /** How long a fresh key may be rejected, and a revoked one accepted; 0 where the provider documents none. Milliseconds. */
  readonly propagation: { createMs: number; revokeMs: number };
  /** Days after which the provider ends a key, at most, where it does: its own limit, or less where the settings tell a tenant's. */
  maxKeyDays?(settings: Settings): number | undefined;
  /** Hours after which a new key ends the one before at the latest, where the provider does that by itself. */
  readonly maxOverlapHours?: number;
  /** Where AWS can rotate such keys in place of Keyturn. */
  readonly awsPartner?: AwsPartner;
  /**
   * Asks the provider whether it accepts this key, by a call that any key may make where there is one. Uses the key itself,
   * never the issuer; never throws. `rejected` needs the provider's own words for a key that is not valid.
   */
  verify(http: Http, key: SecretValue, settings: Settings): Promise<Verdict>;
}

/** Whose keys a person can make, so that `keyturn adopt` has to know the id of one. */
interface TellsIds<Settings> {
  /** Where the secret itself tells it. */
  keyIdOf?(secret: string): string | undefined;
  /** Where the provider tells it to whoever holds the key. */
  identify?(http: Http, secret: string, settings: Settings): Promise<string>;
}

/** Whose keys tell nothing by themselves: they work only beside another credential, or not over HTTP. */
interface VerifiedBeside<Issuer, Settings> {
  /**
   * `verify`, with the issuer credential in hand. Who has none asks `verify` itself, which then is always `unknown`. So is what it
   * throws.
   */
  verifyBeside?(http: Http, issuer: Issuer, key: SecretValue, settings: Settings): Promise<Verdict>;
}

/** The provider makes the key: create, list, revoke. */
export interface IssueConnector<Issuer, Settings>
  extends ConnectorBase<Issuer, Settings>,
    VerifiedBeside<Issuer, Settings>,
    TellsIds<Settings> {
  readonly kind: 'issue';
  /** True where listed keys have no names; the settings then name a place that belongs to this key alone. */
  readonly exclusive?: true;
  /** Names that place: the same for all settings that mean the same. @default - all settings */
  placeOf?(settings: Settings): string;
  readonly tells: readonly KeyFact[];
  /** The provider's limit on the length of a key's name, in characters. */
  readonly nameMaxLength: number;
  create(http: Http, issuer: Issuer, request: KeyRequest<Settings>): Promise<IssuedKey>;
  /** Every page. */
  list(http: Http, issuer: Issuer, settings: Settings): Promise<ListedKey[]>;
  /** Already gone is success. */
  revoke(http: Http, issuer: Issuer, keyId: string, settings: Settings): Promise<void>;
  /**
   * `verify`, asked with the issuer credential through the same endpoint: the control, without which no `denied` counts.
   * Absent where `verify` never says `denied`.
   */
  control?(http: Http, issuer: Issuer, settings: Settings): Promise<Verdict>;
  /**
   * What the issuer credential may do, where the provider tells. `needed`: all that Keyturn needs besides the scopes of its keys;
   * the provider may grant more of its own accord.
   */
  issuerPower?: {
    readonly needed: RegExp;
    scopes(http: Http, issuer: Issuer, settings: Settings): Promise<string[]>;
  };
}

/** Keyturn makes the key and tells the provider, which keeps an old one beside it until told to drop it. */
export interface InstallConnector<Issuer, Settings>
  extends ConnectorBase<Issuer, Settings>,
    VerifiedBeside<Issuer, Settings> {
  readonly kind: 'install';
  readonly tells: readonly KeyFact[];
  /** Names the place that holds the key: the same for all settings that mean the same. @default - all settings */
  placeOf?(settings: Settings): string;
  /** Made from `core/key/generated-secret.ts`; `keyId` is its fingerprint. No I/O. */
  generate(request: KeyRequest<Settings>): IssuedKey;
  /** Safe to repeat. */
  install(http: Http, issuer: Issuer, key: SecretValue, settings: Settings): Promise<void>;
  /** Ids are fingerprints, as `generate` gives them. */
  list(http: Http, issuer: Issuer, settings: Settings): Promise<ListedKey[]>;
  revoke(http: Http, issuer: Issuer, keyId: string, settings: Settings): Promise<void>;
  /** As of an `IssueConnector`. */
  control?(http: Http, issuer: Issuer, settings: Settings): Promise<Verdict>;
}

/** Keyturn makes the key; installing it ends the one before at once. */
export interface RollConnector<Issuer, Settings> extends ConnectorBase<Issuer, Settings> {
  readonly kind: 'roll';
  generate(request: KeyRequest<Settings>): IssuedKey;
  /** Safe to repeat. */
  install(http: Http, issuer: Issuer, key: SecretValue, settings: Settings): Promise<void>;
}

/** Keyturn makes the key for the team's own server, which accepts what carries AWSCURRENT or AWSPREVIOUS. No provider to call. */
export interface SelfIssuedConnector<Settings>
  extends Omit<
    ConnectorBase<never, Settings>,
    'issuer' | 'issuerHelp' | 'issuerOrigin' | 'signIn' | 'origins' | 'transport' | keyof UsedKeys<Settings>
  > {
  readonly kind: 'self-issued';
  generate(request: KeyRequest<Settings>): IssuedKey;
}

/** What a connector says whose keys only a person can make. */
interface HandMadeConnector<Settings> {
  readonly steps: HandSteps;
  /** What a consumer needs besides the secret, of what the settings tell; becomes part of the secret's value. */
  fields?(settings: Settings): Record<string, string>;
  /** How its servers could do without such a key: completes "you could ...". Absent where there is no other way. */
  readonly couldBe?: string;
}

/** A person makes the key; Keyturn checks it, reminds people before its end, and ends it. */
export interface RevokeOnlyConnector<Issuer, Settings>
  extends Omit<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin'>,
    TellsIds<Settings>,
    HandMadeConnector<Settings> {
  readonly kind: 'revoke-only';
  readonly revoker: IssuerRevoker<Issuer, Settings> | HolderRevoker<Settings>;
  /** When a key ends by itself, where the provider tells that to whoever holds it. A list tells it by `expiresAt`. */
  expiry?(http: Http, key: SecretValue, settings: Settings): Promise<Date | 'never' | undefined>;
}

/** An admin credential lists and ends keys. */
export interface IssuerRevoker<Issuer, Settings>
  extends Pick<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin'>,
    Pick<IssueConnector<Issuer, Settings>, 'tells' | 'list' | 'revoke' | 'control'> {
  readonly by: 'issuer';
  /** False where it does not, with these settings: then a person ends the key. @default - it always does */
  works?(settings: Settings): boolean;
}

/** Whoever holds a key can end it; there is no admin credential. */
export interface HolderRevoker<Settings> {
  readonly by: 'holder';
  /** Already gone is success. */
  revoke(http: Http, key: SecretValue, settings: Settings): Promise<void>;
}

/** A person makes the key, and a person ends it; Keyturn checks it, reminds people, and proves its end. */
export interface ManualConnector<Settings>
  extends Omit<ConnectorBase<never, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin'>,
    TellsIds<Settings>,
    HandMadeConnector<Settings> {
  readonly kind: 'manual';
}

/** What a short-lived token shall be. */
export interface TokenRequest<Settings> {
  scopes: string[];
  /** What the key's tier allows; most providers set the life themselves. Seconds. */
  lifetimeSeconds: number;
  settings: Settings;
}

/**
 * Short-lived tokens are minted from a root (client secret, app key), which is the key that Keyturn keeps; servers get
 * tokens from the token function and never see the root.
 */
export interface MintConnector<Issuer, Settings>
  extends Omit<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin' | 'signIn'> {
  readonly kind: 'mint';
  /** Of a root that no API makes. */
  readonly steps: HandSteps;
  /** @throws {KeyturnError} key-rejected, where the provider does not accept the root; refused, where not this request */
  mint(
    http: Http,
    root: SecretValue,
    request: TokenRequest<Settings>,
  ): Promise<MintedToken & { nextRoot?: SecretValue }>;
  /** True where minting can use up the root and return the next one: then one may mint at a time, and stores it first. */
  usesUpRoot?(settings: Settings): boolean;
  /** Asks the provider whether it accepts a token, with the token itself; absent where it has no such call. Never throws. */
  verifyToken?(http: Http, token: string): Promise<Verdict>;
  /** Ends a token before its time, where these settings know a way; already dead is success. */
  tokenRevoker(
    settings: Settings,
  ): ((http: Http, root: SecretValue, token: string) => Promise<void>) | undefined;
  /** How long its tokens live, where the provider fixes that. Seconds. @default - the settings there decide */
  readonly tokenSeconds?: number;
  /** Absent where only a person can make a root: it comes in by `keyturn adopt`, and has no schedule. */
  readonly rootMaker?: RootMaker<Issuer, Settings>;
  /** The id of a root, where its secret tells it. */
  keyIdOf?(secret: string): string | undefined;
}

/** How a root is rotated: a second one is made beside the first, which is ended by what its own value holds. */
export interface RootMaker<Issuer, Settings>
  extends Pick<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin'>,
    Pick<IssueConnector<Issuer, Settings>, 'nameMaxLength' | 'create'> {
  /** False where these settings name no place that makes roots: then a person makes them. */
  makes(settings: Settings): boolean;
  /** Already gone is success. @returns false where the root does not tell how to end it: a person made it */
  revoke(http: Http, root: SecretValue): Promise<boolean>;
}

/**
 * No key exists: the server's own process proves its AWS role with a JWT that STS signs, and exchanges that for a token of minutes.
 * `settings` name what an admin set up at the provider to trust the role; nothing of it is secret. `verify` asks about a token.
 */
export interface FederateConnector<Issuer, Settings>
  extends Omit<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin' | 'signIn'> {
  readonly kind: 'federate';
  /** `make`: sets it up. `end`: takes it away, so that no further token is given. */
  readonly trust: HandSteps;
  /** What the provider calls that which trusts this server, with its ids: `the rule r1`. No two servers have the same. */
  trustOf(settings: Settings): string;
  /** Whom the JWT is for: what the trust at the provider names, exactly. */
  audience(settings: Settings): string;
  /** Of those that STS offers. */
  readonly algorithm: 'RS256' | 'ES384';
  /** How long a JWT holds: no longer than its token shall, where the provider goes by that. Seconds, 60 to 3600. */
  readonly identitySeconds: number;
  /** No token outlives this: so long does one work after the trust was taken away. Seconds. */
  readonly tokenSecondsAtMost: number;
  /**
   * Sent once with each JWT, which may be good for one exchange only.
   * @throws {KeyturnError} refused, where the provider does not trust this identity
   */
  exchange(http: Http, identity: string, settings: Settings): Promise<MintedToken>;
  /** Absent where only a person can take the trust away. */
  readonly ender?: FederationEnder<Issuer, Settings>;
}

/** Takes a server's trust away with an admin credential, which nothing else needs. */
export interface FederationEnder<Issuer, Settings>
  extends Pick<ConnectorBase<Issuer, Settings>, 'issuer' | 'issuerHelp' | 'issuerOrigin'> {
  /** False where these settings do not name what it would have to change. @default - they always do */
  works?(settings: Settings): boolean;
  /** What ends at once: tokens that servers have already, or only the giving of further ones. */
  readonly ends: 'tokens' | 'exchanges';
  /** Safe to repeat. */
  disable(http: Http, issuer: Issuer, settings: Settings): Promise<void>;
  /** True where the provider says that the trust is gone. */
  isDisabled(http: Http, issuer: Issuer, settings: Settings): Promise<boolean>;
}

/** A provider whose keys servers can do without: a key of it says `federate` in place of `settings`. */
export interface Federates<Issuer, Settings> {
  readonly federation: FederateConnector<Issuer, Settings>;
}

export type Connector<Issuer = unknown, Settings = unknown> = (
  | IssueConnector<Issuer, Settings>
  | InstallConnector<Issuer, Settings>
  | RollConnector<Issuer, Settings>
  | SelfIssuedConnector<Settings>
  | MintConnector<Issuer, Settings>
  | RevokeOnlyConnector<Issuer, Settings>
  | ManualConnector<Settings>
  | FederateConnector<Issuer, Settings>
) &
  Partial<Federates<unknown, unknown>>;

/** False where Keyturn, or only a person, makes the keys and ends them, so that there is no admin credential. */
export function hasIssuer({
  kind,
  rootMaker,
  revoker,
}: Pick<Connector, 'kind'> & {
  readonly rootMaker?: object;
  readonly revoker?: { readonly by: 'issuer' | 'holder' };
}): boolean {
  if (kind === 'mint') return rootMaker !== undefined;
  if (kind === 'revoke-only') return revoker?.by === 'issuer';
  return kind !== 'self-issued' && kind !== 'manual' && kind !== 'federate';
}

/** The same of this key, which may leave all to a person or to AWS. */
export function usesIssuer(connector: Connector, spec: MadeBy): boolean {
  if (spec.rotatedBy === 'aws') return connector.awsPartner?.ends === 'by-id' && hasIssuer(connector);
  if (connector.kind === 'mint') return connector.rootMaker?.makes(spec.settings) ?? false;
  if (connector.kind !== 'revoke-only') return hasIssuer(connector);
  return connector.revoker.by === 'issuer' && (connector.revoker.works?.(spec.settings) ?? true);
}

/** What is known of an admin credential. */
export type IssuerShape<Issuer = unknown> = Pick<
  ConnectorBase<Issuer, unknown>,
  'issuer' | 'issuerHelp' | 'issuerOrigin'
>;

/** `undefined` where there is no admin credential. */
export function issuerShapeOf(connector: Connector): IssuerShape | undefined {
  switch (connector.kind) {
    case 'issue':
    case 'install':
    case 'roll':
      return connector;
    case 'mint':
      return connector.rootMaker;
    case 'revoke-only':
      return connector.revoker.by === 'issuer' ? connector.revoker : undefined;
    case 'federate':
      return connector.ender;
    case 'self-issued':
    case 'manual':
      return undefined;
  }
}

/** What the provider tells of its keys. */
export function tellsOf(connector: Connector): readonly KeyFact[] {
  if (connector.kind === 'issue' || connector.kind === 'install') return connector.tells;
  return connector.kind === 'revoke-only' && connector.revoker.by === 'issuer' ? connector.revoker.tells : [];
}
