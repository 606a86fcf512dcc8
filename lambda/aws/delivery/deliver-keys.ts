// One call of the deliver function: which keys it is about, and what became of each.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSlots } from '../../../connectors/http/slots';
import { KeyturnError } from '../../../core/errors';
import {
  parseSecretName,
  parseShortName,
  secretName,
  secretNameOfArn,
  shortName,
} from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import type { AwsSettings } from '../../../targets/target';
import type { Notify } from '../notify/notify';
import type { Registry } from '../registry/registry';
import { describeError, logger } from '../runtime/logger';
import { createSecretStore } from '../secrets/secret-store';
import { createProblems } from '../table/problems';
import type { Table } from '../table/table';
import { createDeliverKey, type DeliverOrder } from './deliver-key';
import type { DeliveryCall } from './delivery-event';
import { createReadToken } from './place-token';
import { findUndelivered } from './undelivered';

export interface DeliverClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  table: Table;
  notify: Notify;
  /** For the clients of places. */
  settings: AwsSettings;
  clock: Clock;
}

/** By short name. */
export interface DeliverSummary {
  looked: string[];
  /** Another run is at them. */
  busy: string[];
  failed: string[];
}

/** Most places are steady by then. It is not long: what waits takes one of the account's concurrent runs. */
const waitsMs = 5 * minuteMs;
const keysAtOnce = 5;

export function createDeliverKeys(environment: string, clients: DeliverClients) {
  const { secretsManager, registry } = clients;
  const store = createSecretStore(secretsManager, registry);
  const { settings, clock } = clients;
  const courier = { settings, clock, readToken: createReadToken(secretsManager, environment) };
  const deliverKey = createDeliverKey({ ...clients, courier, store, problems: createProblems(clients) });

  /** Of what anybody may have sent, those keys that a deployment names and that are delivered. */
  function named(call: Exclude<DeliveryCall, { kind: 'scheduled' }>): string[] {
    const addresses = call.kind === 'changed' ? [call.address] : call.keys.map(parseShortName);
    return addresses
      .filter(address => address.environment === environment)
      .map(secretName)
      .filter(name => registry.isDelivered(name));
  }

  return async (call: DeliveryCall, remainingMs: () => number): Promise<DeliverSummary> => {
    const summary: DeliverSummary = { looked: [], busy: [], failed: [] };
    const slots = createSlots(keysAtOnce);
    const deliverOne = async (secret: SecretState | string) => {
      const key = keyOf(secret);
      try {
        const isMine = await deliverKey(secret, { remainingMs: remainingMs(), ...orderOf(call) });
        (isMine ? summary.looked : summary.busy).push(key);
      } catch (error) {
        summary.failed.push(key);
        logger.error(`could not deliver ${key}`, { error: describeError(error) });
      }
    };
    const secrets = call.kind === 'scheduled' ? await findUndelivered(environment, clients) : named(call);
    await Promise.all(secrets.map(secret => slots.run(() => deliverOne(secret))));
    logger.info('delivered keys', { kind: call.kind, ...summary });
    if (call.kind === 'ordered' || !summary.failed.length) return summary;
    // Lambda tries it again, and an alarm tells if that does not help.
    throw new KeyturnError('no-answer', `could not look at ${summary.failed.join(', ')}; see the log`);
  };
}

/** In an emergency nothing waits: the runs that may be going on at once are needed elsewhere. */
function orderOf(call: DeliveryCall): Omit<DeliverOrder, 'remainingMs'> {
  if (call.kind === 'ordered') return { anew: call.anew };
  if (call.kind === 'scheduled') return {};
  return { expected: call.versionId, ...(!call.isContained && { waitsMs }) };
}

/** @param secret as it was described, its name, or its full ARN */
function keyOf(secret: SecretState | string): string {
  if (typeof secret !== 'string') return shortName(secret.address);
  return shortName(parseSecretName(secret.startsWith('arn:') ? secretNameOfArn(secret) : secret));
}
