// What needs a person besides the state of keys: alarms in ALARM, unfinished incidents, and keys at providers that are not
// proven to be Keyturn's.
import {
  CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { hasCode } from '../../../core/errors';
import { parseAlarmName } from '../../../core/incident/alarm-name';
import { incidentTime } from '../../../core/incident/incident';
import { causeInWords } from '../../../core/incident/report/investigation';
import { signals } from '../../../core/incident/signals';
import { shortName } from '../../../core/key/key-address';
import { runbookSection } from '../../../core/notices/notice';
import { dayMs } from '../../../core/time';
import { readUnproven } from '../../../lambda/aws/table/attempts';
import { watchName } from '../../../lib/config/aws/names';
import type { Environment } from '../../../lib/config/config';
import { type Aws, answered, clientOf } from '../aws';
import { readIncidents, tableOf } from '../functions/emergency';

export interface OpenProblem {
  /** `prod/sendgrid/support-bot`; absent where it is about the whole environment. */
  key?: string;
  /** Alarm, incident, or the provider's id of a key. */
  id: string;
  since?: Date;
  /** What it is, and where to read on. */
  text: string;
}

/** Alarms of the environment that are on now. @param environments all that there are: `prod-eu` begins like `prod` */
export async function raisedAlarms(aws: Aws, environments: readonly Environment[]): Promise<OpenProblem[]> {
  const client = clientOf(aws, CloudWatchClient, 'cloudwatch');
  const { name } = aws.environment;
  const own = watchName(name, '');
  const pages = paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: own, StateValue: 'ALARM', AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
  );
  const others = environments
    .map(other => watchName(other.name, ''))
    .filter(start => start.startsWith(own) && start !== own);
  const raised: OpenProblem[] = [];
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    // What acts on nothing is one half of a composite alarm, and says nothing by itself.
    const acting = [...MetricAlarms, ...CompositeAlarms].filter(({ AlarmActions }) => AlarmActions?.length);
    raised.push(...acting.map(alarm => problemOf(alarm, aws.environment)));
  }
  return raised.filter(({ key, id }) => key !== undefined || !others.some(start => id.startsWith(start)));
}

function problemOf(
  alarm: MetricAlarm | CompositeAlarm,
  { name: environment, notify: { runbook } }: Environment,
): OpenProblem {
  const id = answered(alarm.AlarmName, 'AlarmName', 'DescribeAlarms');
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  try {
    const { address, signal } = parseAlarmName(id, environment);
    return {
      id,
      since,
      key: shortName(address),
      text: `${signals[signal].words}; ${runbookSection(signal, runbook)}`,
    };
  } catch (error) {
    if (!hasCode(error, 'bad-event')) throw error;
    return { id, since, text: alarm.AlarmDescription ?? id };
  }
}

/** Keyturn retries an incident every hour until it is finished, so people know the older ones. */
const lookedBackMs = 30 * dayMs;

export async function unfinishedIncidents(aws: Aws, now: Date): Promise<OpenProblem[]> {
  const from = incidentTime(new Date(now.getTime() - lookedBackMs));
  const found = await readIncidents(tableOf(aws), from);
  return found
    .filter(({ status }) => status === 'open' || status === 'waiting')
    .map(incident => ({
      id: incident.incidentId,
      key: shortName(incident.address),
      since: incident.at,
      text: `${causeInWords(incident)}; \`npx keyturn incidents show ${incident.incidentId} --env ${aws.environment.name}\``,
    }));
}

/** Keys at providers that are named like ours. Keyturn revokes none of them: only a person can tell whose they are. */
export async function unprovenKeys(aws: Aws): Promise<OpenProblem[]> {
  return (await readUnproven(tableOf(aws))).map(({ key, keyId, seenAt }) => ({
    id: keyId,
    key,
    since: seenAt,
    text: `the provider lists the key ${keyId}, which is named like this one's and not proven to be; ${runbookSection('key-unproven', aws.environment.notify.runbook)}`,
  }));
}
