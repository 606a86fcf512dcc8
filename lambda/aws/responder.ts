// core/response.ts with everything that it asks for, as the emergency function has it.
import type { Trigger } from '../../core/incident';
import { type Responded, respond } from '../../core/response';
import { systemClock } from './clock';
import { emergencyStore } from './emergency-store';
import { environmentTable } from './environment-table';
import { publish } from './events';
import { createGates, gated } from './gate';
import { createIncidentRecords } from './incidents';
import { boundProvider } from './provider';

export const incidentRecords = createIncidentRecords(environmentTable, systemClock);

/** Calls to one provider at a time: a thousand keys at once must not look like an attack to it. */
const gateOf = createGates(10);

/** @param runId the invocation: the same on its retries */
export function responder(runId: string): (trigger: Trigger) => Promise<Responded> {
  const tools = {
    store: emergencyStore,
    provider: (state: Parameters<typeof boundProvider>[0]) =>
      gated(boundProvider(state), gateOf(state.address.provider)),
    records: incidentRecords,
    publish,
    clock: systemClock,
    runId,
    automatic: process.env.KEYTURN_CONTAINMENT !== 'tell',
  };
  return trigger => respond(tools, trigger);
}
