// What a fault on the way makes of an audit that runs by itself: nothing is called gone that nobody looked at.
import { emptyAnswer, type PartAnswer } from '../../../../core/audit/finding';
import { KeyturnError } from '../../../../core/errors';
import { auditKey, createTable, text } from '../../../../lambda/aws/table/table';
import { aWeek, dayMs, factsOf, found, its, metrics, old, parts, run, unknown } from './own-audit';

test.each<[string, () => PartAnswer]>([
  [
    'a provider that does not answer',
    () => {
      throw new KeyturnError('no-answer', 'Okta answered 503');
    },
  ],
  [
    'a place within it that could not be looked at',
    () => ({
      ...emptyAnswer(),
      notCovered: [{ what: 'okta app a1', why: 'Okta answered 503', failed: true }],
    }),
  ],
  [
    'a second page that is lost',
    () => {
      its.broken['provider:okta'] = () => {
        throw new KeyturnError('no-answer', 'Okta answered 503');
      };
      return { ...emptyAnswer(), next: '2' };
    },
  ],
])('%s makes nothing go away, and counts as if still there', async (_, breaks) => {
  its.there = {
    'provider:okta': [unknown('k1')],
    'provider:sendgrid': [found('no-expiry', 'sendgrid key s1')],
  };
  await run();
  its.there = {};
  its.broken['provider:okta'] = breaks;
  await aWeek();
  its.said = '';
  await run();
  expect(factsOf(its.told[1], 'Gone')).toEqual([
    'low: A key has no expiry date although its provider offers one: sendgrid key s1',
  ]);
  expect(factsOf(its.told[1], 'Not looked at')).toEqual([expect.stringContaining('Okta answered 503')]);
  expect(factsOf(its.told[1], 'Not looked for')).toEqual(['1 earlier finding, counted as if still there']);
  expect(metrics().at(-1)).toMatchObject({ AuditMedium: 1, AuditMissed: 1 });
  // Nothing is new about it the next day. When it can be seen, it is gone.
  its.broken['provider:okta'] = breaks;
  await its.setup.passMs(dayMs);
  await run();
  expect(its.told).toHaveLength(2);
  its.broken = {};
  await its.setup.passMs(dayMs);
  await run();
  expect(factsOf(its.told[2], 'Gone')).toEqual([
    'medium: A key at a provider is not known to Keyturn: okta key k1',
  ]);
});

test('what takes all parts to see is gone only when all were seen', async () => {
  const print = (key: string) => ({
    print: '0123456789abcdef',
    holder: { kind: 'key', environment: 'prod', key, atProvider: 'okta key k1' } as const,
  });
  its.broken.keys = () => ({ ...emptyAnswer(), prints: [print('prod/okta/a'), print('prod/okta/b')] });
  await run();
  expect(its.told[0]?.keys).toEqual(['prod/okta/a', 'prod/okta/b']);
  its.broken = {
    'provider:okta': () => {
      throw new KeyturnError('no-answer', 'Okta answered 503');
    },
  };
  await aWeek();
  await run();
  expect(factsOf(its.told[1], 'Gone')).toEqual([]);
  its.broken = {};
  await its.setup.passMs(dayMs);
  await run();
  expect(factsOf(its.told[2], 'Gone')).toEqual([
    'high: The same key is in several places: prod/okta/a, prod/okta/b',
  ]);
});

test('a run without time says what it did not look at, and does not begin it', async () => {
  its.there = { 'provider:sendgrid': [found('no-expiry', 'sendgrid key s1')] };
  await run();
  await aWeek();
  its.asked = [];
  await run(its.setup.clock, () => its.asked.length >= 2);
  expect(its.asked).toEqual(['keys', 'provider:okta']);
  expect(factsOf(its.told[1], 'Not looked at')).toEqual(['provider:sendgrid: there was no time left for it']);
  expect(factsOf(its.told[1], 'Gone')).toEqual([]);
});

test('of two runs at once one tells, and both find the same', async () => {
  its.there = { keys: [old('prod/okta/bot')] };
  const [first, second] = await Promise.all([run(), run()]);
  expect(its.told).toHaveLength(1);
  expect([first, second]).toContainEqual(expect.objectContaining({ isTold: true }));
  expect([first, second]).toContainEqual(expect.objectContaining({ isTold: false }));
});

test('a message that could not be sent is sent by the next try', async () => {
  its.there = { keys: [old('prod/okta/bot')] };
  its.refuse = new Error('SNS is away');
  await expect(run()).rejects.toThrow('SNS is away');
  its.refuse = undefined;
  await run();
  expect(its.told).toHaveLength(1);
});

test('a run that died while it told people keeps the next one from nothing', async () => {
  its.there = { keys: [old('prod/okta/bot')] };
  const table = createTable(its.setup.dynamoDb, 'prod');
  const tellingSince = { N: String(its.setup.clock.now().getTime()) };
  await table.change(auditKey, { set: { teller: text('died'), tellingSince } });
  await run();
  expect(its.told).toEqual([]);
  await its.setup.passMs(60_000);
  await run();
  expect(its.told).toHaveLength(1);
});

test.each([-3, 3])('a clock that is %i days off makes nothing new or gone', async days => {
  its.there = { keys: [old('prod/okta/bot')] };
  await run({ now: () => new Date(its.setup.clock.now().getTime() + days * dayMs) });
  await aWeek();
  its.asked = [];
  await run();
  await aWeek();
  await run();
  expect(its.asked.length).toBeGreaterThanOrEqual(parts.length);
  expect(its.told).toHaveLength(1);
});

test('a record that was written far ahead keeps no audit away', async () => {
  await run({ now: () => new Date(its.setup.clock.now().getTime() + 3650 * dayMs) });
  its.asked = [];
  await run();
  expect(its.asked).toEqual(parts);
});

test.each(['', 'no gzip', Buffer.from('{}').toString('base64')])(
  'a record that Keyturn did not write (%j) makes all new, and nothing gone',
  async state => {
    its.there = { keys: [old('prod/okta/bot')] };
    await run();
    await createTable(its.setup.dynamoDb, 'prod').change(auditKey, { set: { state: text(state) } });
    await run();
    expect(its.told.map(({ headline }) => headline)).toEqual(
      Array(2).fill('the audit of all keys: 1 new finding, 1 of severity high'),
    );
    expect(factsOf(its.told[1], 'Gone')).toEqual([]);
  },
);
