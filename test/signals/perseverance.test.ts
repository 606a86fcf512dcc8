// Many triggers in one invocation: what befalls one of them is no matter of the others.
import type { Incident, Trigger } from '../../core/incident';
import { persevere } from '../../core/perseverance';
import type { Responded } from '../../core/response';

const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
const triggerOf = (incidentId: string): Trigger => ({
  incidentId,
  address,
  cause: { by: 'person', requestedBy: 'somebody', reason: 'a leak' },
  at: new Date(0),
  drill: false,
  dryRun: false,
});

/** A clock that only sleeping moves. */
function standingClock() {
  let ms = 0;
  return {
    now: () => new Date(ms),
    sleep: async (more: number) => {
      ms += more;
    },
  };
}

const endedOf = (trigger: Trigger): Responded =>
  ({ as: 'ended', incident: { ...trigger, status: 'closed' } as unknown as Incident }) as Responded;

test('one that cannot even be written down keeps nobody from hearing of the others, and is tried again', async () => {
  const told: string[][] = [];
  let tries = 0;
  const ended = await persevere(
    [triggerOf('lost'), triggerOf('sound')],
    async trigger => {
      if (trigger.incidentId === 'lost' && ++tries < 3) throw new Error('the table is away');
      return endedOf(trigger);
    },
    async responded =>
      void told.push(responded.map(one => (one.as === 'passed' ? '' : one.incident.incidentId))),
    standingClock(),
  );
  expect(told).toEqual([['sound'], [], ['lost']]);
  expect(ended).toHaveLength(2);
});

test('what cannot be written down to the end is thrown, for Lambda to try again', async () => {
  const clock = standingClock();
  const gone = async () => Promise.reject(new Error('the table is away'));
  const tried = persevere([triggerOf('lost')], gone, async () => {}, clock);
  await expect(tried).rejects.toThrow('the table is away');
  expect(clock.now().getTime()).toBeGreaterThan(5 * 60_000);
  expect(clock.now().getTime()).toBeLessThan(15 * 60_000);
});
