// How far the current keys are on their way to where their servers run, as the table tells; and the function that brings them there.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { DeliveryPlace } from '../../../core/delivery/courier';
import { type Delivery, isOpen, troubleOf, untilOf } from '../../../core/delivery/delivery';
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import type { DeliverSummary } from '../../../lambda/aws/delivery/deliver-keys';
import { listDeliveries } from '../../../lambda/aws/table/deliveries';
import { functionName } from '../../../lib/config/aws/names';
import { targetOf } from '../../../targets/targets';
import type { AwsChange } from '../../terminal/dry-run';
import { count } from '../../terminal/table';
import { type Aws, clientOf } from '../aws';
import { tableOf } from '../functions/emergency';
import type { DeployedKey } from './deployed-keys';
import { isUnissued, versionWith } from './key-state';

export interface PlaceStatus {
  key: string;
  /** What people call the place. */
  place: string;
  /** - `waiting`: not begun. `trouble`: it failed, or does not become steady. */
  state: 'delivered' | 'waiting' | 'under-way' | 'trouble';
  since?: Date;
  /** Of what is under way and takes so long in any case. */
  until?: Date;
  /** Of `trouble`. */
  why?: string;
}

/** Of every key that has one and that is delivered. */
export async function placesOf(aws: Aws, keys: readonly DeployedKey[], now: Date): Promise<PlaceStatus[]> {
  const delivered = keys.filter(key => key.spec?.deliverTo?.length && !isUnissued(key));
  if (!delivered.length) return [];
  const known = await listDeliveries(tableOf(aws));
  return delivered.flatMap(key => {
    const name = shortName(key.address);
    const current = versionWith(key, 'AWSCURRENT')?.id;
    return (key.spec?.deliverTo ?? []).map(place => {
      const delivery = known.get(name)?.[targetOf(place).idOf(place)];
      return placeStatus(name, place, delivery?.versionId === current ? delivery : undefined, now);
    });
  });
}

function placeStatus(
  key: string,
  place: DeliveryPlace,
  delivery: Delivery | undefined,
  now: Date,
): PlaceStatus {
  const { titleOf, takesMs } = targetOf(place);
  const shown = { key, place: titleOf(place) };
  if (!delivery) return { ...shown, state: 'waiting' };
  const since = new Date(delivery.since);
  const why = troubleOf(delivery, takesMs, now);
  if (why) return { ...shown, state: 'trouble', since, why };
  if (delivery.at === 'steady') return { ...shown, state: 'delivered', since };
  const until = takesMs > 0 && !isOpen(delivery, takesMs, now) && untilOf(delivery, takesMs);
  return { ...shown, state: 'under-way', since, ...(until && { until }) };
}

/** So many fit into one call. */
const keysACall = 100;

/** What `--dry-run` says of it. */
export function deliveryChange({ environment }: Aws, keys: number): AwsChange {
  return {
    action: 'lambda:InvokeFunction',
    on: functionName(environment.name, 'deliver'),
    effect: `delivers ${count(keys, 'key')} anew`,
  };
}

/**
 * Begins deliveries, or looks how far they are; waits for none.
 * @param keys by short name
 * @throws {KeyturnError} refused, where the function failed
 */
export async function deliverKeys(
  aws: Aws,
  keys: readonly string[],
  { anew }: { anew: boolean },
): Promise<DeliverSummary> {
  const lambda = clientOf(aws, LambdaClient, 'lambda');
  const FunctionName = functionName(aws.environment.name, 'deliver');
  const sum: DeliverSummary = { looked: [], busy: [], failed: [] };
  for (let first = 0; first < keys.length; first += keysACall) {
    const Payload = Buffer.from(JSON.stringify({ deliver: keys.slice(first, first + keysACall), anew }));
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    const said = JSON.parse(
      Buffer.from(answer.Payload ?? []).toString() || '{}',
    ) as Partial<DeliverSummary> & {
      errorMessage?: string;
    };
    if (answer.FunctionError || !said.looked)
      throw new KeyturnError(
        'refused',
        `the function ${FunctionName} did not take the order (${said.errorMessage ?? answer.FunctionError ?? 'no answer'}); see its log`,
      );
    for (const part of ['looked', 'busy', 'failed'] as const) sum[part].push(...(said[part] ?? []));
  }
  return sum;
}
