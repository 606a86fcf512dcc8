import { growthOf, readSizes, sizesTable, type Taken, takenBy } from '../../bench/rehearsal';
import type { Summary } from '../../rehearsal/report/story';

const taken = (keys: number, days: number, cpuSeconds: number, peakMemoryMb: number): Taken => ({
  keys,
  days,
  wallSeconds: cpuSeconds,
  cpuSeconds,
  peakMemoryMb,
  rotations: 10,
  requests: 100,
  cpuMsPerRotation: 1,
  cpuMsPerRequest: 1,
});

test('a size is keys and days, and may be repeated', () => {
  expect(readSizes('9x92', readSizes('50x3650'))).toEqual([
    { keys: 50, days: 3650 },
    { keys: 9, days: 92 },
  ]);
});

test.each(['9', '9x', 'x92', '0x92', '9x0', '9x92x1', '-9x92', '9 x 92'])('%p is no size', text => {
  expect(() => readSizes(text)).toThrow('Write keys and days, such as 9x92.');
});

test('growth is told a day and a key, between sizes that differ in nothing else', () => {
  const sizes = [taken(9, 92, 50, 400), taken(9, 276, 142, 400), taken(50, 92, 173, 810)];
  expect(growthOf(sizes)).toEqual({
    perDay: { from: { keys: 9, days: 92 }, to: { keys: 9, days: 276 }, peakMemoryMb: 0, cpuSeconds: 0.5 },
    perKey: { from: { keys: 9, days: 92 }, to: { keys: 50, days: 92 }, peakMemoryMb: 10, cpuSeconds: 3 },
  });
});

test('of a single size no growth is told', () => {
  expect(growthOf([taken(9, 92, 50, 400)])).toEqual({ perDay: undefined, perKey: undefined });
});

test('the table shows what was before beside what is', () => {
  const before = { wallSeconds: 59, cpuSeconds: 70, peakMemoryMb: 643 };
  const sizes = [{ ...taken(9, 92, 50, 400), before }, taken(50, 92, 173, 810)];
  const [, first, second] = sizesTable({ sizes, growth: {} });
  expect(first).toContain('643 -> 400');
  expect(first).toContain('70 -> 50');
  expect(second).not.toContain('->');
});

test('the days of a measure are those that were played, and its parts are told a rotation and a request', () => {
  const summary = {
    simulatedDays: 35,
    wallSeconds: 61.4,
    cpuSeconds: 50,
    peakMemoryMb: 390,
    rotations: { started: 20, succeeded: 20, failed: 0, recovered: 0 },
    requests: { total: 500, failed: 0, lanes: {} },
  } as unknown as Summary;
  expect(takenBy({ keys: 9 }, summary)).toEqual({
    keys: 9,
    days: 35,
    wallSeconds: 61,
    cpuSeconds: 50,
    peakMemoryMb: 390,
    rotations: 20,
    requests: 500,
    cpuMsPerRotation: 2500,
    cpuMsPerRequest: 100,
  });
});
