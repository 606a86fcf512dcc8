// core/incident/response.ts with everything that it asks for, as the emergency function has it.
import { hasCode, KeyturnError } from '../../../core/errors';
import { begin, type Trigger } from '../../../core/incident/incident';
import { type Responded, type ResponseTools, respond } from '../../../core/incident/response';
import { shortName } from '../../../core/key/key-address';
import { minuteMs } from '../../../core/time';
import { createGate, forEachName, gated, gatedWrites, sleepingAside } from '../limits/gate';
import { createPace } from '../limits/pace';
import { createYieldingPace } from '../limits/yielding-pace';
import { publish } from '../notify/events';
import { systemClock } from '../runtime/clock';
import { boundProvider } from '../secrets/provider';
import { secretStore } from '../secrets/secret-store';
import { environmentTable } from '../table/environment-table';
import { createIncidentRecords } from '../table/incidents';

export const incidentRecords = createIncidentRecords(environmentTable, systemClock);

/** Keys of one provider under way at a time: enough to use up AWS's quota, few enough that no call waits long for a connection. */
const keysAtOnce = 50;
/** Calls to one provider at a time: a thousand keys at once must not look like an attack to it. */
const callsAtOnce = 10;
/** Of the 15 minutes that Lambda allows: time is left for the keys that were begun. */
const beginsForMs = 10 * minuteMs;

const laneOf = forEachName(() => createGate(keysAtOnce));
const gateOf = forEachName(() => createGate(callsAtOnce));
const paceOf = forEachName(() =>
  createYieldingPace(systemClock, { isRefusal: error => hasCode(error, 'rate-limited'), fastest: 20 }),
);
/** AWS takes 50 writes a second in an account, and rotations need some, too. */
const writesPerSecond = 45;
const steadyPace = createPace(() => writesPerSecond, systemClock);
/** Others in the account write secrets, too. */
const writesPace = createYieldingPace(systemClock, {
  isRefusal: error => (error as Error).name === 'ThrottlingException',
  fastest: 50,
});

/** @param runId the invocation: the same on its retries */
export function responder(runId: string): (trigger: Trigger) => Promise<Responded> {
  const beginsUntil = systemClock.now().getTime() + beginsForMs;
  const tools: Omit<ResponseTools, 'clock'> = {
    store: gatedWrites(
      gatedWrites(secretStore, async write => {
        await steadyPace.turn();
        return write();
      }),
      writesPace,
    ),
    provider(state) {
      const { provider } = state.address;
      const [gate, pace] = [gateOf(provider), paceOf(provider)];
      return gated(boundProvider(state), call => gate.pass(() => pace(call)));
    },
    records: incidentRecords,
    publish,
    runId,
    automatic: process.env.KEYTURN_CONTAINMENT !== 'tell',
  };
  return trigger => {
    const lane = laneOf(trigger.address.provider);
    // Servers get their grace, and a slow provider its time, while other keys go on.
    const clock = sleepingAside(systemClock, lane);
    return lane.pass(() =>
      systemClock.now().getTime() < beginsUntil
        ? respond({ ...tools, clock }, trigger)
        : leave(trigger, runId),
    );
  };
}

/** Written down, so that it is taken up; not begun, so that what was begun can be ended and told of in time. */
async function leave(trigger: Trigger, runId: string): Promise<Responded> {
  const opened = await incidentRecords.open(begin(trigger, systemClock.now()), runId);
  if (opened.as === 'skipped') return opened;
  const { incident } = opened;
  await incidentRecords.save(incident);
  const error = new KeyturnError(
    'rate-limited',
    `${shortName(trigger.address)} was not begun, since ${trigger.address.provider} takes no more calls; the next run goes on with it`,
  );
  return { as: 'unfinished', incident, error };
}
