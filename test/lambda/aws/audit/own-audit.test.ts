// The audit that runs by itself: what people are told of, and how often.
import { emptyAnswer, type NotCovered } from '../../../../core/audit/finding';
import { KeyturnError } from '../../../../core/errors';
import { messageOf } from '../../../../core/notices/forms/message';
import { aWeek, dayMs, factsOf, found, its, metrics, old, parts, run, unknown } from './own-audit';

test('where nothing is found nobody is its.told, and every count is 0', async () => {
  await run();
  expect(its.told).toEqual([]);
  const lines = metrics();
  expect(lines.at(-1)).toMatchObject({ AuditHigh: 0, AuditMedium: 0, AuditLow: 0, AuditMissed: 0 });
  expect(lines).toContainEqual(expect.objectContaining({ rule: 'unknown-key', AuditFindings: 0 }));
});

test('people hear once of what is new, and once that it is gone', async () => {
  its.there = { keys: [old('prod/okta/bot')], 'provider:okta': [unknown('k1')] };
  await run();
  expect(its.told[0]).toMatchObject({
    headline: 'the audit of all keys: 2 new findings, 1 of severity high',
    severity: 'warning',
    keys: ['prod/okta/bot'],
  });
  expect(factsOf(its.told[0], 'All findings')).toEqual(['1 high, 1 medium, 0 low']);
  expect(messageOf(its.told[0]!).text.replace(/\s+/g, ' ')).toContain('npx keyturn audit --env prod');
  await aWeek();
  await run();
  expect(its.told).toHaveLength(1);
  its.there['provider:okta'] = [];
  await aWeek();
  await run();
  expect(its.told[1]).toMatchObject({ headline: 'the audit of all keys: 1 gone', severity: 'info' });
  expect(factsOf(its.told[1], 'Gone')).toEqual([
    'medium: A key at a provider is not known to Keyturn: okta key k1',
  ]);
  await aWeek();
  await run();
  expect(its.told).toHaveLength(2);
});

test('it looks once a week, and every day as long as something could not be looked at', async () => {
  await run();
  await its.setup.passMs(6 * dayMs);
  its.asked = [];
  await run();
  expect(its.asked).toEqual([]);
  await its.setup.passMs(dayMs);
  its.broken['provider:okta'] = () => {
    throw new KeyturnError('no-answer', 'Okta answered 503');
  };
  await run();
  expect(its.asked).toEqual(parts);
  await its.setup.passMs(dayMs);
  await run();
  expect(its.asked).toEqual([...parts, ...parts]);
});

test('what nobody can ever look at is no fault', async () => {
  const never: NotCovered = { what: 'last use of okta keys', why: 'Okta does not tell' };
  its.there = {};
  its.broken['provider:okta'] = () => ({ ...emptyAnswer(), findings: [unknown('k1')], notCovered: [never] });
  await run();
  its.broken['provider:okta'] = () => ({ ...emptyAnswer(), notCovered: [never] });
  await aWeek();
  await run();
  expect(its.told.map(({ headline }) => headline)).toEqual([
    'the audit of all keys: 1 new finding',
    'the audit of all keys: 1 gone',
  ]);
});

test('severe findings that stay are told of again after four weeks', async () => {
  its.there = { keys: [old('prod/okta/bot')] };
  await run();
  for (let week = 1; week <= 3; week++) {
    await aWeek();
    await run();
    expect(its.told).toHaveLength(1);
  }
  await aWeek();
  await run();
  expect(its.told.map(({ headline }) => headline)[1]).toBe(
    'the audit of all keys: 1 finding of severity high still there',
  );
  its.there = { keys: [found('no-expiry', 'sendgrid key s1')] };
  await aWeek();
  await run();
  for (let week = 1; week <= 5; week++) await aWeek().then(() => run());
  expect(its.told).toHaveLength(3);
});

test('thousands of findings fit, and are named in short', async () => {
  its.there = {
    keys: Array.from({ length: 9_000 }, (_, n) => old(`prod/sendgrid/support-bot-number-${n}/purpose-${n}`)),
  };
  await run();
  expect(factsOf(its.told[0], 'New')).toHaveLength(11);
  expect(Buffer.byteLength(JSON.stringify(messageOf(its.told[0]!)))).toBeLessThan(50_000);
  await aWeek();
  await run();
  expect(its.told).toHaveLength(1);
});
