// Second looks in the hour in which they are due: who is told, how often, and what stays due.
import { type Certificate, secondLookAfterMs } from '../../../../core/ending/certificate';
import { endPrevious } from '../../../../core/ending/retirement';
import type { IncidentStep } from '../../../../core/incident/incident';
import type { Notice } from '../../../../core/notices/notice';
import type { Provider, Verdict } from '../../../../core/provider';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../core/time';
import type { EmergencyClients } from '../../../../lambda/aws/emergency/emergency-clients';
import { takeSecondLooks } from '../../../../lambda/aws/emergency/second-looks';
import { World } from '../../../core/support/world';

const incidentId = '20261123T040000Z-00000001';

/** A superseded key that was ended, and the hour that looks at it again. */
async function setUp(endedBy = 'retirement') {
  const world = new World('issue');
  world.seed('version-1', undefined);
  world.seed('version-2', undefined);
  await endPrevious(world.tools, world.state, 'retirement');
  const [certified] = world.certified;
  if (!certified) throw new Error('it has no certificate');
  const { look: first, ...key } = certified;
  const certificate: Certificate = { ...key, looks: [{ ...first, by: endedBy }] };
  const notices: Notice[] = [];
  const steps: { incidentId: string; step: IncidentStep }[] = [];
  const settled: string[] = [];

  /** @param ask how the provider is found for it. @param names of the keys whose look is due, one after the other */
  async function look({
    lateMs = 0,
    ask = async () => world.provider() as Provider,
    names = ['one'],
  }: {
    lateMs?: number;
    ask?: () => Promise<Provider>;
    names?: string[];
  } = {}) {
    const dueAt = new Date(world.nowMs - lateMs);
    const dues = names.map(name => ({ certificate, dueAt, settle: async () => void settled.push(name) }));
    await takeSecondLooks({ append: async ({ incidentId }, step) => void steps.push({ incidentId, step }) }, {
      ...world.tools,
      certificates: { ...world.certificates, due: async () => dues },
      provider: ask,
      notify: async (notice: Notice) => void notices.push(notice),
    } as Partial<EmergencyClients> as EmergencyClients);
  }
  return { world, look, certificate, notices, steps, settled };
}

const away = async (): Promise<Provider> => {
  throw new Error('away');
};

test.each([
  ['when it is due', 0, 0],
  ['a second before a day has passed', dayMs - secondMs, 0],
  ['after a day', dayMs, 1],
  ['just before the hour after that', dayMs + hourMs - secondMs, 1],
  ['an hour later, since people know', dayMs + hourMs, 0],
  ['a week later', 7 * dayMs, 0],
])('of a look that cannot be taken, people are told once: %s', async (_, lateMs, told) => {
  const { look, notices, settled } = await setUp();
  await look({ lateMs, ask: away });
  expect(notices).toHaveLength(told);
  expect(settled).toEqual([]);
});

test('a provider that says neither is told of in the same way', async () => {
  const { world, look, notices, settled } = await setUp();
  const verify = async (): Promise<Verdict> => 'unknown';
  await look({ lateMs: dayMs, ask: async () => ({ ...world.provider(), verify }) as Provider });
  expect(notices).toHaveLength(1);
  expect(settled).toEqual([]);
});

test('a key that is dead is settled, and nobody is told', async () => {
  const { world, look, notices, settled } = await setUp();
  world.nowMs += secondLookAfterMs;
  await look();
  expect([notices, settled]).toEqual([[], ['one']]);
});

test('a key that is dead after people were told that it could not be looked at: they are told of that, too', async () => {
  const { look, notices, settled } = await setUp();
  await look({ lateMs: dayMs });
  expect(notices).toHaveLength(1);
  expect(settled).toEqual(['one']);
});

test('a key that is accepted again is told of at once, in its incident, and settled', async () => {
  const { world, look, notices, steps, settled } = await setUp(incidentId);
  const verify = async (): Promise<Verdict> => 'accepted';
  await look({ ask: async () => ({ ...world.provider(), verify }) as Provider });
  expect(notices).toHaveLength(1);
  expect(steps).toEqual([{ incidentId, step: expect.objectContaining({ what: 'alive-again' }) }]);
  expect(settled).toEqual(['one']);
});

test('the look at a key that no incident ended is noted in none', async () => {
  const { look, steps } = await setUp();
  await look();
  expect(steps).toEqual([]);
});

test('one that fails keeps no other from its look', async () => {
  const { world, look, settled } = await setUp();
  let asked = 0;
  await look({ names: ['one', 'two'], ask: async () => (asked++ ? (world.provider() as Provider) : away()) });
  expect(settled).toEqual(['two']);
});

test.each([
  ['ten minutes', 10 * minuteMs, 5],
  ['a second less', 10 * minuteMs - secondMs, 6],
])('no look begins after ten minutes: the first took %s', async (_, tookMs, begun) => {
  const { world, look } = await setUp();
  let asked = 0;
  const slow = async () => {
    if (asked++ === 0) world.nowMs += tookMs;
    return away();
  };
  await look({ names: ['1', '2', '3', '4', '5', '6'], ask: slow });
  expect(asked).toBe(begun);
});
