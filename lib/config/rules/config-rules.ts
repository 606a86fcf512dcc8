// The rules that shapes cannot state. Each answers with the problem's text, what and fix, or with nothing.
import { rotatorOf } from '../../../connectors/contract/made-by';
import { isKeyName, type KeyAddress } from '../../../core/key/key-address';
import type { KeySpec } from '../../../core/key/key-spec';
import { tokenSecondsAtMost } from '../../../core/tokens/tokens';
import { roleNameMaxLength, serverRoleName, trailBucketName, watchName } from '../aws/names';
import { hasFunctionUrls, partitionOf } from '../aws/regions';
import { type Environment, teamMailboxes } from '../config';
import { overlapReachesPlaces } from '../keys/delivery-places';
import { type PolicyName, policies } from '../policy';
import { quoted, suggestion } from '../problems/problem';
import { mintsTokens, type ProviderMetadata, providers } from '../providers';
import {
  type IntervalName,
  longestIntervalWithin,
  maxGapDays,
  minGapDays,
  windowHours,
  windowStarts,
} from '../schedule';
import { awsRotationRules } from './aws-rotation-rules';
import { scopeRules } from './scope-rules';

/** One key in one environment, as far as the rules look. */
export interface RuledKey {
  address: KeyAddress;
  spec: KeySpec;
  rotateEvery: IntervalName;
  policy: PolicyName;
  reason?: string;
}

export type KeyRule = (key: RuledKey, provider: ProviderMetadata) => string | undefined;

const purposeIsNoSuffix: KeyRule = ({ address: { purpose } }) => {
  // A secret's ARN ends in a hyphen and six characters, so such a name reads like somebody else's ARN.
  if (!/-[a-z0-9]{6}$/.test(purpose)) return undefined;
  return `purpose ${quoted(purpose)} ends in a hyphen and six characters, like an ARN of Secrets Manager; choose another ending`;
};

const gapWithinPolicy: KeyRule = ({ rotateEvery, policy, spec }) => {
  const limit = policies[policy][spec.tier].maxGapDays;
  if (maxGapDays(rotateEvery) <= limit) return undefined;
  const which = spec.tier === 'high' ? `${policy} limit for tier high` : `${policy} limit`;
  return `rotateEvery "${rotateEvery}" can reach ${maxGapDays(rotateEvery)} days and the ${which} is ${limit}; use "${longestIntervalWithin(limit)}"`;
};

const overlapWithinInterval: KeyRule = ({ rotateEvery, spec }) => {
  const atMost = minGapDays(rotateEvery) * 24 - windowHours;
  if (spec.overlapHours <= atMost) return undefined;
  return `overlapHours ${spec.overlapHours} is too long for "${rotateEvery}", which can rotate again after ${minGapDays(rotateEvery)} days; use at most ${atMost}`;
};

const overlapWithinProvider: KeyRule = ({ spec: { overlapHours } }, { maxOverlapHours, title }) =>
  maxOverlapHours !== undefined && overlapHours > maxOverlapHours
    ? `overlapHours ${overlapHours} is longer than ${title} allows: it revokes the old key ${maxOverlapHours} hours after it creates the new one; use at most ${maxOverlapHours}`
    : undefined;

const keyOutlivesInterval: KeyRule = ({ rotateEvery, spec }, { maxKeyDays: limitOf, title }) => {
  const maxKeyDays = limitOf?.(spec.settings);
  const needed = maxGapDays(rotateEvery) + Math.ceil((windowHours + spec.overlapHours) / 24);
  if (maxKeyDays === undefined || needed < maxKeyDays) return undefined;
  return `rotateEvery "${rotateEvery}" with overlapHours ${spec.overlapHours} needs keys that are valid for ${needed} days, and ${title} keys expire after ${maxKeyDays}; rotate more often, or shorten the overlap`;
};

const keyRules: KeyRule[] = [
  ...scopeRules,
  purposeIsNoSuffix,
  gapWithinPolicy,
  overlapWithinInterval,
  overlapWithinProvider,
  overlapReachesPlaces,
  keyOutlivesInterval,
];

export function brokenKeyRules(key: RuledKey, provider: ProviderMetadata): string[] {
  return keyRules.flatMap(rule => rule(key, provider) ?? []);
}

/** A key as it is written, as far as the rules of its kind look. */
export interface WrittenKey {
  spec: KeySpec;
  env: string | Record<string, string>;
  /** Absent where the default stands. */
  rotateEvery?: IntervalName;
  rotationMetadata?: Readonly<Record<string, string>>;
  reason?: string;
}

export type KindRule = (key: WrittenKey, provider: ProviderMetadata) => string | undefined;

const rootIsNoVariable: KindRule = ({ env }, { title }) =>
  Object.keys(env).length
    ? `env ${quoted(env)} would give the server the root of its ${title} tokens, which no server may read; remove it, and let the server ask its token function`
    : undefined;

const rootHasNoReplica: KindRule = ({ spec: { replicas } }, { title }) =>
  replicas?.length
    ? `replicas ${quoted(replicas)} would take the root of its ${title} tokens, which no server may read, into other regions; remove replicas, and let the server ask its token function in the environment's region`
    : undefined;

const rootIsDeliveredNowhere: KindRule = ({ spec: { deliverTo } }, { title }) =>
  deliverTo?.length
    ? `deliverTo ${quoted(deliverTo)} would bring the root of its ${title} tokens to where servers run, and no server may read it; remove it, and let the server ask its token function`
    : undefined;

const personsKeepNoSchedule: KindRule = ({ rotateEvery, spec }, provider) =>
  rotateEvery && rotatorOf(provider, spec) === 'person'
    ? `rotateEvery "${rotateEvery}" has no effect, since only a person can create this ${provider.title} key; remove it, and store a new key with \`npx keyturn adopt\``
    : undefined;

const tokensEndBeforeTheirRoot: KindRule = ({ spec: { overlapHours, tier } }) => {
  const hours = tokenSecondsAtMost[tier] / 3600;
  return overlapHours < hours
    ? `overlapHours ${overlapHours} revokes the root while tokens of tier ${tier}, which are valid up to ${hours} hours, are still in use; use at least ${hours}`
    : undefined;
};

export function brokenKindRules(key: WrittenKey, provider: ProviderMetadata): string[] {
  const ofRoots = [rootIsNoVariable, rootHasNoReplica, rootIsDeliveredNowhere, tokensEndBeforeTheirRoot];
  const rules = [personsKeepNoSchedule, ...awsRotationRules, ...(mintsTokens(provider) ? ofRoots : [])];
  return rules.flatMap(rule => rule(key, provider) ?? []);
}

type EnvironmentRule = (environment: Omit<Environment, 'servers'>) => string | undefined;

const rolesAreOfAccount =
  (field: 'admins' | 'auditors' | 'deployers'): EnvironmentRule =>
  ({ account, region, [field]: roles = [] }) => {
    const foreign = roles.find(arn => !arn.includes(`:${account}:`));
    if (foreign)
      return `${field} ${quoted(foreign)} is not in account ${account}; name roles of this account`;
    return roles.flatMap(role => wrongPartition(field, role, region) ?? [])[0];
  };

/** The path of such a role has its Identity Center's region in it, but for us-east-1: a pattern has to fit both, or it may fit nobody. */
const identityCenterRolesFit =
  (field: 'admins' | 'auditors'): EnvironmentRule =>
  ({ [field]: roles = [] }) => {
    const [wrong] = roles.filter(
      arn =>
        arn.includes('AWSReservedSSO_') &&
        !/:role\/aws-reserved\/sso\.amazonaws\.com\/(\*|[a-z\d-]+\/)?AWSReservedSSO_/.test(arn),
    );
    if (wrong === undefined) return undefined;
    const fitting = wrong.replace(/:role\/.*(?=AWSReservedSSO_)/, ':role/aws-reserved/sso.amazonaws.com/*');
    return `${field} ${quoted(wrong)} does not fit every role of IAM Identity Center, whose path has a region or, in us-east-1, none; write ${fitting}`;
  };

const boundaryIsOfAccount: EnvironmentRule = ({ account, region, permissionsBoundary: policy }) => {
  if (!policy) return undefined;
  const isReachable = policy.includes(`:${account}:`) || policy.includes(':aws:policy/');
  return isReachable
    ? wrongPartition('permissionsBoundary', policy, region)
    : `permissionsBoundary ${quoted(policy)} is not in account ${account}; name a policy of this account`;
};

const keyIsOfPlace: EnvironmentRule = ({ account, region, kmsKey }) => {
  if (!kmsKey) return undefined;
  const { arn, admins } = kmsKey;
  if (!arn.includes(`:kms:${region}:${account}:`))
    return `kmsKey.arn ${quoted(arn)} is not in account ${account} and region ${region}; name a key there, since functions get no permission to use a key elsewhere`;
  const foreign = admins.find(role => !role.includes(`:${account}:`));
  if (foreign)
    return `kmsKey.admins ${quoted(foreign)} is not in account ${account}; name roles of this account`;
  return [
    wrongPartition('kmsKey.arn', arn, region),
    ...admins.map(role => wrongPartition('kmsKey.admins', role, region)),
  ].find(Boolean);
};

const topicsAreReachable: EnvironmentRule = ({ name, account, region, notify: { topics = [] } }) => {
  const ownName = `:sns:${region}:${account}:${watchName(name, '')}`;
  return topics.flatMap(({ arn, kmsKey }) => {
    if (arn.split(':')[3] !== region)
      return `notify.topics ${quoted(arn)} is not in ${region}; name a topic there, since alarms and functions publish to topics in their own region`;
    if (arn.includes(ownName))
      return `notify.topics ${quoted(arn)} has a name that is reserved for Keyturn's own topics; name one of your topics`;
    if (kmsKey && kmsKey.split(':')[3] !== region)
      return `notify.topics ${quoted(kmsKey)} is not in ${region}, and a topic's key is in its region; correct kmsKey`;
    return wrongPartition('notify.topics', arn, region) ?? [];
  })[0];
};

/** SNS knows an address once in a topic: with a filter, or without. */
const teamMailboxesAreOwn: EnvironmentRule = ({ notify }) => {
  const twice = [...teamMailboxes({ notify }).keys()].find(email => notify.emails.includes(email));
  return (
    twice &&
    `notify.teams names ${quoted(twice)}, which already gets every message, as one of notify.emails; remove it from one of them`
  );
};

function wrongPartition(field: string, role: string, region: string): string | undefined {
  const partition = partitionOf(region);
  if (!partition || role.startsWith(`arn:${partition}:`)) return undefined;
  return `${field} ${quoted(role)} is not in the partition of ${region}; write ${role.replace(/^arn:[^:]*/, `arn:${partition}`)}`;
}

/** S3's limit for the name of a bucket. */
const bucketNameMaxLength = 63;

const trailBucketHasName: EnvironmentRule = ({ name, account, region, trail }) => {
  const bucket = trailBucketName(name, account, region);
  const tooMany = bucket.length - bucketNameMaxLength;
  if (trail !== 'create' || tooMany <= 0) return undefined;
  return `trail "create" needs the bucket ${bucket}, whose name is ${tooMany} characters too long for S3; give the environment a name of at most ${name.length - tooMany} characters, or write trail: 'exists'`;
};

const businessHoursHoldWindow: EnvironmentRule = ({ businessHours }) => {
  if (!businessHours || windowStarts(businessHours).length) return undefined;
  return `businessHours ${quoted(businessHours)} have no room for a rotation window of ${windowHours} hours within one UTC day all year round; widen them`;
};

const abandonedKeysAreNamed: EnvironmentRule = ({ name, abandonedKeys = {} }) => {
  const isName = (key: string) => {
    const [environment, , , purpose] = key.split('/');
    const full = purpose === undefined ? `keyturn/${key}/main` : `keyturn/${key}`;
    return environment === name && purpose !== 'main' && isKeyName(full);
  };
  const wrong = Object.keys(abandonedKeys).find(key => !isName(key));
  if (wrong === undefined) return undefined;
  return `abandonedKeys ${quoted(wrong)} is not the name of a key of ${name}; write ${name}/<provider>/<server>, and /<purpose> where it has one`;
};

const scannersCanReach: EnvironmentRule = ({ region, leakReports }) => {
  if (!leakReports?.from.length || hasFunctionUrls(region)) return undefined;
  return `leakReports.from ${quoted(leakReports.from)} needs the URL of a function, and ${region} has none; write from: [], so that people report with \`npx keyturn leaked\``;
};

export function brokenEnvironmentRules(environment: Omit<Environment, 'servers'>): string[] {
  return [
    ...(['admins', 'deployers', 'auditors'] as const).map(rolesAreOfAccount),
    ...(['admins', 'auditors'] as const).map(identityCenterRolesFit),
    boundaryIsOfAccount,
    keyIsOfPlace,
    topicsAreReachable,
    teamMailboxesAreOwn,
    businessHoursHoldWindow,
    trailBucketHasName,
    abandonedKeysAreNamed,
    scannersCanReach,
  ].flatMap(rule => rule(environment) ?? []);
}

/** @param home the environment's region */
export function brokenReplicas(replicas: readonly string[], home: string): string[] {
  if (replicas.includes(home))
    return [`replicas ${quoted(replicas)} name ${home}, where the secret itself is; remove it`];
  const twice = replicas.find((region, at) => replicas.indexOf(region) < at);
  if (twice) return [`replicas ${quoted(replicas)} name ${twice} twice; name it once`];
  const foreign = replicas.find(region => partitionOf(region) !== partitionOf(home));
  if (foreign)
    return [
      `replicas ${quoted(replicas)} name ${foreign}, which is in another partition than ${home}; AWS does not replicate secrets between partitions, so create a separate environment there`,
    ];
  return [];
}

/** The role that a server runs as. */
export function unreachableRole(
  role: string,
  { account, region, serverAccounts = [] }: Pick<Environment, 'account' | 'region' | 'serverAccounts'>,
): string | undefined {
  const home = accountOf(role);
  return [account, ...serverAccounts].includes(home)
    ? wrongPartition('role', role, region)
    : `role ${quoted(role)} is not in account ${account}; name a role of this account, or add '${home}' to serverAccounts if the server runs there`;
}

/** What a server of another account assumes, as the stack makes it. */
export function assumedRole(
  role: string,
  server: string,
  { name, account, rolePath = '/' }: Pick<Environment, 'name' | 'account' | 'rolePath'>,
): { role: string; assumedBy?: string; tooLong?: string } {
  if (accountOf(role) === account) return { role };
  const [, partition] = role.split(':');
  const made = serverRoleName(name, server);
  const tooMany = made.length - roleNameMaxLength;
  return {
    role: `arn:${partition}:iam::${account}:role${rolePath}${made}`,
    assumedBy: role,
    ...(tooMany > 0 && {
      tooLong: `role ${quoted(role)} needs the role ${made} here, whose name is ${tooMany} characters too long for IAM; shorten the name of the server or the environment`,
    }),
  };
}

/** Of an ARN. */
function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** Of a provider that accepts AWS roles, and whose keys no connector makes. */
export function withoutKeys({ provider, title }: Pick<ProviderMetadata, 'provider' | 'title'>): string {
  return `provider "${provider}" has no keys here, since ${title} accepts the server's AWS role in place of one; write federate: { ... } as docs/federation.md says`;
}

export function unknownProvider(name: string): string {
  return `provider "${name}" is unknown; use ${suggestion(name, Object.keys(providers))}, or add a connector for it`;
}
