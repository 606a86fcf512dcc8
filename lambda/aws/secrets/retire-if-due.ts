// Ends one superseded key, where it is past its overlap and no longer used: as its provider tells, and as the client library reports.
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Certificates } from '../../../core/ending/certificate';
import {
  clocksDifferMs,
  endPrevious,
  isDueForRetirement,
  isPastHardLimit,
  isUnreportedUse,
  type LastUse,
  type RetirementTimes,
  requireReplicas,
  supersededAt,
} from '../../../core/ending/retirement';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';
import type { Clock, Provider } from '../../../core/provider';
import type { Attempts } from '../../../core/rotation/attempts';
import { holderOf, type SecretState, type SecretStore } from '../../../core/rotation/secret-store';
import { logger } from '../runtime/logger';
import type { Providers } from './providers';

interface RetirementTools {
  store: SecretStore;
  providerOf: Providers;
  certificates: Certificates;
  cloudWatch: CloudWatchClient;
  attempts: Attempts;
  /** Whether a version is wherever the configuration says that its server runs. */
  isDelivered(state: SecretState, versionId: string): Promise<boolean>;
  /** A use that the provider tells of, and the server does not. */
  onUnreportedUse(address: KeyAddress, at: Date): void;
}

/** @returns true where it was ended */
export function createRetirement({
  store,
  providerOf,
  certificates,
  cloudWatch,
  attempts,
  isDelivered,
  onUnreportedUse,
}: RetirementTools) {
  return async function retireIfDue(state: SecretState, clock: Clock): Promise<boolean> {
    const now = clock.now();
    const { overlapHours } = state.spec;
    const surelyNow = new Date(now.getTime() - clocksDifferMs);
    const isDue = (times: RetirementTimes) => isDueForRetirement(times, surelyNow);
    // No value is read, hour after hour, of a key that cannot be due: a promotion is never earlier than this.
    if (state.rotatedAt && !isDue({ supersededAt: state.rotatedAt, overlapHours })) return false;
    const [current, previous] = [
      await store.read(state, 'AWSCURRENT'),
      await store.read(state, 'AWSPREVIOUS'),
    ];
    // The listing can lag: what was superseded since has its overlap before it.
    if (!current || previous?.versionId !== holderOf(state, 'AWSPREVIOUS')) return false;
    const times = { supersededAt: supersededAt(state.rotatedAt, current.createdAt), overlapHours };
    const keyId = previous?.value?.keyId;
    const provider = await providerOf(state);
    if (keyId) {
      if (!isDue(times) || (await waitsForDelivery(state, current.versionId, times, surelyNow))) return false;
      const lastUsedAt = await lastUsed(state, provider, keyId, times.supersededAt, now);
      if (!isDue({ ...times, lastUsedAt })) return false;
      await requireAllReplicas(state, times, now);
    }
    await endPrevious({ store, provider, attempts, certificates, clock }, state, 'retirement');
    return true;
  };

  async function waitsForDelivery(
    state: SecretState,
    successor: string,
    times: RetirementTimes,
    now: Date,
  ): Promise<boolean> {
    if (isPastHardLimit(times, now) || (await isDelivered(state, successor))) return false;
    logger.info('keeps a superseded key, since its successor is not delivered', {
      key: shortName(state.address),
    });
    return true;
  }

  async function requireAllReplicas({ arn, spec }: SecretState, times: RetirementTimes, now: Date) {
    if (spec.replicas?.length) requireReplicas(await store.describe(arn), times, now);
  }

  async function lastUsed(
    { address }: SecretState,
    provider: Provider,
    keyId: string,
    since: Date,
    now: Date,
  ): Promise<Date | undefined> {
    const use = await lastUseOf(cloudWatch, provider, keyId, address, since, now);
    if (isUnreportedUse(use, since)) {
      const what = 'its superseded key was used, and its server reported no such use';
      logger.warn(`${shortName(address)}: ${what}`, { ...use });
      onUnreportedUse(address, use.atProvider);
    }
    const uses = [use.atProvider, use.reported].flatMap(date => date?.getTime() ?? []);
    return uses.length ? new Date(Math.max(...uses)) : undefined;
  }
}

const periodSeconds = 300;

/** @param since when it was superseded */
async function lastUseOf(
  cloudWatch: CloudWatchClient,
  provider: Provider,
  keyId: string,
  address: KeyAddress,
  since: Date,
  now: Date,
): Promise<LastUse> {
  const listed = 'list' in provider ? await provider.list() : [];
  const atProvider = listed.find(key => key.id === keyId)?.lastUsedAt;
  const reported = await lastReport(cloudWatch, address, since, now);
  return { ...(atProvider && atProvider !== 'never' && { atProvider }), ...(reported && { reported }) };
}

/** The newest report of use since then, to five minutes; `undefined` where nobody reported any. */
async function lastReport(
  cloudWatch: CloudWatchClient,
  address: KeyAddress,
  since: Date,
  now: Date,
): Promise<Date | undefined> {
  const Dimensions = usageDimensions.map(Name => ({ Name, Value: address[Name] }));
  const Metric = { Namespace: usageNamespace(address), MetricName: usageMetrics.supersededUses, Dimensions };
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'uses', MetricStat: { Metric, Period: periodSeconds, Stat: 'Sum' } }],
      StartTime: since,
      EndTime: now,
    }),
  );
  const { Timestamps = [], Values = [] } = MetricDataResults[0] ?? {};
  const used = Timestamps.filter((_, index) => (Values[index] ?? 0) > 0).map(time => time.getTime());
  // A point stands at the start of its period.
  return used.length ? new Date(Math.max(...used) + periodSeconds * 1000) : undefined;
}
