// Keys whose current version is not known to be everywhere where their servers run. An hour with none costs two calls.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { placesWithout } from '../../../core/delivery/delivery';
import { shortName } from '../../../core/key/key-address';
import { isPlaceholderOf } from '../../../core/key/secret-value';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import { targetOf } from '../../../targets/targets';
import type { Registry } from '../registry/registry';
import { listKeys } from '../secrets/secret-store';
import { versionDates } from '../secrets/version-dates';
import { type KnownDeliveries, listDeliveries } from '../table/deliveries';
import type { Table } from '../table/table';
import { deliverable, placesOf } from './deliver-key';

interface Clients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  table: Pick<Table, 'query'>;
}

/** @returns ARNs; and of what is delivered nowhere any more, all that there is to forget */
export async function findUndelivered(
  environment: string,
  { secretsManager, registry, table }: Clients,
): Promise<(SecretState | string)[]> {
  const { keys } = await listKeys(secretsManager, environment, registry);
  const known = await listDeliveries(table);
  const found: (SecretState | string)[] = [];
  for (const state of keys) {
    if (!isUndelivered(state, known.get(shortName(state.address)) ?? {})) continue;
    if (!placesOf(state).length) found.push(state);
    else if (!(await isUnissued(secretsManager, state))) found.push(state.arn);
  }
  return found;
}

function isUndelivered(state: SecretState, known: KnownDeliveries): boolean {
  const versionId = deliverable(state);
  const ids = placesOf(state).map(place => targetOf(place).idOf(place));
  const isForgotten = Object.keys(known).some(id => !ids.includes(id));
  return versionId !== undefined && (isForgotten || placesWithout(versionId, ids, known).length > 0);
}

/** True where nobody has made a first key yet: what its secret holds is the placeholder of its deployment. */
async function isUnissued(client: SecretsManagerClient, state: SecretState): Promise<boolean> {
  if (state.rotatedAt) return false;
  const current = holderOf(state, 'AWSCURRENT');
  if (!current) return true;
  const madeAt = (await versionDates(client, state.arn)).get(current);
  return madeAt !== undefined && isPlaceholderOf(state, madeAt);
}
