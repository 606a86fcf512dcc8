import { evaluateMath, type Result } from '../cloudwatch/metrics/metric-math';
import { parseMetricMath } from '../cloudwatch/metrics/metric-math-parser';

// Friday 19:00, Sunday 03:00, Monday 10:00, Monday 21:30, all UTC.
const times = ['2026-11-27T19:00Z', '2026-11-29T03:00Z', '2026-11-30T10:00Z', '2026-11-30T21:30Z'].map(text =>
  Date.parse(text),
);
const none = undefined;
const values: Record<string, Result> = { m1: [10, 20, none, 40], m2: [1, 0, 3, 4], e1: [0.5, 0.5, 0.5, 0.5] };

const work = (text: string, inAlarm = true) =>
  evaluateMath(parseMetricMath(text), { times, periodMs: 60_000, values, metricIds: ['m1', 'm2'], inAlarm });

describe('metric math', () => {
  test.each<[string, Result]>([
    ['m1', [10, 20, none, 40]],
    ['m1 + m2 * 2', [12, 20, none, 48]],
    ['(m1 + m2) * 2', [22, 40, none, 88]],
    ['2 ^ 3 - 1', 7],
    ['-m2', [-1, -0, -3, -4]],
    ['100 * m1 / m2', [1000, none, none, 1000]],
    ['m1 > 15', [0, 1, none, 1]],
    ['m1 >= 20 AND m2 < 1', [0, 1, none, 0]],
    ['m1 >= 20 && m2 < 1', [0, 1, none, 0]],
    ['m1 == 10 OR m2 == 4', [1, 0, none, 1]],
    ['m1 == 10 || m2 != 4', [1, 1, none, 0]],
    ['FILL(m1, 0)', [10, 20, 0, 40]],
    ['FILL(m1, REPEAT)', [10, 20, 20, 40]],
    ['FILL(m1, m2)', [10, 20, 3, 40]],
    ['SUM([m1, m2])', [11, 20, 3, 44]],
    ['SUM([m1, m2] - [m2, m2])', [9, 20, 0, 36]],
    ['SUM(m2 - [m1, m2])', [-9, -20, 0, -36]],
    ['MAX(2 * [m1, m2])', [20, 40, 6, 80]],
    ['SUM(METRICS())', [11, 20, 3, 44]],
    ['MAX(METRICS("m2"))', [1, 0, 3, 4]],
    ['AVG([m1, m2])', [5.5, 10, 3, 22]],
    ['MIN([FILL(m1, 0), m2])', [1, 0, 0, 4]],
    ['ABS(e1 - 1)', [0.5, 0.5, 0.5, 0.5]],
    ['PERIOD(m1)', 60],
    ['DIFF(m2)', [none, -1, 3, 1]],
  ])('%s', (text, expected) => {
    expect(work(text)).toEqual(expected);
  });

  describe('the calendar is UTC, of the start of each period, and says something at every instant', () => {
    test.each<[string, Result]>([
      ['HOUR(m1)', [19, 3, 10, 21]],
      ['MINUTE(m1)', [0, 0, 0, 30]],
      ['DAY(m1)', [5, 7, 1, 1]],
      ['DATE(m1)', [27, 29, 30, 30]],
      ['MONTH(m1)', [11, 11, 11, 11]],
      ['YEAR(m1)', [2026, 2026, 2026, 2026]],
    ])('%s', (text, expected) => {
      expect(work(text)).toEqual(expected);
    });
  });

  describe('off-hours', () => {
    test.each<[string, string, Result]>([
      [
        'with an else, hours inside count as 0',
        'IF(HOUR(m1)<6 OR HOUR(m1)>=20 OR DAY(m1)>5, m1, 0)',
        [0, 20, 0, 40],
      ],
      [
        'without one, they are missing',
        'IF(HOUR(m1)<6 OR HOUR(m1)>=20 OR DAY(m1)>5, m1)',
        [none, 20, none, 40],
      ],
      ['a missing point outside stays missing', 'IF(HOUR(m1)==10, m1, 0)', [0, 0, none, 0]],
      ['unless it is filled', 'IF(HOUR(m1)==10, FILL(m1, 7), 0)', [0, 0, 7, 0]],
    ])('%s', (_fact, text, expected) => {
      expect(work(text)).toEqual(expected);
    });
  });

  test('SUM over one series is refused in alarms, and a number elsewhere', () => {
    expect(() => work('SUM(m1)')).toThrow('refused in alarms');
    expect(work('SUM(m1)', false)).toBe(70);
  });

  test.each([
    ['FILL(m1)', 'FILL has too few arguments'],
    ['[m1, m2] + [m1]', 'not equally long'],
    ['[m1] + [m1, m2]', 'not equally long'],
  ])('%s names its fault', (text, fault) => {
    expect(() => work(text)).toThrow(fault);
  });

  test.each(['SEARCH("x", "Sum", 60)', 'STDDEV(m1)', 'm1 +', 'unknown', 'm1 m2', '[m1, m2'])(
    '%s is loud, not ignored',
    text => {
      expect(() => work(text)).toThrow(/modelled|cannot be read|no metric/);
    },
  );
});
