// core/incident/response.ts with everything that it asks for, as the emergency function has it.
import { createSlots, forEachName, lendingClock } from '../../../connectors/http/slots';
import { KeyturnError } from '../../../core/errors';
import { begin, type IncidentRecords, type Trigger } from '../../../core/incident/incident';
import { type ResponseResult, type ResponseTools, respond } from '../../../core/incident/response';
import { shortName } from '../../../core/key/key-address';

/** Keys of one provider under way at a time: enough to use up AWS's quota, few enough that no call waits long for a connection. */
const keysAtOnce = 50;
/**
 * Responds to triggers of one invocation.
 * @param runId the invocation: the same on its retries
 * @param beginsUntil later, keys are left to the next run
 */
export type Responder = (runId: string, beginsUntil: Date) => (trigger: Trigger) => Promise<ResponseResult>;

export function createResponder(
  automatic: boolean,
  records: IncidentRecords,
  clients: Pick<
    ResponseTools,
    'store' | 'provider' | 'attempts' | 'listed' | 'certificates' | 'publish' | 'clock'
  >,
): Responder {
  const keySlots = forEachName(() => createSlots(keysAtOnce));
  return (runId, beginsUntil) => {
    const endsOf = forEachName((): Promise<void>[] => []);
    return async trigger => {
      const slots = keySlots(trigger.address.provider);
      const ends = endsOf(trigger.address.provider);
      let tellEnd = () => {};
      ends.push(
        new Promise(resolve => {
          tellEnd = resolve;
        }),
      );
      const othersEnded = async () => {
        tellEnd();
        await slots.lend(() => Promise.all(ends));
      };
      // Servers get their grace, and a slow provider its time, while other keys go on.
      const clock = lendingClock(clients.clock, slots);
      const tools = { ...clients, automatic, records, runId, clock, othersEnded };
      const begin = () =>
        clients.clock.now() < beginsUntil ? respond(tools, trigger) : leave(tools, trigger);
      return slots.run(begin).finally(tellEnd);
    };
  };
}

/** Written down, so that it is taken up; not begun, so that what was begun can be ended and told of in time. */
async function leave({ records, clock, runId }: ResponseTools, trigger: Trigger): Promise<ResponseResult> {
  const opened = await records.open(begin(trigger, clock.now()), runId);
  if (opened.as === 'skipped') return opened;
  const { incident } = opened;
  await records.save(incident);
  const error = new KeyturnError(
    'rate-limited',
    `${shortName(trigger.address)} was not started, because ${trigger.address.provider} accepts no more calls; the next run continues with it`,
  );
  return { as: 'unfinished', incident, error };
}

/** What the function answers. */
export interface EmergencySummary {
  /** Why nothing was done, or not about every key. */
  refused?: string;
  incidents: { key: string; outcome: string }[];
}

export function summaryOf(responded: ResponseResult[]): EmergencySummary {
  const incidents = responded.flatMap(one => {
    if (one.as === 'skipped') return [];
    const { address, outcome = 'unfinished' } = one.incident;
    return [{ key: shortName(address), outcome }];
  });
  const unknown = incidents.filter(({ outcome }) => outcome === 'unknown-key').map(({ key }) => key);
  return { ...(unknown.length && { refused: `there is no key ${unknown.join(', ')}` }), incidents };
}
