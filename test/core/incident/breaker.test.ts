import { type Breaker, closedBreaker, countContainment } from '../../../core/incident/breaker';
import { minuteMs } from '../../../core/time';

const start = Date.parse('2026-11-23T03:00:00Z');

function run(incidents: [id: string, minute: number][]): string[] {
  let breaker: Breaker = closedBreaker;
  return incidents.map(([id, minute]) => {
    const [answer, after] = countContainment(breaker, id, new Date(start + minute * minuteMs));
    breaker = after;
    return answer;
  });
}

test('five within a quarter of an hour pass, the sixth trips it, and the seventh meets it open', () => {
  expect(run(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(id => [id, 0]))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
    'ok',
    'tripped',
    'open',
  ]);
});

test('one incident that is tried again counts once', () => {
  expect(run(['a', 'a', 'a', 'a', 'a', 'a', 'a'].map((id, n) => [id, n]))).toEqual(Array(7).fill('ok'));
});

test('the one that trips it trips it again, where its run stopped before people were told', () => {
  const storm = ['a', 'b', 'c', 'd', 'e', 'f'].map((id): [string, number] => [id, 0]);
  expect(run([...storm, ['g', 1], ['f', 2], ['g', 3]]).slice(-3)).toEqual(['open', 'tripped', 'open']);
});

test('one that was let through is finished while it is open, and does not close it', () => {
  const storm = ['a', 'b', 'c', 'd', 'e', 'f'].map((id): [string, number] => [id, 0]);
  expect(run([...storm, ['a', 1], ['g', 2]]).slice(-2)).toEqual(['ok', 'open']);
});

test('it counts the last quarter of an hour, and not a moment more', () => {
  const momentMinutes = 1 / minuteMs;
  const five = ['a', 'b', 'c', 'd', 'e'].map((id): [string, number] => [id, 0]);
  expect(run([...five, ['f', 15 - momentMinutes]]).at(-1)).toBe('tripped');
  expect(run([...five, ['f', 15]]).at(-1)).toBe('ok');
});

test('a slow trickle never trips it', () => {
  expect(run(Array.from({ length: 20 }, (_, n) => [`i${n}`, n * 4]))).toEqual(Array(20).fill('ok'));
});

test('it closes by itself after an hour', () => {
  const storm = ['a', 'b', 'c', 'd', 'e', 'f'].map((id): [string, number] => [id, 0]);
  expect(run([...storm, ['g', 60 - 1 / minuteMs], ['h', 60]]).slice(-2)).toEqual(['open', 'ok']);
});
