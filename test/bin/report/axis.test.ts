// What is written under a picture: a play of minutes has a time axis, as one of years has.
import { axisOf, tickNames } from '../../../bin/report/axis';
import { dayMs, minuteMs, secondMs } from '../../../core/time';

const namesFrom = (start: string, spanMs: number) => {
  const from = new Date(start);
  const text = tickNames(axisOf({ start: from, end: new Date(from.getTime() + spanMs) }), 0);
  return [...text.matchAll(/>([^<]+)<\/text>/g)].map(([, name]) => name);
};

const at = (text: string) => text.split(' ');

test.each([
  [
    'twelve seconds',
    12 * secondMs,
    at('00:00:01 00:00:02 00:00:03 00:00:04 00:00:05 00:00:06 00:00:07 00:00:08 00:00:09 00:00:10 00:00:11'),
  ],
  ['longer than twelve seconds', 12 * secondMs + 1, at('00:00:02 00:00:04 00:00:06 00:00:08 00:00:10')],
  [
    'a minute',
    minuteMs,
    at('00:00:05 00:00:10 00:00:15 00:00:20 00:00:25 00:00:30 00:00:35 00:00:40 00:00:45 00:00:50 00:00:55'),
  ],
  [
    'six minutes',
    6 * minuteMs,
    at('00:00:30 00:01:00 00:01:30 00:02:00 00:02:30 00:03:00 00:03:30 00:04:00 00:04:30 00:05:00 00:05:30'),
  ],
  ['longer than six minutes', 6 * minuteMs + 1, at('00:01 00:02 00:03 00:04 00:05')],
  ['a day', dayMs, at('02:00 04:00 06:00 08:00 10:00 12:00 14:00 16:00 18:00 20:00 22:00')],
  ['two days', 2 * dayMs, at('06:00 12:00 18:00 00:00 06:00 12:00 18:00')],
  ['longer than two days', 2 * dayMs + 1, ['Jan 2']],
  ['twelve days', 12 * dayMs, Array.from({ length: 11 }, (_, day) => `Jan ${day + 2}`)],
  [
    'forty days',
    40 * dayMs,
    ['Jan 2', 'Jan 6', 'Jan 10', 'Jan 14', 'Jan 18', 'Jan 22', 'Jan 26', 'Jan 30', 'Feb 3', 'Feb 7'],
  ],
  [
    '48 days',
    48 * dayMs,
    [
      'Jan 2',
      'Jan 6',
      'Jan 10',
      'Jan 14',
      'Jan 18',
      'Jan 22',
      'Jan 26',
      'Jan 30',
      'Feb 3',
      'Feb 7',
      'Feb 11',
      'Feb 15',
    ],
  ],
  ['longer than 48 days', 48 * dayMs + 1, ['Feb 2027']],
])('a play of %s has its marks at round times', (_, spanMs, names) => {
  expect(namesFrom('2027-01-01T00:00:00Z', spanMs)).toEqual(names);
});

test('round times are marked, wherever it begins', () => {
  expect(namesFrom('2027-01-01T10:20:30Z', 20 * minuteMs)).toEqual(
    at('10:22 10:24 10:26 10:28 10:30 10:32 10:34 10:36 10:38'),
  );
  expect(namesFrom('2027-01-31T10:20:30Z', 60 * dayMs)).toEqual(['Feb 2027', 'Mar 2027']);
});

test('of ten years, as many months as have room', () => {
  const names = namesFrom('2027-01-01T00:00:00Z', 3650 * dayMs);
  expect(names[0]).toBe('Feb 2027');
  expect(names.length).toBeLessThanOrEqual(12);
});
