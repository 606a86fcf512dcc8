import { type AlarmState, evaluateAlarm, type MissingData } from '../cloudwatch/alarms/alarm-evaluation';

const settings: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const retain = 'retain';

/** `0` is within the threshold, `X` breaches it, `-` is missing; oldest first. */
function evaluate(
  points: string,
  m: number,
  n: number,
  treatMissingData: MissingData,
  state: AlarmState,
): AlarmState {
  const breaching = [...points].map(point => (point === '-' ? undefined : point === 'X'));
  return evaluateAlarm({ breaching, evaluationPeriods: n, datapointsToAlarm: m, treatMissingData, state });
}

// The tables of AWS's documentation; columns: missing, ignore, breaching, notBreaching.
describe.each<[number, number, [string, string, string, string, string][]]>([
  [
    3,
    3,
    [
      ['0-X-X', 'OK', 'OK', 'OK', 'OK'],
      ['0----', 'OK', 'OK', 'OK', 'OK'],
      ['-----', 'INSUFFICIENT_DATA', retain, 'ALARM', 'OK'],
      ['0XX-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['--X--', 'ALARM', retain, 'ALARM', 'OK'],
    ],
  ],
  [
    2,
    3,
    [
      ['0-X-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['00X0X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0-X--', 'OK', 'OK', 'ALARM', 'OK'],
      ['----0', 'OK', 'OK', 'ALARM', 'OK'],
      ['---X-', 'ALARM', retain, 'ALARM', 'OK'],
    ],
  ],
])('%i of %i', (m, n, rows) => {
  describe.each(rows)('%s', (points, ...expected) => {
    test.each(settings.map((setting, column) => [setting, expected[column]!] as const))(
      '%s: %s',
      (setting, outcome) => {
        for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
          expect(evaluate(points, m, n, setting, before)).toBe(outcome === retain ? before : outcome);
        }
      },
    );
  });
});

describe('besides the tables', () => {
  test.each<[string, string, number, number, MissingData, AlarmState]>([
    ['with enough real points, the newest of them decide', 'XX000', 3, 3, 'breaching', 'OK'],
    ['a newest breach that could still be contradicted makes no alarm', '----X', 3, 3, 'missing', 'OK'],
    [
      'one of one: a point in range counts, though it is not the newest',
      'X--',
      1,
      1,
      'notBreaching',
      'ALARM',
    ],
    ['breaching fills up what is missing', '---0X', 2, 3, 'breaching', 'ALARM'],
    ['M real breaches need no padding', '--X-X', 2, 3, 'notBreaching', 'ALARM'],
  ])('%s', (_fact, points, m, n, setting, expected) => {
    expect(evaluate(points, m, n, setting, 'INSUFFICIENT_DATA')).toBe(expected);
  });
});
