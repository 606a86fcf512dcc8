// core/rotation/secret-store.ts on Secrets Manager.
import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetSecretValueCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretListEntry,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { formOf } from '../../../connectors/contract/aws-partner';
import { loadConnector } from '../../../connectors/load';
import { hasCode, KeyturnError } from '../../../core/errors';
import { isKeyName, type KeyAddress, parseSecretName, shortName } from '../../../core/key/key-address';
import { endedPlaceholder, parseSecretValue, type StoredForm } from '../../../core/key/secret-value';
import {
  endedLabel,
  isEnded,
  type SecretState,
  type SecretStore,
  type StoredVersion,
} from '../../../core/rotation/secret-store';
import type { Registry } from '../registry/registry';
import type { PacedWrites } from './write-rate';

/** @param paced where many keys go at once. @default - writes are sent as they come */
export function createSecretStore(
  reads: SecretsManagerClient,
  registry: Registry,
  paced?: PacedWrites,
): SecretStore {
  const atOnce = async () => {};
  const { client: writes, turn, spareTurn } = paced ?? { client: reads, turn: atOnce, spareTurn: atOnce };
  return {
    async describe(secretId) {
      // Not asked of AWS, which denies even a look at keys of providers that the environment does not have.
      if (isKeyName(secretId) && !registry.isRegistered(secretId)) {
        throw new KeyturnError(
          'not-deployed',
          `${secretId} is not among the keys that this function was deployed with; deploy the platform stack first`,
        );
      }
      const described = await reads
        .send(new DescribeSecretCommand({ SecretId: secretId }))
        .catch(throwNotFound(secretId));
      return stateOf(described, described.VersionIdsToStages, registry);
    },

    read: (state, label) => getVersion(reads, state, { VersionStage: label }),
    readVersion: (state, versionId) => getVersion(reads, state, { VersionId: versionId }),

    async put(state, versionId, value, label, first) {
      await turn();
      await first?.();
      try {
        await writes.send(
          new PutSecretValueCommand({
            SecretId: state.arn,
            ClientRequestToken: versionId,
            SecretString: JSON.stringify(value),
            // Without any, AWS also abandons a pending rotation.
            VersionStages: label === 'AWSCURRENT' ? undefined : [label],
          }),
        );
        return 'stored';
      } catch (error) {
        if (error instanceof ResourceExistsException) return 'taken';
        throw error;
      }
    },

    async end(state, versionId) {
      await turn();
      await writes.send(
        new PutSecretValueCommand({
          SecretId: state.arn,
          ClientRequestToken: versionId,
          SecretString: endedPlaceholder,
          VersionStages: ['AWSCURRENT', endedLabel],
        }),
      );
    },

    async moveLabel(state, label, { from, to }) {
      // A fresh key does not wait until labels have gone from dead ones.
      await (to ? turn() : spareTurn());
      await writes.send(
        new UpdateSecretVersionStageCommand({
          SecretId: state.arn,
          VersionStage: label,
          RemoveFromVersionId: from,
          MoveToVersionId: to,
        }),
      );
    },
  };
}

function throwNotFound(secretId: string) {
  return (error: unknown): never => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new KeyturnError('not-found', `Secrets Manager has no secret ${secretId}; deploy its stack`);
  };
}

/** @returns `undefined` where there is no such version, or it holds nothing yet */
async function getVersion(
  client: SecretsManagerClient,
  state: SecretState,
  which: { VersionStage: string } | { VersionId: string },
): Promise<StoredVersion | undefined> {
  try {
    const found = await client.send(new GetSecretValueCommand({ SecretId: state.arn, ...which }));
    const where = `${shortName(state.address)} (${Object.values(which)})`;
    return {
      versionId: needed(found.VersionId),
      createdAt: needed(found.CreatedDate),
      value: parseSecretValue(found.SecretString ?? '', where, await formOfState(state), found.CreatedDate),
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    if ('VersionId' in which && error instanceof KeyturnError && hasCode(error, 'bad-secret'))
      throw notReadable(state, which.VersionId) ?? error;
    throw error;
  }
}

/** Storing another value helps where the version is current; what has another label stays until a person lets go of it. */
function notReadable({ address, versions }: SecretState, versionId: string): KeyturnError | undefined {
  const labels = versions[versionId];
  if (!labels || labels.includes('AWSCURRENT')) return undefined;
  const name = shortName(address);
  return new KeyturnError(
    'bad-secret',
    `a version of ${name} holds no key that Keyturn can read; find out in CloudTrail who stored it, then run \`npx keyturn end ${name} --forget-version ${versionId}\``,
  );
}

async function formOfState({ address, spec }: SecretState): Promise<StoredForm | undefined> {
  return spec.rotatedBy && formOf(await loadConnector(address.provider), spec);
}

export interface ListedKeys {
  keys: SecretState[];
  /**
   * Named as a key, and not proven to be one; only those that a deployment names, those whose rotation or superseded version would be
   * for Keyturn to see to, and those that a deployment made and another let go of before their keys had ended.
   */
  unknown: UnknownSecret[];
}

export interface UnknownSecret {
  address: KeyAddress;
  /** What is wrong with it, and what to do. */
  why: string;
}

/** Every key of an environment. ListSecrets can lag by minutes; so may this. */
export async function listKeys(
  client: SecretsManagerClient,
  environment: string,
  registry: Registry,
): Promise<ListedKeys> {
  const listed: ListedKeys = { keys: [], unknown: [] };
  const pages = paginateListSecrets(
    { client, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment}/`] }] },
  );
  for await (const page of pages) {
    for (const entry of page.SecretList ?? []) {
      // Whatever else somebody keeps under that name.
      if (isKeyName(needed(entry.Name))) sortIn(entry, listed, registry);
    }
  }
  return listed;
}

/** One secret that is not as it should be must not keep all others from their end. */
function sortIn(entry: SecretListEntry, { keys, unknown }: ListedKeys, registry: Registry): void {
  try {
    keys.push(stateOf(entry, entry.SecretVersionsToStages, registry));
  } catch (error) {
    if (!hasCode(error, 'not-deployed')) throw error;
    const versions = entry.SecretVersionsToStages ?? {};
    const isOrphan = registry.isOwn(entry.KmsKeyId) && !isEnded({ versions });
    const isExpected = registry.isRegistered(needed(entry.Name));
    if (
      isOrphan ||
      isExpected ||
      entry.RotationEnabled ||
      Object.values(versions).flat().includes('AWSPREVIOUS')
    )
      unknown.push({ address: parseSecretName(needed(entry.Name)), why: error.message });
  }
}

function stateOf(
  described: DescribeSecretResponse | SecretListEntry,
  versions: Record<string, string[]> | undefined,
  registry: Registry,
): SecretState {
  const address = parseSecretName(needed(described.Name));
  return {
    arn: needed(described.ARN),
    address,
    spec: registry.specOf(address, described.KmsKeyId),
    versions: versions ?? {},
    createdAt: needed(described.CreatedDate),
    rotatedAt: described.LastRotatedDate,
    rotationDueBy: described.RotationEnabled ? described.NextRotationDate : undefined,
    replicasBehind: behindOf(described),
  };
}

function behindOf(described: DescribeSecretResponse | SecretListEntry): string[] {
  const replicas = 'ReplicationStatus' in described ? (described.ReplicationStatus ?? []) : [];
  return replicas.flatMap(({ Region, Status }) => (Region && Status !== 'InSync' ? Region : []));
}

/** The SDK types every part of an answer as optional. @throws {KeyturnError} bad-reply, where AWS left out one that it documents */
function needed<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new KeyturnError(
    'bad-reply',
    'the response of Secrets Manager lacks a field that it always sends; check for a newer version of Keyturn',
  );
}
