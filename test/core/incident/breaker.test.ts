import { type Breaker, closedBreaker, countContainment, limits } from '../../../core/incident/breaker';
import type { EvidenceSource } from '../../../core/incident/signals';
import { minuteMs } from '../../../core/time';

const start = Date.parse('2026-11-23T03:00:00Z');

interface Trip {
  id: string;
  minute?: number;
  server?: string;
  hasWaited?: boolean;
}

/** @returns `ok`, or what it met: `tripped environment` */
function run(trips: Trip[], evidence: EvidenceSource = 'metrics'): string[] {
  let breaker: Breaker = closedBreaker;
  return trips.map(({ id, minute = 0, server = `server of ${id}`, hasWaited = false }) => {
    const counted = { incidentId: id, server, hasWaited };
    const now = new Date(start + minute * minuteMs);
    const [answer, after] = countContainment(breaker, evidence, counted, now);
    breaker = after;
    return answer.as === 'ok' ? 'ok' : `${answer.as} ${answer.scope}`;
  });
}

const momentMinutes = 1 / minuteMs;
const each = (ids: string[], more: Partial<Trip> = {}): Trip[] => ids.map(id => ({ id, ...more }));
const five = each(['a', 'b', 'c', 'd', 'e']);
const storm = [...five, { id: 'f' }];

test('five within a quarter of an hour pass, the sixth trips it, and the seventh meets it open', () => {
  expect(run([...storm, { id: 'g' }])).toEqual([
    ...Array(5).fill('ok'),
    'tripped environment',
    'open environment',
  ]);
});

test.each<[EvidenceSource, number, number]>([
  ['metrics', 3, 5],
  ['provider', 5, 5],
  ['trail', 5, 10],
])('where %s tell, %i containments of one server pass, and %i of all', (evidence, ofServer, ofAll) => {
  const many = Array.from({ length: ofAll + 1 }, (_, n) => `i${n}`);
  expect(run(each(many), evidence)).toEqual([...Array(ofAll).fill('ok'), 'tripped environment']);
  const oneServer = run(each(many, { server: 'one' }), evidence);
  expect(oneServer.filter(answer => answer === 'ok')).toHaveLength(ofServer);
  expect(limits[evidence]).toEqual({ server: ofServer, environment: ofAll });
});

test("one server's flood stops that server, and leaves room for others", () => {
  const flood = each(['a', 'b', 'c', 'd', 'e'], { server: 'evil' });
  expect(run([...flood, ...each(['v', 'w'], { server: 'vip' }), { id: 'x', server: 'evil' }])).toEqual([
    'ok',
    'ok',
    'ok',
    'tripped server',
    'open server',
    'ok',
    'ok',
    'open server',
  ]);
});

test('a flood of the server bot-eu leaves room for the server bot, and the other way round', () => {
  for (const [flooded, other] of [
    ['bot-eu', 'bot'],
    ['bot', 'bot-eu'],
  ]) {
    const flood = each(['a', 'b', 'c', 'd'], { server: flooded });
    expect(run([...flood, { id: 'e', server: other }]).slice(-2)).toEqual(['tripped server', 'ok']);
  }
});

test('a server called like a property of every object has room as any other', () => {
  expect(run([{ id: 'a', server: 'constructor' }])).toEqual(['ok']);
  const flood = each(['a', 'b', 'c', 'd'], { server: 'evil' });
  expect(run([...flood, { id: 'e', server: 'constructor' }]).at(-1)).toBe('ok');
});

test('one incident that is tried again counts once', () => {
  expect(run(Array.from({ length: 7 }, (_, minute) => ({ id: 'a', minute })))).toEqual(Array(7).fill('ok'));
});

test('the one that trips it trips it again, where its run stopped before people were told', () => {
  const later: Trip[] = [
    { id: 'g', minute: 1 },
    { id: 'f', minute: 2 },
    { id: 'g', minute: 3 },
  ];
  expect(run([...storm, ...later]).slice(-3)).toEqual([
    'open environment',
    'tripped environment',
    'open environment',
  ]);
});

test('one that was let through is finished while it is open, and does not close it', () => {
  const later = [
    { id: 'a', minute: 1 },
    { id: 'g', minute: 2 },
  ];
  expect(run([...storm, ...later]).slice(-2)).toEqual(['ok', 'open environment']);
});

test('what waited for it opens nothing, however many there are, and goes on as there is room', () => {
  const waiting = each(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { hasWaited: true });
  expect(run(waiting)).toEqual([...Array(5).fill('ok'), 'open environment', 'open environment']);
  expect(run([...waiting, { id: 'g', hasWaited: true, minute: 15 }]).at(-1)).toBe('ok');
});

test('it counts the last quarter of an hour, and not a moment more', () => {
  expect(run([...five, { id: 'f', minute: 15 - momentMinutes }]).at(-1)).toBe('tripped environment');
  expect(run([...five, { id: 'f', minute: 15 }]).at(-1)).toBe('ok');
});

test('a slow trickle never trips it', () => {
  expect(run(Array.from({ length: 20 }, (_, n) => ({ id: `i${n}`, minute: n * 4 })))).toEqual(
    Array(20).fill('ok'),
  );
});

test.each([
  ['for every server', storm, 'x'],
  ['for one server', each(['a', 'b', 'c', 'd'], { server: 'evil' }), 'evil'],
])('it closes by itself after an hour, %s', (_, trips, server) => {
  const after = [
    { id: 'y', minute: 60 - momentMinutes, server },
    { id: 'z', minute: 60, server },
  ];
  expect(run([...trips, ...after]).slice(-2)).toEqual([expect.stringMatching(/^open/), 'ok']);
});
