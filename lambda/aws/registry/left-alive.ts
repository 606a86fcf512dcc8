// Keys that no deployment knows any more, and that nobody has ended: nothing rotates or watches them.
import {
  DescribeSecretCommand,
  paginateListSecrets,
  ResourceNotFoundException,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isKeyName, parseSecretName, shortName } from '../../../core/key/key-address';
import { isEnded } from '../../../core/rotation/secret-store';
import type { Registry } from './registry';

/** One after the other, those of an environment of a thousand keys would take minutes. */
const askedAtOnce = 10;

export interface LeftAlive {
  /** Short name. */
  key: string;
  /** Name of its secret. */
  secret: string;
  /** Somebody has deleted its secret, which can still be restored. */
  isDeleted: boolean;
}

/**
 * Those under the environment's KMS key, with which nobody else can make a secret: so nobody else can stop a deploy. Each that the
 * list shows is asked for by itself, since ListSecrets can lag by minutes behind the end of a key.
 */
export async function findLeftAlive(
  client: SecretsManagerClient,
  environment: string,
  registry: Registry,
): Promise<LeftAlive[]> {
  async function look({ Name = '', ARN }: SecretListEntry): Promise<LeftAlive | undefined> {
    const described = await client.send(new DescribeSecretCommand({ SecretId: ARN })).catch(unlessGone);
    if (!described || !registry.isOwn(described.KmsKeyId)) return undefined;
    if (isEnded({ versions: described.VersionIdsToStages ?? {} })) return undefined;
    const key = shortName(parseSecretName(Name));
    return { key, secret: Name, isDeleted: described.DeletedDate !== undefined };
  }

  const left: LeftAlive[] = [];
  const pages = paginateListSecrets(
    { client, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment}/`] }], IncludePlannedDeletion: true },
  );
  for await (const { SecretList = [] } of pages) {
    const unknown = SecretList.filter(({ Name = '' }) => isKeyName(Name) && !registry.isRegistered(Name));
    for (let n = 0; n < unknown.length; n += askedAtOnce) {
      const found = await Promise.all(unknown.slice(n, n + askedAtOnce).map(look));
      left.push(...found.filter(one => one !== undefined));
    }
  }
  return left;
}

function unlessGone(error: unknown): undefined {
  if (error instanceof ResourceNotFoundException) return undefined;
  throw error;
}

/** CloudFormation takes 4,096 bytes for a whole answer, and the names are in it twice. */
const namesMaxLength = 1_400;

/** Why a deploy must not go on, and what to do. */
export function obstacleOf(environment: string, left: readonly LeftAlive[]): string {
  const keys = left.map(({ key }) => key).sort();
  const named = keys.filter((_, n) => keys.slice(0, n + 1).join(', ').length <= namesMaxLength);
  const more = keys.length - named.length;
  const others = more ? ` and ${more} more (\`npx keyturn check --env ${environment}\` lists them)` : '';
  const deleted = left.find(({ isDeleted }) => isDeleted);
  const restore = deleted
    ? ` The secret of ${deleted.key} is deleted, and can be restored: \`aws secretsmanager restore-secret --secret-id ${deleted.secret}\`.`
    : '';
  return `Keyturn stopped this deploy: it would remove ${named.join(', ')}${others} from the configuration, and their keys may still be valid.${restore} Run \`npx keyturn end ${named.join(' ')}\`, then deploy again; or name them in \`abandonedKeys\` of ${environment}.`;
}
