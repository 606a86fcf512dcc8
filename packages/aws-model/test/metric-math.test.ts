import { evaluateMath, type MathResult } from '../cloudwatch/metrics/metric-math';
import { parseMetricMath } from '../cloudwatch/metrics/metric-math-parser';

const times = ['2026-11-27T19:00Z', '2026-11-29T03:00Z', '2026-11-30T10:00Z', '2026-11-30T21:30Z'].map(text =>
  Date.parse(text),
);
const none = undefined;
const values: Record<string, MathResult> = {
  m1: [10, 20, none, 40],
  m2: [1, 0, 3, 4],
  e1: [0.5, -0.5, 1.5, 2],
};

const work = (text: string) => evaluateMath(parseMetricMath(text), { times, values });

describe('metric math', () => {
  test.each<[string, MathResult]>([
    ['m1', [10, 20, none, 40]],
    ['m1 + m2 * 2', [12, 20, none, 48]],
    ['(m1 + m2) * 2', [22, 40, none, 88]],
    ['2 * 3 - 1', 5],
    ['-m2', [-1, -0, -3, -4]],
    ['100 * m1 / m2', [1000, none, none, 1000]],
    ['m1 > 15', [0, 1, none, 1]],
    ['m1 >= 20 AND m2 < 1', [0, 1, none, 0]],
    ['m1 == 10 OR m2 == 4', [1, 0, none, 1]],
    ['m1 == 10 OR m2 != 4', [1, 1, none, 0]],
    ['m2 <= 1 OR m2 > 3', [1, 1, 0, 1]],
    ['FILL(m1, 0)', [10, 20, 0, 40]],
    ['FILL(m1, m2)', [10, 20, 3, 40]],
    ['FLOOR(e1)', [0, -1, 1, 2]],
  ])('%s', (text, expected) => {
    expect(work(text)).toEqual(expected);
  });

  test('EPOCH is the start of each period in seconds, also where the metric has no point', () => {
    expect(work('EPOCH(m1)')).toEqual(times.map(time => time / 1000));
  });

  describe('IF chooses point by point', () => {
    test.each<[string, string, MathResult]>([
      ['one or the other', 'IF(m2>2, m1, 0)', [0, 0, none, 40]],
      ['between two metrics', 'IF(e1>1, m2, m1)', [10, 20, 3, 4]],
      ['a missing point is filled where it is asked for', 'IF(m2>2, FILL(m1, 7), 0)', [0, 0, 7, 40]],
      ['a condition without a point chooses none', 'IF(m1>15, 1, 0)', [0, 1, none, 1]],
    ])('%s', (_fact, text, expected) => {
      expect(work(text)).toEqual(expected);
    });
  });

  test.each([
    ['FILL(m1)', 'FILL has too few arguments'],
    ['IF(m1, 1)', 'IF has too few arguments'],
  ])('%s names its fault', (text, fault) => {
    expect(() => work(text)).toThrow(fault);
  });

  test.each([
    'SEARCH("x", "Sum", 60)',
    'STDDEV(m1)',
    'HOUR(m1)',
    'SUM([m1, m2])',
    'FILL(m1, REPEAT)',
    'm1 +',
    'm1 ^ 2',
    'm1 || m2',
    'unknown',
    'm1 m2',
    '(m1, m2',
  ])('%s is loud, not ignored', text => {
    expect(() => work(text)).toThrow(/modelled|cannot be read|no metric/);
  });
});
