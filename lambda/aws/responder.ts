// core/response.ts with everything that it asks for, as the emergency function has it.
import type { Trigger } from '../../core/incident';
import { type Responded, type ResponseTools, respond } from '../../core/response';
import { systemClock } from './clock';
import { emergencyStore } from './emergency-store';
import { environmentTable } from './environment-table';
import { publish } from './events';
import { createGates, gated, sleepingAside } from './gate';
import { createIncidentRecords } from './incidents';
import { boundProvider } from './provider';

export const incidentRecords = createIncidentRecords(environmentTable, systemClock);

/** Keys of one provider under way at a time: enough to use up AWS's quota, few enough that no call waits long for a connection. */
const laneOf = createGates(50);
/** Calls to one provider at a time: a thousand keys at once must not look like an attack to it. */
const gateOf = createGates(10);

/** @param runId the invocation: the same on its retries */
export function responder(runId: string): (trigger: Trigger) => Promise<Responded> {
  const tools: Omit<ResponseTools, 'clock'> = {
    store: emergencyStore,
    provider: state => gated(boundProvider(state), gateOf(state.address.provider)),
    records: incidentRecords,
    publish,
    runId,
    automatic: process.env.KEYTURN_CONTAINMENT !== 'tell',
  };
  return trigger => {
    const lane = laneOf(trigger.address.provider);
    // Servers get their grace, and a slow provider its time, while other keys go on.
    const clock = sleepingAside(systemClock, lane);
    return lane.pass(() => respond({ ...tools, clock }, trigger));
  };
}
