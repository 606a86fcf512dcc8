// What is written under a picture: a play of minutes has a time axis, as one of years has.
import { axisOf, tickNames } from '../../../bin/report/axis';
import { dayMs, hourMs, minuteMs } from '../../../core/time';

const namesFrom = (start: string, spanMs: number) => {
  const from = new Date(start);
  const text = tickNames(axisOf({ start: from, end: new Date(from.getTime() + spanMs) }), 0);
  return [...text.matchAll(/>([^<]+)<\/text>/g)].map(([, name]) => name);
};

test.each([
  ['minutes', 5 * minuteMs, ['00:01', '00:02', '00:03', '00:04']],
  [
    'three hours',
    3 * hourMs,
    [
      '00:01',
      '00:16',
      '00:31',
      '00:46',
      '01:01',
      '01:16',
      '01:31',
      '01:46',
      '02:01',
      '02:16',
      '02:31',
      '02:46',
    ],
  ],
  ['longer than three hours', 3 * hourMs + 1, ['01:00', '02:00']],
  [
    'two days',
    2 * dayMs,
    [
      '01:00',
      '05:00',
      '09:00',
      '13:00',
      '17:00',
      '21:00',
      '01:00',
      '05:00',
      '09:00',
      '13:00',
      '17:00',
      '21:00',
    ],
  ],
  ['longer than two days', 2 * dayMs + 1, ['Jan 2']],
  [
    'forty days',
    40 * dayMs,
    ['Jan 2', 'Jan 6', 'Jan 10', 'Jan 14', 'Jan 18', 'Jan 22', 'Jan 26', 'Jan 30', 'Feb 3', 'Feb 7'],
  ],
  ['longer than forty days', 41 * dayMs, ['Feb 2027']],
])('a play of %s', (_, spanMs, names) => {
  expect(namesFrom('2027-01-01T00:00:00Z', spanMs)).toEqual(names);
});

test('full units are marked, wherever it begins', () => {
  expect(namesFrom('2027-01-01T10:20:30Z', 3 * minuteMs)).toEqual(['10:21', '10:22', '10:23']);
  expect(namesFrom('2027-01-31T10:20:30Z', 60 * dayMs)).toEqual(['Feb 2027', 'Mar 2027']);
});
