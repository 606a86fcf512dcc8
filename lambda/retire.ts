// Hourly: ends every superseded key that is past its overlap and no longer used, and tells how old keys are.

import { endPrevious, isDueForRetirement, supersededAt } from '../core/ending/retirement';
import { type KeyAddress, shortName } from '../core/key/key-address';
import { agesOf } from '../core/metrics/ages';
import { environmentMetricLine, providerMetricLine } from '../core/metrics/metric-line';
import { holderOf, type SecretState } from '../core/rotation/secret-store';
import { lastUseOf } from './aws/cloudwatch/superseded-use';
import { systemClock } from './aws/runtime/clock';
import { describeError, logger, withSafeErrors } from './aws/runtime/logger';
import { boundProvider } from './aws/secrets/provider';
import { listKeys, secretStore } from './aws/secrets/secret-store';

const environment = process.env.KEYTURN_ENVIRONMENT!;

export interface RetireSummary {
  superseded: number;
  retired: string[];
  failed: string[];
}

export const handler = withSafeErrors(async (): Promise<RetireSummary> => {
  const { keys, undescribed } = await listKeys(environment);
  const now = systemClock.now();
  process.stdout.write(`${environmentMetricLine(environment, { ...agesOf(keys, now) }, now)}\n`);
  const superseded = keys.filter(state => holderOf(state, 'AWSPREVIOUS'));
  const summary: RetireSummary = { superseded: superseded.length, retired: [], failed: [] };
  for (const { address, error } of undescribed) noteFailure(address, error, summary);
  // One after the other for each provider, so that no provider sees a burst; providers side by side.
  const providers = new Set(superseded.map(state => state.address.provider));
  const groups = [...providers].map(provider =>
    superseded.filter(state => state.address.provider === provider),
  );
  await Promise.all(groups.map(states => retireInTurn(states, summary)));
  logger.info('retired superseded keys', { ...summary });
  return summary;
});

async function retireInTurn(states: SecretState[], summary: RetireSummary): Promise<void> {
  for (const state of states) {
    try {
      if (await retireIfDue(state)) summary.retired.push(shortName(state.address));
    } catch (error) {
      noteFailure(state.address, error, summary);
    }
  }
}

/** One key's failure must not keep the others alive; the metric raises the alarm, the next hour tries again. */
function noteFailure(address: KeyAddress, error: unknown, summary: RetireSummary): void {
  const key = shortName(address);
  summary.failed.push(key);
  process.stdout.write(`${providerMetricLine(address, { RetireFailed: 1 }, systemClock.now())}\n`);
  logger.error(`could not retire the superseded key of ${key}`, { error: describeError(error) });
}

async function retireIfDue(state: SecretState): Promise<boolean> {
  const now = systemClock.now();
  const { overlapHours } = state.spec;
  // No value is read, hour after hour, of a key that cannot be due: a promotion is never earlier than this.
  if (state.rotatedAt && !isDueForRetirement({ supersededAt: state.rotatedAt, overlapHours }, now))
    return false;
  const [current, previous] = [
    await secretStore.read(state, 'AWSCURRENT'),
    await secretStore.read(state, 'AWSPREVIOUS'),
  ];
  // The listing can lag: what was superseded since has its overlap before it.
  if (!current || previous?.versionId !== holderOf(state, 'AWSPREVIOUS')) return false;
  const times = { supersededAt: supersededAt(state.rotatedAt, current.createdAt), overlapHours };
  const keyId = previous?.value?.keyId;
  const provider = boundProvider(state);
  if (keyId) {
    if (!isDueForRetirement(times, now)) return false;
    const lastUsedAt = await lastUseOf(provider, keyId, state.address, times.supersededAt, now);
    if (!isDueForRetirement({ ...times, lastUsedAt }, now)) return false;
  }
  await endPrevious({ store: secretStore, provider, clock: systemClock }, state);
  return true;
}
