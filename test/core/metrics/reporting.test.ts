import { isSilent, silenceInWords } from '../../../core/metrics/reporting';
import { dayMs } from '../../../core/time';

const readAt = new Date('2026-11-23T03:00:00Z');
const after = (ms: number) => new Date(readAt.getTime() + ms);

test.each([
  ['a day less a millisecond after the read', { readAt }, after(dayMs - 1), false],
  ['a day after the read', { readAt }, after(dayMs), true],
  ['a report a millisecond before the read', { readAt, reportedAt: after(-1) }, after(dayMs), true],
  ['a report as old as the read', { readAt, reportedAt: readAt }, after(dayMs), false],
  ['a report after the read, a year ago', { readAt, reportedAt: after(1) }, after(365 * dayMs), false],
  ['no read that was seen', {}, after(dayMs), false],
  ['no read since the last report', { reportedAt: readAt }, after(365 * dayMs), false],
])('a server is silent a day after a read that no report followed: %s', (_, reporting, now, expected) => {
  expect(isSilent(reporting, now)).toBe(expected);
});

test('says since when', () => {
  expect(silenceInWords({ readAt })).toBe('never reported');
  expect(silenceInWords({ readAt, reportedAt: readAt })).toBe('not reporting since 2026-11-23T03:00:00.000Z');
});
