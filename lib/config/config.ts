// What config/keys.ts says, as a person writes it (KeysInput) and as everything else reads it (Config).
import { rotates } from '../../connectors/contract/made-by';
import type { KeyAddress } from '../../core/key/key-address';
import type { KeySpec, Tier } from '../../core/key/key-spec';
import type { Scanner } from '../../core/leaks/leak-report';
import type { NamedMailboxes } from '../../core/notices/listeners';
import type { DeliveryTarget } from '../../targets/targets';
import { type RuleName, rules } from './aws/names';
import type { BusinessHours } from './business-hours';
import type { FederatedKey } from './keys/federated-keys';
import type { PolicyName } from './policy';
import {
  type FederatingProvider,
  type FederationSettingsOf,
  type KeyedProvider,
  type OwnConnectorInput,
  type OwnFederating,
  type OwnFederationSettings,
  type OwnKeyed,
  type OwnSettings,
  type ProviderName,
  providers,
  type SettingsOf,
  usesUpRoot,
} from './providers';
import type { IntervalName, Schedule } from './schedule';

export type { FederatedKey } from './keys/federated-keys';

/** By name, which keys then have as their `provider`. */
export type OwnConnectors = Readonly<Record<string, OwnConnectorInput>>;
export type NoConnectors = Readonly<Record<never, never>>;

/** Whatever connectors it brings. */
export type AnyKeysInput = KeysInput<string, OwnConnectors>;

export interface KeysInput<Env extends string = string, Own extends OwnConnectors = NoConnectors> {
  /** Of the team's own, for providers that Keyturn does not have. @default - none */
  connectors?: Own;
  environments: Record<Env, EnvironmentInput>;
  /** By name: a lower-case word of letters, digits and single hyphens, frozen once deployed. */
  servers: Record<string, ServerInput<NoInfer<Env>, NoInfer<Own>>>;
}

export interface EnvironmentInput {
  /** 12 digits, in quotes. */
  account: string;
  /** `eu-central-1` */
  region: string;
  /** Row of the table in lib/config/policy.ts: how often keys rotate at least. `prod` also keeps secrets when a stack is deleted. */
  policy: PolicyName;
  /** ARNs of the IAM roles, besides Keyturn's own, that may read and change secrets; `*` matches within a name. */
  admins: string[];
  /**
   * ARNs of the IAM roles that may also ask the audit function what it finds, and nothing else of Keyturn's; `*` matches within a
   * name. @default - admins and deployers alone
   */
  auditors?: string[];
  /**
   * ARNs of the IAM roles through which Keyturn's stacks are deployed; no wildcards. Whoever may use one of them may do everything.
   * @default - the CloudFormation execution role of the stacks' synthesizer, which `cdk bootstrap` made
   */
  deployers?: string[];
  /** Who gets the on-call messages. */
  notify: {
    emails: string[];
    /** Who besides them gets the messages about keys of a team's servers, by the team's name. @default - nobody */
    teams?: Record<string, { emails: string[] }>;
    /** Topics that others made. @default - none */
    topics?: OtherTopic[];
    /** `https://...`, where the team keeps docs/runbook.md: messages link to its sections. @default - they name the file */
    runbook?: string;
  };
  /**
   * Other accounts in which servers run. For each of their servers the stack makes a role, which only the server's own role may
   * assume: set KEYTURN_ROLE to its ARN. @default - servers run in the environment's account
   */
  serverAccounts?: string[];
  /** Tags of everything that Keyturn makes there, besides its own `keyturn:` ones. @default - none */
  tags?: Record<string, string>;
  /** ARN of the IAM policy that every role gets as its permissions boundary. @default - none */
  permissionsBoundary?: string;
  /** Path of the roles of Keyturn's functions, such as `/platform/`; frozen once deployed. @default '/' */
  rolePath?: string;
  /**
   * A key of your own in the environment's account and region, instead of one that the platform stack makes. Add to its policy what
   * `keyturn grants` prints, before you deploy. Frozen once deployed. @default - the platform stack makes one
   */
  kmsKey?: OwnKmsKey;
  /** Where the functions run. They need a way to AWS's services and to the providers from there. @default - outside any VPC */
  vpc?: VpcPlace;
  /** @default - rotations may happen at any hour of any day, and no hour is suspicious */
  businessHours?: BusinessHours;
  /**
   * How Keyturn sees who reads secrets, and which rotations failed. `exists`: a trail of the organization or the account logs
   * management events, reads included; `keyturn check` verifies it. `create`: there is none, and this stack creates one. @default - none: Keyturn does not notice who reads a secret
   */
  trail?: Trail;
  /** `tell`: alarms change nothing by themselves, people decide. @default 'automatic' - by the table in core/incident/signals.ts */
  containment?: ContainmentMode;
  /** Who may report that a key has leaked; a key that is found is contained. @default - nobody: there is no function for it */
  leakReports?: LeakReports;
  /**
   * Developers may keep an encrypted copy of the keys that they have read (`keyturn run --keep-copy`), which serves for a day
   * without AWS. Never in an environment whose policy is `prod`. @default - none is kept
   */
  laptopCopies?: 'allowed';
  /**
   * The environment's stacks cannot be deleted. Turn it on after the first deploy: CloudFormation has to delete a stack whose first
   * deploy failed before it can try again. @default false
   */
  terminationProtection?: boolean;
  /**
   * Keys that are taken out of the environment without `keyturn end`, by full name (`prod/sendgrid/support-bot`), with the reason. A
   * deploy that removes any other key while it may be alive is stopped. @default - none
   */
  abandonedKeys?: Record<string, string>;
  /**
   * So many calls of the emergency function can always run at once, whatever else runs in the account. AWS takes them from what all
   * functions share, and refuses where less than its minimum would be left: an account with a limit of 10 can reserve none.
   * @default - none are reserved
   */
  emergencyConcurrency?: number;
}

/** A topic that others made, in this region, in whichever account; `keyturn grants` prints what its policy needs. */
export interface OtherTopic {
  readonly arn: string;
  /**
   * - `messages`: what mailboxes and bridges get from Keyturn's own topic.
   * - `chat`: the same, as Amazon Q Developer in chat applications (AWS Chatbot) takes it.
   * - `alarms`: the alarms as CloudWatch tells them.
   */
  readonly gets: 'messages' | 'chat' | 'alarms';
  /** ARN of the KMS key that the topic is encrypted under. @default - none, or one of AWS's own that all may use */
  readonly kmsKey?: string;
}

export interface OwnKmsKey {
  readonly arn: string;
  /** ARNs of the IAM roles, besides the environment's admins, that may change the key's policy; `*` matches within a name. */
  readonly admins: readonly string[];
}

/** By ids, so that a synth asks AWS nothing. */
export interface VpcPlace {
  /** At least two, in different zones. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

export interface LeakReports {
  /**
   * Scanners that send reports to a URL, which is then open to the internet: what they sign is taken, and nothing else. Where it is
   * empty there is no URL, and people report leaks with `keyturn leaked`.
   */
  readonly from: readonly Scanner[];
}

export type Trail = 'create' | 'exists';
export type ContainmentMode = 'automatic' | 'tell';

export interface ServerInput<Env extends string = string, Own extends OwnConnectors = NoConnectors> {
  /** Who owns the server and pays for its keys. */
  team: string;
  /** ARN of the IAM role that the server runs as. It exists only in the environments named here. */
  roles: Partial<Record<Env, string>>;
  /** Tags of everything in the server's stacks; they go before the environment's. @default - the environment's alone */
  tags?: Record<string, string>;
  /**
   * Other regions in which it reads its keys, too: AWS keeps a replica of each secret there. Not for keys that tokens are minted from.
   * @default - it reads them in the environment's region
   */
  replicas?: Partial<Record<Env, string[]>>;
  /**
   * Where its keys are brought after each rotation: it holds what it got when it started. What a key says itself takes the place of it.
   * @default - it reads its keys by itself, as it uses them
   */
  deliverTo?: Partial<Record<Env, DeliveryTarget[]>>;
  keys: KeyInput<Env, Own>[];
}

export type KeyInput<Env extends string = string, Own extends OwnConnectors = NoConnectors> =
  | { [P in KeyedProvider]: KeyOf<P, Env, SettingsOf<P>> }[KeyedProvider]
  | { [P in FederatingProvider]: FederationOf<P, Env, FederationSettingsOf<P>> }[FederatingProvider]
  | { [P in OwnKeyed<Own>]: KeyOf<P, Env, OwnSettings<Own[P]>> }[OwnKeyed<Own>]
  | { [P in OwnFederating<Own>]: FederationOf<P, Env, OwnFederationSettings<Own[P]>> }[OwnFederating<Own>];

export interface KeyOf<P extends string, Env extends string, Settings> extends KeyChoices<Settings> {
  provider: P;
  /** Distinguishes keys of one server at one provider; frozen once deployed. @default 'main' */
  purpose?: string;
  /** The variable in which the server expects the key, or an object if it expects several fields: `{ VARIABLE: 'field' }`. */
  env?: string | Record<string, string>;
  /** The environments in which the key exists, and what differs there. @default - every environment of the server, with no difference */
  environments?: Partial<Record<Env, KeyChoices<Settings>>>;
}

/** In the place of a key: the provider accepts the server's AWS role, and no key exists. */
export interface FederationOf<P extends string, Env extends string, Settings> {
  provider: P;
  /** Distinguishes it from keys and others of one server at one provider. @default 'main' */
  purpose?: string;
  /** What an admin set up at the provider, so that it trusts the role. */
  federate: Partial<Settings>;
  /** The variable in which the server expects the token. */
  env?: string | Record<string, 'secret'>;
  /** The environments in which it exists, and what differs there. @default - every environment of the server, with no difference */
  environments?: Partial<Record<Env, { federate?: Partial<Settings> }>>;
}

export type AwsRotator = 'aws' | 'aws-once-adopted';

/** What may differ between environments. */
export interface KeyChoices<Settings = Record<string, unknown>> {
  /** What the key may do, in the provider's own words. Leave this out only if the provider's keys have no scopes. */
  scopes?: string[];
  /** @default 'normal' */
  tier?: Tier;
  /** @default - by policy and tier */
  rotateEvery?: IntervalName;
  /** How long the old key stays valid at least after a rotation, in hours. @default - by policy and tier */
  overlapHours?: number;
  /** Where the key lives at the provider: project, account, domain, ... */
  settings?: Partial<Settings>;
  /** More requests than this within an hour set off an alarm. @default - by tier, in lib/alarms/key-alarms.ts */
  requestsPerHour?: number;
  /** Where the key is brought after each rotation. @default - where the server's keys are */
  deliverTo?: DeliveryTarget[];
  /**
   * `aws`: AWS rotates it, as a managed external secret of one of its partners; Keyturn watches, audits and ends such keys.
   * `aws-once-adopted`: it is deployed as such a secret, and not rotated yet. Begin with this: AWS documents no rotation of a secret
   * without a value. @default - Keyturn rotates it, or a person where no API makes keys
   */
  rotatedBy?: AwsRotator;
  /** What AWS is told of how it rotates: `{ adminSecretArn: 'arn:aws:secretsmanager:...' }`. @default - nothing */
  rotationMetadata?: Record<string, string>;
  /** Why the key needs scopes that can make keys or change members, or that Keyturn does not know yet: then it names each. Needed for such scopes only. */
  reason?: string;
}

/** Validated, defaults filled in, frozen; one entry per environment, so that what is not there cannot be deployed there. */
export interface Config {
  readonly environments: readonly Environment[];
}

export interface Environment {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly policy: PolicyName;
  readonly admins: readonly string[];
  readonly auditors?: readonly string[];
  readonly deployers?: readonly string[];
  readonly notify: {
    readonly emails: readonly string[];
    readonly teams?: Readonly<Record<string, { readonly emails: readonly string[] }>>;
    readonly topics?: readonly OtherTopic[];
    readonly runbook?: string;
  };
  readonly serverAccounts?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly permissionsBoundary?: string;
  readonly rolePath?: string;
  readonly kmsKey?: OwnKmsKey;
  readonly vpc?: VpcPlace;
  readonly businessHours?: BusinessHours;
  readonly trail?: Trail;
  readonly containment?: ContainmentMode;
  readonly leakReports?: LeakReports;
  readonly laptopCopies?: 'allowed';
  readonly terminationProtection?: boolean;
  /** Short name -> reason. */
  readonly abandonedKeys?: Readonly<Record<string, string>>;
  readonly emergencyConcurrency?: number;
  /** Those that have keys here. */
  readonly servers: readonly Server[];
}

export interface Server {
  readonly name: string;
  readonly team: string;
  /** ARN of the role with which it reads its keys. */
  readonly role: string;
  /** ARN of the role that it runs as in another account, and that assumes `role`. @default - it runs as `role` */
  readonly assumedBy?: string;
  /** The environment's, and its own. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly keys: readonly Key[];
  /** Providers that it reaches without a key. */
  readonly federations: readonly FederatedKey[];
}

export interface Key {
  readonly address: KeyAddress;
  readonly spec: KeySpec;
  readonly rotateEvery: IntervalName;
  readonly schedule: Schedule;
  /** Variable -> field of the secret's value. */
  readonly env: Readonly<Record<string, string>>;
  /** Where AWS rotates it. */
  readonly awsRotation?: AwsRotation;
  readonly requestsPerHour?: number;
  readonly reason?: string;
}

export interface AwsRotation {
  /** False until its first value is there. */
  readonly isOn: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Other regions with replicas of keys, sorted. */
export function replicaRegions(environment: Environment): string[] {
  return [...new Set(keysOf(environment).flatMap(({ spec }) => spec.replicas ?? []))].sort();
}

export function federationsOf({ servers }: Environment): FederatedKey[] {
  return servers.flatMap(server => server.federations);
}

export function keysOf({ servers }: Environment): Key[] {
  return servers.flatMap(server => server.keys);
}

/** Those that have to be brought to where their servers run. */
export function deliveredKeys(environment: Environment): Key[] {
  return keysOf(environment).filter(({ spec }) => spec.deliverTo?.length);
}

/** The rules of EventBridge that an environment can have. */
export function rulesOf(environment: Environment): RuleName[] {
  const isDelivering = deliveredKeys(environment).length > 0;
  return rules.filter(rule => isDelivering || !rule.startsWith('deliver-'));
}

/** The mailboxes that must be subscribed. */
export function mailboxesOf(environment: Pick<Environment, 'notify'>): NamedMailboxes {
  const ofTeams = [...teamMailboxes(environment).keys()];
  return { emails: environment.notify.emails, ...(ofTeams.length && { ofTeams }) };
}

/** Address -> the teams whose messages it gets. */
export function teamMailboxes({
  notify: { teams = {} },
}: Pick<Environment, 'notify'>): Map<string, string[]> {
  const mailboxes = new Map<string, string[]>();
  for (const [team, { emails }] of Object.entries(teams))
    for (const email of emails) mailboxes.set(email, [...(mailboxes.get(email) ?? []), team]);
  return mailboxes;
}

/** The topics of others that functions tell; alarms tell the others by themselves. */
export function toldTopics({ notify: { topics = [] } }: Pick<Environment, 'notify'>): OtherTopic[] {
  return topics.filter(({ gets }) => gets !== 'alarms');
}

/** The providers that an environment's keys come from, sorted. */
export function providersInUse(environment: Environment): ProviderName[] {
  return providersOf(keysOf(environment));
}

/** Those, and the ones that accept its servers' roles in place of keys. */
export function reachedProviders(environment: Environment): ProviderName[] {
  return providersOf([...keysOf(environment), ...federationsOf(environment)]);
}

export function providersOf(keys: readonly { readonly address: KeyAddress }[]): ProviderName[] {
  return [...new Set(keys.map(key => key.address.provider as ProviderName))].sort();
}

/** Those of them with a key that Keyturn can rotate by itself. */
export function rotatingProviders(environment: Environment): ProviderName[] {
  return providersInUse(environment).filter(provider =>
    keysOf(environment).some(
      ({ address, spec }) => address.provider === provider && rotates(providers[provider], spec),
    ),
  );
}

/** Those of the servers that have keys which AWS rotates. */
export function awsRotatedServers({ servers }: Environment): Server[] {
  return servers.filter(({ keys }) => keys.some(({ awsRotation }) => awsRotation));
}

/** Those of the servers whose token function stores what minting leaves of a root. */
export function rootSpendingServers({ servers }: Environment): Server[] {
  return servers.filter(({ keys }) =>
    keys.some(({ address, spec }) => usesUpRoot(providers[address.provider as ProviderName], spec.settings)),
  );
}

/** The secret's Description: one sentence for people. No function reads it. */
export function describeKey(
  key: { address: KeyAddress; spec: KeySpec; reason?: string },
  providerTitle: string,
): string {
  const { environment, server, purpose } = key.address;
  const use = purpose === 'main' ? '' : ` for ${purpose}`;
  const why = key.reason ? ` Its admin scopes: ${key.reason}` : '';
  return `${providerTitle} key of ${server} (${key.spec.team}) in ${environment}${use}, ${key.spec.rotatedBy === 'aws' ? 'rotated by AWS and watched by Keyturn' : 'made and rotated by Keyturn'}.${why}`;
}
