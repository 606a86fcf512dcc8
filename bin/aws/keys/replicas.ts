// Replicas of secrets in other regions, as Secrets Manager tells of them in the secret's own.
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import pMap from 'p-map';
import { secretName, shortName } from '../../../core/key/key-address';
import type { OpenProblem } from '../account/open-problems';
import type { Aws } from '../aws';
import type { DeployedKey } from './deployed-keys';

/** Those that the configuration asks for and that are not there, or not in sync. */
export async function replicasBehind(aws: Aws, keys: readonly DeployedKey[]): Promise<OpenProblem[]> {
  const replicated = keys.filter(({ spec }) => spec?.replicas?.length);
  const found = await pMap(replicated, key => replicasOf(aws, key), { concurrency: 10 });
  return found.flat();
}

async function replicasOf(
  { secretsManager }: Aws,
  { arn, address, spec }: DeployedKey,
): Promise<OpenProblem[]> {
  const { ReplicationStatus = [] } = await secretsManager.send(new DescribeSecretCommand({ SecretId: arn }));
  return (spec?.replicas ?? []).flatMap(region => {
    const replica = ReplicationStatus.find(({ Region }) => Region === region);
    if (replica?.Status === 'InSync') return [];
    const what = replica
      ? `is not in sync (${replica.Status}${replica.StatusMessage ? `: ${replica.StatusMessage}` : ''})`
      : 'is not there; deploy the stack of its server';
    return [
      {
        key: shortName(address),
        id: region,
        text: `its replica ${secretName(address)} in ${region} ${what}`,
      },
    ];
  });
}
