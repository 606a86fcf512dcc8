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
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { hasCode, type KeyturnError } from '../../../core/errors';
import { isKeyName, type KeyAddress, parseSecretName, shortName } from '../../../core/key/key-address';
import { readDescription } from '../../../core/key/key-spec';
import { parseSecretValue } from '../../../core/key/secret-value';
import type { SecretState, SecretStore, StoredVersion } from '../../../core/rotation/secret-store';
import { clientSettings } from '../runtime/client-settings';

export const secretsManager = new SecretsManagerClient(clientSettings);

export const secretStore: SecretStore = {
  async describe(secretId) {
    const described = await secretsManager.send(new DescribeSecretCommand({ SecretId: secretId }));
    return stateOf(described, described.VersionIdsToStages);
  },

  read: (state, label) => getVersion(state, { VersionStage: label }),
  readVersion: (state, versionId) => getVersion(state, { VersionId: versionId }),

  async put(state, versionId, value, label) {
    try {
      await secretsManager.send(
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

  async moveLabel(state, label, { from, to }) {
    await secretsManager.send(
      new UpdateSecretVersionStageCommand({
        SecretId: state.arn,
        VersionStage: label,
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      }),
    );
  },
};

/** @returns `undefined` where there is no such version, or it holds nothing yet */
async function getVersion(
  state: SecretState,
  which: { VersionStage: string } | { VersionId: string },
): Promise<StoredVersion | undefined> {
  try {
    const found = await secretsManager.send(new GetSecretValueCommand({ SecretId: state.arn, ...which }));
    const where = `${shortName(state.address)} (${Object.values(which)})`;
    return {
      versionId: found.VersionId!,
      createdAt: found.CreatedDate!,
      value: parseSecretValue(found.SecretString ?? '', where),
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export interface ListedKeys {
  keys: SecretState[];
  /** Named as a key, with a superseded version, and no stack has described it. */
  undescribed: { address: KeyAddress; error: KeyturnError }[];
}

/** Every key of an environment. ListSecrets can lag by minutes; so may this. */
export async function listKeys(environment: string): Promise<ListedKeys> {
  const listed: ListedKeys = { keys: [], undescribed: [] };
  const pages = paginateListSecrets(
    { client: secretsManager, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment}/`] }] },
  );
  for await (const page of pages) {
    for (const entry of page.SecretList ?? []) {
      // Whatever else somebody keeps under that name.
      if (isKeyName(entry.Name!)) sortIn(entry, listed);
    }
  }
  return listed;
}

/** One secret that is not as it should be must not keep all others from their end. */
function sortIn(entry: SecretListEntry, { keys, undescribed }: ListedKeys): void {
  try {
    keys.push(stateOf(entry, entry.SecretVersionsToStages));
  } catch (error) {
    if (!hasCode(error, 'bad-secret')) throw error;
    const isSuperseded = Object.values(entry.SecretVersionsToStages ?? {})
      .flat()
      .includes('AWSPREVIOUS');
    if (isSuperseded) undescribed.push({ address: parseSecretName(entry.Name!), error });
  }
}

function stateOf(
  described: DescribeSecretResponse | SecretListEntry,
  versions: Record<string, string[]> | undefined,
): SecretState {
  const address = parseSecretName(described.Name!);
  return {
    arn: described.ARN!,
    address,
    spec: readDescription(described.Description, shortName(address)),
    versions: versions ?? {},
    createdAt: described.CreatedDate!,
    rotatedAt: described.LastRotatedDate,
    rotationDueBy: described.RotationEnabled ? described.NextRotationDate : undefined,
  };
}
