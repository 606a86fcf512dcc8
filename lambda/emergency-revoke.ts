// Called by the alarms topic, by signals of the watch function, by `keyturn revoke`, and every hour for what is
// unfinished. It needs no rotation function, no schedule, and no rotation to be over.
import { hasCode } from '../core/errors';
import { retryUntilDeadline } from '../core/incident/retry';
import { minuteMs } from '../core/time';
import { arrange } from './aws/emergency/arrangements';
import { provenCaller } from './aws/emergency/caller-proof';
import { readEmergencyCall } from './aws/emergency/emergency-call';
import { type EmergencyClients, openEmergencyClients } from './aws/emergency/emergency-clients';
import { createResponder, type EmergencySummary, summaryOf } from './aws/emergency/responder';
import { takeSecondLooks } from './aws/emergency/second-looks';
import { triggersOf } from './aws/emergency/triggers';
import { createRefusals } from './aws/notify/refusals';
import { createReporter } from './aws/notify/reporter';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { createIncidentRecords } from './aws/table/incidents';

export interface EmergencyConfig {
  environment: string;
  alarmsTopic: string;
  /** False where the environment only watches. */
  automatic: boolean;
}

/** Time that is left for what was begun last. */
const begunMs = 5 * minuteMs;

export function createEmergencyRevoke(config: EmergencyConfig, clients: EmergencyClients) {
  const { environment, alarmsTopic, automatic } = config;
  const { table, clock } = clients;
  const [, , , region = '', account = ''] = alarmsTopic.split(':');
  const home = { account, region, environment };
  const refuse = createRefusals(environment, clients);
  const records = createIncidentRecords(table, clock, why => refuse(why, `the table keyturn-${environment}`));
  const reporter = createReporter(environment, records, clients);
  const respondIn = createResponder(automatic, records, clients);

  return async (event: unknown, invocation: Invocation): Promise<EmergencySummary> => {
    const { awsRequestId } = invocation;
    const until = new Date(clock.now().getTime() + invocation.getRemainingTimeInMillis() - begunMs);
    try {
      const call = readEmergencyCall(event, alarmsTopic);
      const provenAs = await provenCaller(call, clients.askAws);
      const notice = await arrange(call, provenAs, environment, clients);
      if (notice) await clients.notify(notice);
      const triggers = await triggersOf(call, provenAs, home, records, clients);
      const respond = respondIn(awsRequestId, until);
      // One provider's keys are tried again and told of without waiting for another's.
      const providers = [...new Set(triggers.map(({ address }) => address.provider))];
      const tried = providers.map(provider => {
        const own = triggers.filter(({ address }) => address.provider === provider);
        return retryUntilDeadline(own, respond, reporter.report, clock, until);
      });
      const looked = call.kind === 'take-up' ? takeSecondLooks(records, clients) : undefined;
      const responded = (await Promise.all(tried)).flat();
      await looked;
      // Lambda tries again; what is taken up by the hour is tried again anyway.
      const unfinished = responded.find(one => one.as === 'unfinished');
      if (unfinished && call.kind !== 'take-up') throw unfinished.error;
      return summaryOf(responded);
    } catch (error) {
      if (!hasCode(error, 'bad-event')) throw error;
      await refuse(error.message, `invocation ${awsRequestId}`);
      return { refused: error.message, incidents: [] };
    }
  };
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const alarmsTopic = variable('KEYTURN_ALARMS_TOPIC', process.env);
  const automatic = process.env.KEYTURN_CONTAINMENT !== 'tell';
  const clients = openEmergencyClients(environment, process.env);
  return createEmergencyRevoke({ environment, alarmsTopic, automatic }, clients);
});
