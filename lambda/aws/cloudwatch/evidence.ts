// Looks for what happened around an incident: who read the secret, by CloudTrail, and how it was used, by CloudWatch.
// What cannot be found out is said, and never keeps a report from being written.
import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Incident } from '../../../core/incident/incident';
import type { HourOfUse, IncidentEvidence, SecretRead } from '../../../core/incident/report/investigation';
import { type KeyAddress, secretName } from '../../../core/key/key-address';
import { type UsageMetric, usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';
import type { Clock } from '../../../core/provider';
import { hourMs } from '../../../core/time';
import { readSecretRead } from '../reads/secret-read';
import { describeError } from '../runtime/logger';

const lookBackMs = 24 * hourMs;
/** CloudTrail answers two look-ups a second in an account; ten are five seconds. */
const pagesAtMost = 10;
const pagePauseMs = 500;

export interface EvidenceClients {
  cloudTrail: CloudTrailClient;
  cloudWatch: CloudWatchClient;
  clock: Clock;
}

export async function gatherEvidence(
  clients: EvidenceClients,
  incident: Incident,
): Promise<IncidentEvidence> {
  const problems: string[] = [];
  const attempt = async <T>(what: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      problems.push(`${what} could not be determined (${describeError(error).name}).`);
      return undefined;
    }
  };
  const reads = await attempt('Who read the secret', () => readsOf(clients, incident));
  const usage = await attempt('How the key was used', () => usageOf(clients, incident));
  return {
    ...(reads && { reads: reads.reads, readsAreCut: reads.areCut }),
    ...(usage && { usage }),
    problems,
  };
}

async function readsOf(
  { cloudTrail, clock }: EvidenceClients,
  { address, at }: Incident,
): Promise<{ reads: SecretRead[]; areCut: boolean }> {
  const reads: SecretRead[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < pagesAtMost; page++) {
    if (page > 0) await clock.sleep(pagePauseMs);
    const found = await cloudTrail.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GetSecretValue' }],
        StartTime: new Date(at.getTime() - lookBackMs),
        MaxResults: 50,
        NextToken,
      }),
    );
    reads.push(...(found.Events ?? []).flatMap(event => readOf(event, address)));
    NextToken = found.NextToken;
    if (!NextToken) break;
  }
  return { reads, areCut: NextToken !== undefined };
}

/** Keyturn's own functions read every key when they rotate or revoke it: they are no news. */
function readOf({ CloudTrailEvent }: Event, address: KeyAddress): SecretRead[] {
  const read = readSecretRead(JSON.parse(CloudTrailEvent ?? '{}'), address.environment);
  return read && read.secretName === secretName(address) && !read.isOwn ? [read] : [];
}

async function usageOf(
  { cloudWatch, clock }: EvidenceClients,
  { address, at }: Incident,
): Promise<HourOfUse[]> {
  const Dimensions = usageDimensions.map(Name => ({ Name, Value: address[Name] }));
  const query = (metric: UsageMetric) => ({
    Id: metric,
    MetricStat: {
      Metric: { Namespace: usageNamespace(address), MetricName: usageMetrics[metric], Dimensions },
      Period: hourMs / 1000,
      Stat: 'Sum',
    },
  });
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: [query('requests'), query('authFailures')],
      StartTime: new Date(Math.floor((at.getTime() - lookBackMs) / hourMs) * hourMs),
      EndTime: clock.now(),
    }),
  );
  const sums = (metric: UsageMetric) => {
    const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === metric) ?? {};
    return new Map(Timestamps.map((time, n) => [time.getTime(), Values[n] ?? 0]));
  };
  const [requests, authFailures] = [sums('requests'), sums('authFailures')];
  return [...new Set([...requests.keys(), ...authFailures.keys()])].sort().map(time => ({
    from: new Date(time),
    requests: requests.get(time) ?? 0,
    authFailures: authFailures.get(time) ?? 0,
  }));
}
