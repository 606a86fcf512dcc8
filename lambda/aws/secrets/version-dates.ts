// When each version of a secret was made, with and without labels.
import { paginateListSecretVersionIds, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** @param arn of the secret @returns version -> when it was made */
export async function versionDates(client: SecretsManagerClient, arn: string): Promise<Map<string, Date>> {
  const madeAt = new Map<string, Date>();
  const pages = paginateListSecretVersionIds(
    { client, pageSize: 100 },
    { SecretId: arn, IncludeDeprecated: true },
  );
  for await (const { Versions = [] } of pages)
    for (const { VersionId, CreatedDate } of Versions)
      if (VersionId && CreatedDate) madeAt.set(VersionId, CreatedDate);
  return madeAt;
}
