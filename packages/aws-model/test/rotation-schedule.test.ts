import { checkRules, nextWindow, type RotationRules } from '../secrets-manager/rotation-schedule';

const monday = '2026-11-23T10:30:00Z';

describe('the next window', () => {
  test.each<[string, RotationRules, string, string | undefined, string, string]>([
    [
      'cron: by days, until the end of the UTC day',
      { ScheduleExpression: 'cron(0 8 1 * ? *)' },
      monday,
      undefined,
      '2026-12-01T08:00',
      '2026-12-02T00:00',
    ],
    [
      'cron: with a duration',
      { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '3h' },
      monday,
      undefined,
      '2026-12-01T08:00',
      '2026-12-01T11:00',
    ],
    [
      'cron: hours with increments restart each day, for an hour',
      { ScheduleExpression: 'cron(0 2/10 * * ? *)' },
      monday,
      undefined,
      '2026-11-23T12:00',
      '2026-11-23T13:00',
    ],
    [
      'cron: the increment ends with the day',
      { ScheduleExpression: 'cron(0 2/10 * * ? *)' },
      '2026-11-23T22:00:00Z',
      undefined,
      '2026-11-24T02:00',
      '2026-11-24T03:00',
    ],
    [
      'cron: an increment without a start begins at midnight',
      { ScheduleExpression: 'cron(0 /8 * * ? *)' },
      monday,
      undefined,
      '2026-11-23T16:00',
      '2026-11-23T17:00',
    ],
    [
      'cron: days of the week count from SUN = 1',
      { ScheduleExpression: 'cron(0 4 ? * 3 *)' },
      monday,
      undefined,
      '2026-11-24T04:00',
      '2026-11-25T00:00',
    ],
    [
      'cron: names of days',
      { ScheduleExpression: 'cron(0 4 ? * TUE *)' },
      monday,
      undefined,
      '2026-11-24T04:00',
      '2026-11-25T00:00',
    ],
    [
      'cron: the second Tuesday of a month',
      { ScheduleExpression: 'cron(0 4 ? * 3#2 *)' },
      monday,
      undefined,
      '2026-12-08T04:00',
      '2026-12-09T00:00',
    ],
    [
      'cron: the last Sunday of a month',
      { ScheduleExpression: 'cron(0 4 ? * SUNL *)' },
      monday,
      undefined,
      '2026-11-29T04:00',
      '2026-11-30T00:00',
    ],
    [
      'cron: the last day of a month',
      { ScheduleExpression: 'cron(0 4 L * ? *)' },
      monday,
      undefined,
      '2026-11-30T04:00',
      '2026-12-01T00:00',
    ],
    [
      'cron: every other month',
      { ScheduleExpression: 'cron(0 4 5 1/2 ? *)' },
      monday,
      undefined,
      '2027-01-05T04:00',
      '2027-01-06T00:00',
    ],
    [
      'rate: days count from the last rotation, for the whole UTC day',
      { ScheduleExpression: 'rate(30 days)' },
      monday,
      '2026-11-20T15:00:00Z',
      '2026-12-20T00:00',
      '2026-12-21T00:00',
    ],
    [
      'rate: days that have passed come due with the next day',
      { ScheduleExpression: 'rate(30 days)' },
      monday,
      '2026-09-01T15:00:00Z',
      '2026-11-24T00:00',
      '2026-11-25T00:00',
    ],
    [
      'rate: hours open on the hour, for an hour',
      { ScheduleExpression: 'rate(6 hours)' },
      monday,
      '2026-11-23T09:20:00Z',
      '2026-11-23T15:00',
      '2026-11-23T16:00',
    ],
    [
      'AutomaticallyAfterDays: a random hour of that UTC day',
      { AutomaticallyAfterDays: 10 },
      monday,
      '2026-11-20T15:00:00Z',
      '2026-11-30T00:00',
      '2026-12-01T00:00',
    ],
    [
      'an expression wins over the days that AWS shows beside it',
      { ScheduleExpression: 'cron(0 8 1 * ? *)', AutomaticallyAfterDays: 9 },
      monday,
      undefined,
      '2026-12-01T08:00',
      '2026-12-02T00:00',
    ],
  ])('%s', (_fact, rules, now, last, opensAt, closesAt) => {
    expect(nextWindow(rules, new Date(now), last ? new Date(last) : undefined)).toEqual({
      opensAt: new Date(`${opensAt}:00Z`),
      closesAt: new Date(`${closesAt}:00Z`),
    });
  });

  test('without rules there is none', () => {
    expect(nextWindow({}, new Date(monday), undefined)).toBeUndefined();
  });
});

describe('rules that AWS refuses', () => {
  test.each<[string, RotationRules]>([
    ['both kinds at once', { AutomaticallyAfterDays: 30, ScheduleExpression: 'rate(30 days)' }],
    ['rates below four hours', { ScheduleExpression: 'rate(3 hours)' }],
    ['rates of minutes', { ScheduleExpression: 'rate(300 minutes)' }],
    ['minutes other than 0', { ScheduleExpression: 'cron(30 8 1 * ? *)' }],
    ['a year other than *', { ScheduleExpression: 'cron(0 8 1 * ? 2027)' }],
    ['no ? in either day', { ScheduleExpression: 'cron(0 8 1 * * *)' }],
    ['? in both days', { ScheduleExpression: 'cron(0 8 ? * ? *)' }],
    ['five fields', { ScheduleExpression: 'cron(0 8 1 * ?)' }],
    ['hours less than four apart', { ScheduleExpression: 'cron(0 0/3 * * ? *)' }],
    ['a window past midnight', { ScheduleExpression: 'cron(0 22 1 * ? *)', Duration: '3h' }],
    ['a window into the next one', { ScheduleExpression: 'cron(0 0/4 * * ? *)', Duration: '5h' }],
    ['a duration in days', { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '1d' }],
  ])('%s', (_fact, rules) => {
    expect(() => checkRules(rules)).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }));
  });

  test.each<[string, RotationRules]>([
    ['a window that ends with the day', { ScheduleExpression: 'cron(0 21 1 * ? *)', Duration: '3h' }],
    ['four hours apart', { ScheduleExpression: 'cron(0 0/4 * * ? *)', Duration: '4h' }],
    ['a rate of days', { ScheduleExpression: 'rate(1 day)' }],
  ])('but not %s', (_fact, rules) => {
    expect(() => checkRules(rules)).not.toThrow();
  });
});
