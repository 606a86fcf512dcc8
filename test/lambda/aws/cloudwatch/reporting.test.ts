// Servers that do not report how they use their keys: from the read that the watch function noted to what people are told.
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type KeyAddress, shortName } from '../../../../core/key/key-address';
import { usageDimensions, usageMetrics, usageNamespace } from '../../../../core/metrics/usage';
import type { Notice } from '../../../../core/notices/notice';
import { dayMs, hourMs } from '../../../../core/time';
import { createLookAtReporting } from '../../../../lambda/aws/cloudwatch/look-at-reporting';
import { createProblems } from '../../../../lambda/aws/table/problems';
import { noteServerRead, readServerReads } from '../../../../lambda/aws/table/server-reads';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const keyOf = (server: string): KeyAddress => ({
  environment: 'prod',
  provider: 'sendgrid',
  server,
  purpose: 'main',
});
const key = keyOf('bot');
let setup: FunctionSetup;
let table: Table;
let notices: Notice[];

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-retire');
  table = createTable(setup.dynamoDb, 'prod');
  notices = [];
});
afterEach(() => setup.close());

const look = (keys: readonly KeyAddress[] = [key]) => {
  const problems = createProblems({
    table,
    notify: async notice => void notices.push(notice),
    clock: setup.clock,
  });
  return createLookAtReporting('prod', { ...setup, table, problems })(keys);
};
const read = (address = key) => noteServerRead(table, address, setup.clock.now());
const report = (address = key, requests = 0, metric: keyof typeof usageMetrics = 'requests') =>
  setup.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: usageNamespace(address),
      MetricData: [
        {
          MetricName: usageMetrics[metric],
          Timestamp: setup.clock.now(),
          Value: requests,
          Dimensions: usageDimensions.map(Name => ({ Name, Value: address[Name] })),
        },
      ],
    }),
  );
/** Looks every hour, as the retire function does. */
async function hours(count: number, keys?: readonly KeyAddress[]): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    await setup.passMs(hourMs);
    await look(keys);
  }
}
const asked = () => setup.model.calls.filter(({ operation }) => operation === 'GetMetricData').length;
const told = () => notices.map(({ state, headline }) => [state, headline]);

test('one that never reported is told of after a day, once, and when it reports', async () => {
  await read();
  await hours(23);
  expect(told()).toEqual([]);
  await hours(30);
  expect(told()).toEqual([
    [
      'begins',
      'the server of prod/sendgrid/bot does not report how it uses the key, so its usage alarms see nothing',
    ],
  ]);
  expect(notices[0]).toMatchObject({
    facts: [
      ['Key', 'prod/sendgrid/bot: never reported'],
      ['Last read by its server', expect.any(String)],
    ],
    runbook: 'docs/runbook.md#not-reporting',
  });
  // A server may be unable to report: then its metrics are asked for four times a day, and not every hour.
  const before = asked();
  await hours(24);
  expect(asked() - before).toBe(4);
  await report();
  await hours(6);
  expect(told().slice(1)).toEqual([
    ['over', 'the server of prod/sendgrid/bot reports how it uses the key again'],
  ]);
});

test('one that stopped is told of with the time of its last report', async () => {
  await read();
  await report(key, 7);
  const reportedAt = setup.clock.now();
  await hours(2);
  await read();
  await hours(24);
  expect(told()).toHaveLength(1);
  const [[, said = ''] = []] = notices[0]?.facts ?? [];
  const since = new Date(said.replace(/^.* since /, '')).getTime() - reportedAt.getTime();
  expect(since).toBeGreaterThanOrEqual(0);
  // A first look is coarse: it goes back two weeks.
  expect(since).toBeLessThanOrEqual(hourMs);
});

test('a server that is idle for weeks is no problem, and costs no look at its metrics', async () => {
  await read();
  await report();
  await hours(2);
  expect(asked()).toBe(1);
  await hours(30);
  await setup.passMs(20 * dayMs);
  await hours(2);
  expect(asked()).toBe(1);
  expect(told()).toEqual([]);
  expect(await readServerReads(table)).toEqual([
    { key: shortName(key), isTold: false, reportedAt: expect.any(Date) },
  ]);
});

test('without a trail no read is seen, and nobody is told', async () => {
  await hours(50);
  expect([asked(), told()]).toEqual([0, []]);
});

test('other metrics are no report of requests: the alarms would see nothing', async () => {
  await read();
  await report(key, 1, 'failedStarts');
  await hours(24);
  expect(told()).toHaveLength(1);
});

test('the report of another server, or into the common namespace, proves nothing', async () => {
  await read();
  await report(keyOf('other'));
  await setup.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: 'Keyturn',
      MetricData: [
        {
          MetricName: usageMetrics.requests,
          Value: 1,
          Dimensions: usageDimensions.map(Name => ({ Name, Value: key[Name] })),
        },
      ],
    }),
  );
  await hours(24);
  expect(told()).toHaveLength(1);
});

test('reads of every few hours do not put it off', async () => {
  for (let time = 0; time < 5; time++) {
    await read();
    await hours(5);
  }
  expect(told()).toHaveLength(1);
});

test('many at once are one message, and one that it is over', async () => {
  const keys = Array.from({ length: 101 }, (_, n) => keyOf(`bot-${n}`));
  for (const one of keys) await read(one);
  await setup.passMs(dayMs);
  await look(keys);
  await hours(1, keys);
  const many = 'many servers do not report how they use their keys, so usage alarms see nothing';
  expect(told().filter(([, headline]) => headline?.startsWith(many))).toHaveLength(1);
  expect(told()).toHaveLength(4);
  for (const one of keys) await report(one);
  await hours(6, keys);
  expect(told().at(-1)).toEqual(['over', 'all servers that were seen to read a key report how they use it']);
});

test('a key that is gone ends it, and one of its name begins anew', async () => {
  await read();
  await hours(24);
  await hours(1, []);
  expect(told().at(-1)).toEqual([
    'over',
    'prod/sendgrid/bot is gone, and with it the alarms that saw nothing',
  ]);
  await setup.passMs(3 * dayMs);
  await read();
  await hours(23);
  expect(told()).toHaveLength(2);
  await hours(1);
  expect(told()).toHaveLength(3);
});

test('a look that fails is repeated an hour later, and keeps nothing else from being done', async () => {
  await read();
  await setup.passMs(dayMs);
  const broken = { ...table, query: async () => Promise.reject(new Error('planted')) };
  const problems = createProblems({ table, notify: async () => {}, clock: setup.clock });
  await createLookAtReporting('prod', { ...setup, table: broken, problems })([key]);
  await hours(1);
  expect(told()).toHaveLength(1);
});
