// The table of incidents forgets each after some 13 months, and a rehearsal of years counts them all the same.
import { dayMs } from '../../core/time';
import { incidentsUntil } from '../../rehearsal/scenarios/parts/incidents';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';

const began = Date.parse('2027-01-01T00:00:00Z');
const item = (incidentId: string, server: string, day: number) => {
  const address = { environment: 'prod', provider: 'openai', server, purpose: 'main' };
  const at = new Date(began + day * dayMs);
  return {
    pk: { S: 'incident' },
    incident: { S: JSON.stringify({ incidentId, address, at, openedAt: at, cause: {} }) },
  };
};

/** Each incident is there from its day on, for 400 days, of two keys each. */
function contextWith(days: Record<string, number>): RehearsalContext {
  let now = began;
  const clock = {
    now: () => new Date(now),
    runUntil: async (until: Date) => {
      now = until.getTime();
    },
  };
  const items = () =>
    Object.entries(days)
      .filter(([, day]) => now >= began + day * dayMs && now < began + (day + 400) * dayMs)
      .flatMap(([id, day]) => [item(id, 'bot', day), item(id, 'other-bot', day)]);
  return {
    world: { clock, model: { dynamoDb: { items } } },
    environment: { name: 'prod' },
  } as unknown as RehearsalContext;
}

test('all incidents until the end are found, each once, and none from after it', async () => {
  const context = contextWith({ first: 36, second: 700, last: 1000, after: 1001 });
  const end = new Date(began + 1000 * dayMs);
  const found = await incidentsUntil(context, end);
  expect(found.map(({ incidentId }) => incidentId)).toEqual([
    'first',
    'first',
    'second',
    'second',
    'last',
    'last',
  ]);
  expect(context.world.clock.now()).toEqual(end);
});

test('an end that is already there is not gone beyond', async () => {
  const context = contextWith({ first: 0 });
  expect(await incidentsUntil(context, new Date(began))).toHaveLength(2);
  expect(context.world.clock.now()).toEqual(new Date(began));
});
