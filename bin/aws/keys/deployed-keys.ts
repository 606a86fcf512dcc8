// The keys of an environment as AWS describes them: labels and dates, never a value.
import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  paginateListSecrets,
  paginateListSecretVersionIds,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { hasCode, KeyturnError } from '../../../core/errors';
import {
  isKeyName,
  issuerSecretName,
  type KeyAddress,
  parseSecretName,
  secretName,
  shortName,
} from '../../../core/key/key-address';
import type { KeySpec, KeySpecs } from '../../../core/key/key-spec';
import { serverStackName } from '../../../lib/config/aws/names';
import { keysOf, providersInUse } from '../../../lib/config/config';
import { tokenPlaceNames } from '../../../lib/config/keys/delivery-places';
import { readSchedule, type Schedule } from '../../../lib/config/schedule';
import { type Narrowing, selectRecords } from '../../config/selection';
import { type Aws, answered } from '../aws';

export interface Version {
  id: string;
  labels: string[];
  /** Known after a call of its own, `withVersionDates`. */
  createdAt?: Date;
}

export interface DeployedSecret {
  arn: string;
  name: string;
  createdAt: Date;
  /** Encrypted under the environment's KMS key, as nobody but Keyturn, its deployers and admins can make one. */
  isOwn: boolean;
  /** Labelled ones. */
  versions: Version[];
}

export interface DeployedKey extends DeployedSecret {
  address: KeyAddress;
  /** By the configuration; absent where that does not have the key any more. */
  spec?: KeySpec;
  /** By the configuration, or by the tag that its stack gave it. */
  team?: string;
  /** When AWS last completed a rotation. */
  rotatedAt?: Date;
  /** The end of the next rotation window. */
  nextRotationBy?: Date;
  rotates: boolean;
  /** As AWS has it; absent where nothing rotates the key, or by a schedule that Keyturn did not write. */
  schedule?: Pick<Schedule, 'cron' | 'windowHours'>;
}

/** Every key in the environment, whether the configuration knows it or not. ListSecrets can lag by minutes. */
export async function listDeployedKeys(aws: Aws): Promise<DeployedKey[]> {
  const { secretsManager, environment, specs } = aws;
  const kmsKeyArn = await aws.kmsKeyArn();
  const keys: DeployedKey[] = [];
  const pages = paginateListSecrets(
    { client: secretsManager, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment.name}/`] }] },
  );
  for await (const { SecretList = [] } of pages) {
    for (const entry of SecretList) {
      const secret = deployedSecret(entry, entry.SecretVersionsToStages, kmsKeyArn);
      // Whatever else somebody keeps under that name.
      if (isKeyName(secret.name)) keys.push(deployedKey(entry, secret, specs));
    }
  }
  return keys;
}

/** What the flags leave of records about keys. Of keys that the configuration has no more, their secrets tell the team. */
export async function ofSelectedKeys<Record extends { address: KeyAddress }>(
  aws: Aws,
  records: readonly Record[],
  flags: Narrowing,
): Promise<Record[]> {
  const keys = flags.team === undefined ? [] : await listDeployedKeys(aws);
  const teams = keys.flatMap(({ address, team }): [string, string][] =>
    team ? [[shortName(address), team]] : [],
  );
  return selectRecords(aws.environment, records, flags, new Map(teams));
}

/** Secrets that the configuration names, and that somebody has deleted: until their recovery window ends, nobody can make them. */
export async function deletedSecrets(aws: Aws): Promise<{ secret: string; fix: string }[]> {
  const { secretsManager, environment } = aws;
  const named = new Set([
    ...keysOf(environment).map(({ address }) => secretName(address)),
    ...[...providersInUse(environment), ...tokenPlaceNames(environment)].map(of =>
      issuerSecretName(environment.name, of),
    ),
  ]);
  const deleted: { secret: string; fix: string }[] = [];
  const pages = paginateListSecrets(
    { client: secretsManager, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment.name}/`] }], IncludePlannedDeletion: true },
  );
  for await (const { SecretList = [] } of pages)
    for (const { Name: secret = '', DeletedDate } of SecretList)
      if (DeletedDate && named.has(secret))
        deleted.push({
          secret,
          fix: `\`aws secretsmanager restore-secret --secret-id ${secret}\`, then \`npx cdk import\` if its stack does not have it`,
        });
  return deleted;
}

/** @returns `undefined` where it is not deployed */
export async function describeKey(aws: Aws, address: KeyAddress): Promise<DeployedKey | undefined> {
  const described = await describe(aws, secretName(address));
  if (!described) return undefined;
  const secret = deployedSecret(described, described.VersionIdsToStages, await aws.kmsKeyArn());
  return deployedKey(described, secret, aws.specs);
}

/** With the dates of its versions. @throws {KeyturnError} not-deployed */
export async function requireKey(aws: Aws, address: KeyAddress): Promise<DeployedKey> {
  const key = await describeKey(aws, address);
  const stack = serverStackName(address.environment, address.server);
  if (key) return withVersionDates(aws, ownSecret(key, stack));
  throw new KeyturnError(
    'not-deployed',
    `${shortName(address)} is not deployed; run \`npx cdk deploy ${stack}\``,
  );
}

/** A secret that is no key: an issuer credential. @returns `undefined` where it is not deployed */
export async function describeSecret(aws: Aws, name: string): Promise<DeployedSecret | undefined> {
  const described = await describe(aws, name);
  return described && deployedSecret(described, described.VersionIdsToStages, await aws.kmsKeyArn());
}

/** @throws {KeyturnError} not-deployed, before anything is stored where somebody else reads it */
export function ownSecret<Secret extends DeployedSecret>(secret: Secret, stack: string): Secret {
  if (secret.isOwn) return secret;
  const { name } = secret;
  throw new KeyturnError(
    'not-deployed',
    `${name} is not encrypted under the environment's KMS key, so it is not proven that Keyturn deployed it; run \`npx cdk deploy ${stack}\`, or find out in CloudTrail who created it`,
  );
}

/** With the date of each version, and labels without ListSecrets' lag. */
export async function withVersionDates<Secret extends DeployedSecret>(
  aws: Aws,
  secret: Secret,
): Promise<Secret> {
  const versions = await listVersions(aws, secret, false);
  // AWS documents nothing of versions that hold no value yet, as a rotation begins with one.
  const seen = new Set(versions.flatMap(({ id, labels }) => [id, ...labels]));
  const empty = secret.versions.filter(({ id, labels }) => ![id, ...labels].some(known => seen.has(known)));
  return { ...secret, versions: [...versions, ...empty] };
}

/** With those that have no label any more, too: Secrets Manager keeps the newest hundred or so. */
export async function withPastVersions<Secret extends DeployedSecret>(
  aws: Aws,
  secret: Secret,
): Promise<Secret> {
  return { ...secret, versions: await listVersions(aws, secret, true) };
}

async function listVersions(
  aws: Aws,
  { arn }: DeployedSecret,
  IncludeDeprecated: boolean,
): Promise<Version[]> {
  const versions: Version[] = [];
  const pages = paginateListSecretVersionIds(
    { client: aws.secretsManager },
    { SecretId: arn, ...(IncludeDeprecated && { IncludeDeprecated }) },
  );
  for await (const { Versions = [] } of pages) {
    for (const { VersionId, VersionStages, CreatedDate } of Versions) {
      const id = answered(VersionId, 'VersionId', 'ListSecretVersionIds');
      versions.push({ id, labels: VersionStages ?? [], createdAt: CreatedDate });
    }
  }
  return versions;
}

async function describe(aws: Aws, name: string): Promise<DescribeSecretResponse | undefined> {
  try {
    const described = await aws.secretsManager.send(new DescribeSecretCommand({ SecretId: name }));
    return described.DeletedDate ? undefined : described;
  } catch (error) {
    if (hasCode(error, 'not-deployed')) return undefined;
    throw error;
  }
}

function deployedKey(
  described: DescribeSecretResponse | SecretListEntry,
  secret: DeployedSecret,
  specs: KeySpecs,
): DeployedKey {
  const address = parseSecretName(secret.name);
  const spec = specs[shortName(address)];
  return {
    ...secret,
    address,
    spec,
    team: spec?.team ?? (secret.isOwn ? tagged(described, 'keyturn:team') : undefined),
    rotatedAt: described.LastRotatedDate,
    nextRotationBy: described.NextRotationDate,
    rotates: described.RotationEnabled ?? false,
    ...(described.RotationEnabled && scheduleOf(described)),
  };
}

function scheduleOf({
  RotationRules,
}: DescribeSecretResponse | SecretListEntry): Pick<DeployedKey, 'schedule'> {
  const schedule = readSchedule(RotationRules?.ScheduleExpression, RotationRules?.Duration);
  return schedule ? { schedule } : {};
}

/** Only deployments may change the tags of Keyturn's secrets; those of others may say anything. */
function tagged({ Tags }: DescribeSecretResponse | SecretListEntry, name: string): string | undefined {
  return Tags?.find(({ Key }) => Key === name)?.Value;
}

function deployedSecret(
  { ARN, Name, CreatedDate, KmsKeyId }: DescribeSecretResponse | SecretListEntry,
  stages: Record<string, string[]> = {},
  kmsKeyArn: string | undefined,
): DeployedSecret {
  const versions = Object.entries(stages).map(([id, labels]) => ({ id, labels }));
  return {
    arn: answered(ARN, 'ARN', 'DescribeSecret'),
    name: answered(Name, 'Name', 'DescribeSecret'),
    createdAt: answered(CreatedDate, 'CreatedDate', 'DescribeSecret'),
    isOwn: KmsKeyId !== undefined && KmsKeyId === kmsKeyArn,
    versions,
  };
}
