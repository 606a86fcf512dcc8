// Called by the alarms topic, by signals of the watch function, by `keyturn revoke`, and every hour for what is
// unfinished. It needs no rotation function, no schedule, and no rotation to be over.
import { hasCode } from '../core/errors';
import type { Responded } from '../core/incident/response';
import { retryUntilDeadline } from '../core/incident/retry';
import { shortName } from '../core/key/key-address';
import { arrange } from './aws/calls/arrangements';
import { readEmergencyCall } from './aws/calls/emergency-call';
import { incidentRecords, responder } from './aws/calls/responder';
import { triggersOf } from './aws/calls/triggers';
import { createReporter } from './aws/notify/reporter';
import { systemClock } from './aws/runtime/clock';
import { withSafeErrors } from './aws/runtime/logger';
import { environmentTable } from './aws/table/environment-table';

const environment = process.env.KEYTURN_ENVIRONMENT!;
const alarmsTopic = process.env.KEYTURN_ALARMS_TOPIC!;
const [, , , region, account] = alarmsTopic.split(':') as [string, string, string, string, string];

const reporter = createReporter(process.env.KEYTURN_ONCALL_TOPIC!, environment, incidentRecords);

export interface EmergencySummary {
  /** Why the call was taken for none of Keyturn's. */
  refused?: string;
  incidents: { key: string; outcome: string }[];
}

export const handler = withSafeErrors(async (event: unknown, { awsRequestId }): Promise<EmergencySummary> => {
  try {
    const call = readEmergencyCall(event, alarmsTopic);
    const notice = await arrange(call, environment, environmentTable);
    if (notice) await reporter.tell(notice);
    const triggers = await triggersOf(
      call,
      { account, region, environment },
      environmentTable,
      incidentRecords.due,
    );
    const responded = await retryUntilDeadline(
      triggers,
      responder(awsRequestId),
      reporter.report,
      systemClock,
    );
    // Lambda tries again; what is taken up by the hour is tried again anyway.
    const unfinished = responded.find(one => one.as === 'unfinished');
    if (unfinished && call.kind !== 'take-up') throw unfinished.error;
    return { incidents: responded.flatMap(summaryOf) };
  } catch (error) {
    if (!hasCode(error, 'bad-event')) throw error;
    await reporter.reportRefusal(error.message, awsRequestId);
    return { refused: error.message, incidents: [] };
  }
});

function summaryOf(responded: Responded): EmergencySummary['incidents'] {
  if (responded.as === 'skipped') return [];
  const { address, outcome = 'unfinished' } = responded.incident;
  return [{ key: shortName(address), outcome }];
}
