import * as model from '@keyturn/aws-model/clock/time';
import * as core from '../../core/time';

const since = (end: string) => Date.parse(end) - Date.parse('2027-01-01T00:00:00Z');

test.each([
  ['core', core],
  ['the model of AWS', model],
])('lengths of time in %s are those of the calendar', (_, { secondMs, minuteMs, hourMs, dayMs }) => {
  expect(secondMs).toBe(since('2027-01-01T00:00:01Z'));
  expect(minuteMs).toBe(since('2027-01-01T00:01:00Z'));
  expect(hourMs).toBe(since('2027-01-01T01:00:00Z'));
  expect(dayMs).toBe(since('2027-01-02T00:00:00Z'));
});
