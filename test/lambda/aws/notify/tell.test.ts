// What people are told of alarms about Keyturn itself and of rotations: each problem once when it begins and once when it is over.
import { parseSecretName } from '../../../../core/key/key-address';
import { wordsOf } from '../../../../core/notices/alarms/alarm-words';
import {
  environmentAlarms,
  type PlatformAlarm,
  platformAlarmName,
} from '../../../../core/notices/alarms/platform-alarms';
import { messageOf } from '../../../../core/notices/forms/message';
import type { Notice } from '../../../../core/notices/notice';
import { createTell } from '../../../../lambda/aws/notify/tell-news';
import { openCountedKeys } from '../../../../lambda/aws/table/counted-keys';
import { toldOneByOneAtMost } from '../../../../lambda/aws/table/problems';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { type DeployedKeys, deployedKeys, plainSpec as spec } from '../../../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const alarmsTopic = 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms';
let setup: FunctionSetup;
let deployed: DeployedKeys;
let told: Notice[];
let table: Table;
let isDown: boolean;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-tell');
  table = createTable(setup.dynamoDb, 'prod');
  deployed = deployedKeys();
  told = [];
  isDown = false;
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (const n of Array.from({ length: 30 }, (_, n) => n)) deployed.register(key(n), spec);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
});

const key = (n: number) => parseSecretName(`keyturn/prod/sendgrid/bot-${n}/main`);
const tell = (event: unknown) =>
  createTell(
    { environment: 'prod', alarmsTopic },
    {
      registry: deployed.registry,
      table,
      notify: async notice => {
        if (isDown) throw new Error('SNS does not answer');
        told.push(notice);
      },
      clock: setup.clock,
    },
  )(event);
const alarm = (
  name: string,
  state: string,
  second: number,
  more: object = { Trigger: { Dimensions: [] } },
  topic = alarmsTopic,
) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      Sns: {
        TopicArn: topic,
        Message: JSON.stringify({
          AlarmName: name,
          AlarmArn: `arn:aws:cloudwatch:eu-central-1:333333333333:alarm:${name}`,
          AlarmDescription: 'what it means',
          NewStateValue: state,
          NewStateReason: 'Threshold Crossed: 1 datapoint was greater than the threshold (0.0).',
          StateChangeTime: `2026-11-23T03:00:${String(second).padStart(2, '0')}.000+0000`,
          ...more,
        }),
      },
    },
  ],
});
const rotation = (
  n: number,
  eventName: string,
  second: number,
  secret = `keyturn/prod/sendgrid/bot-${n}/main`,
) => ({
  source: 'aws.secretsmanager',
  'detail-type': 'AWS Service Event via CloudTrail',
  time: `2026-11-23T03:00:${String(second).padStart(2, '0')}Z`,
  detail: {
    eventName,
    ...(eventName !== 'RotationSucceeded' && {
      errorMessage: 'Error when executing lambda during createSecret step',
    }),
    additionalEventData: {
      SecretId: `arn:aws:secretsmanager:eu-central-1:333333333333:secret:${secret}-AbCdEf`,
    },
  },
});
const states = () => told.map(({ state, about }) => `${state} ${about}`);

const alarms: PlatformAlarm[] = [
  ...environmentAlarms.map(kind => ({ kind, environment: 'prod' })),
  { kind: 'retire-failed', environment: 'prod', server: 'bot-1', provider: 'sendgrid' },
];

test.each(alarms.map(one => [platformAlarmName(one), one] as const))(
  '%s: one message when it begins, and one when it is over, in the words of that alarm',
  async (name, one) => {
    const dimensions = { server: 'bot-1', provider: 'sendgrid', environment: 'prod' };
    const more = {
      Trigger: { Dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })) },
    };
    await tell(alarm(name, 'ALARM', 1, more));
    await tell(alarm(name, 'ALARM', 1, more));
    await tell(alarm(name, 'OK', 2, more));
    await tell(alarm(name, 'OK', 2, more));
    const [begun, over] = told;
    expect(states()).toEqual([`begins ${begun!.about}`, `over ${begun!.about}`]);
    const words = wordsOf(one);
    expect([begun!.headline, over!.headline]).toEqual([words.begins, words.over]);
    expect(messageOf(over!).pagerDuty).toMatchObject({ event_action: 'resolve' });
    await tell(alarm(name, 'ALARM', 3, more));
    expect(told).toHaveLength(3);
  },
);

test('messages that come in the wrong order do not leave a problem open that is over', async () => {
  await tell(alarm('keyturn-prod-overdue', 'OK', 2));
  await tell(alarm('keyturn-prod-overdue', 'ALARM', 1));
  expect(told).toEqual([]);
  await tell(alarm('keyturn-prod-overdue', 'ALARM', 3));
  expect(told).toHaveLength(1);
});

test('an alarm that only counts names the keys that were counted, and of one server only its own', async () => {
  const note = await openCountedKeys(table);
  await note('overdue', [{ key: 'prod/sendgrid/bot-1', text: 'last rotated 2026-10-01' }]);
  await note('retire-failed', [
    { key: 'prod/sendgrid/bot-1', text: 'SendGrid answered 403' },
    { key: 'prod/sendgrid/bot-10', text: 'SendGrid answered 500' },
  ]);
  await tell(alarm('keyturn-prod-overdue', 'ALARM', 1));
  await tell(
    alarm('keyturn-prod-bot-1-sendgrid-retire-failed', 'ALARM', 1, {
      Trigger: {
        Dimensions: [
          { name: 'server', value: 'bot-1' },
          { name: 'provider', value: 'sendgrid' },
        ],
      },
    }),
  );
  expect(told.map(({ keys }) => keys)).toEqual([['prod/sendgrid/bot-1'], ['prod/sendgrid/bot-1']]);
  expect(messageOf(told[1]!).text).toContain('SendGrid answered 403');
});

test("an alarm on a key's use is the emergency function's to tell of", async () => {
  await tell(alarm('keyturn-prod-off-hours.sendgrid.bot-1.main', 'ALARM', 1));
  expect(told).toEqual([]);
});

test.each([
  ['our-own', {}],
  ['keyturn-prod-mine', {}],
  ['keyturn-prod-eu-overdue', {}],
  ['keyturn-prod-mine-sendgrid-retire-failed', { server: 'mine', provider: 'sendgrid' }],
  ['keyturn-prod-bot-1-sendgrid-retire-failed', { server: 'bot', provider: '1-sendgrid' }],
])('an alarm that no deployment made, %s, cannot write to people', async (name, dimensions) => {
  const Dimensions = Object.entries(dimensions).map(([name, value]) => ({ name, value }));
  await tell(alarm(name, 'ALARM', 1, { Trigger: { Dimensions } }));
  expect(told).toEqual([]);
});

test.each([
  ['of another topic', alarm('keyturn-prod-overdue', 'ALARM', 1, {}, alarmsTopic.replace('alarms', 'mine'))],
  ['of no known form', { source: 'mine' }],
  ['without a body', undefined],
  ['of a service that anybody can put', { ...rotation(1, 'RotationFailed', 1), source: 'mine' }],
])('a message %s is refused', async (_, event) => {
  await expect(tell(event)).rejects.toMatchObject({ code: 'bad-event' });
  expect(told).toEqual([]);
});

test('a rotation that fails names the key, is told once for all tries, and its recovery is told', async () => {
  await tell(rotation(1, 'RotationFailed', 1));
  await tell(rotation(1, 'RotationFailed', 10));
  await tell(rotation(1, 'RotationAbandoned', 20));
  await tell(rotation(1, 'RotationSucceeded', 30));
  expect(told.map(({ headline }) => headline)).toEqual([
    'the rotation of prod/sendgrid/bot-1 failed',
    'prod/sendgrid/bot-1 rotates again',
  ]);
  expect(told[0]!.keys).toEqual(['prod/sendgrid/bot-1']);
  expect(messageOf(told[0]!).text).toContain('npx keyturn rotate prod/sendgrid/bot-1 --unstick');
});

test('a rotation that succeeds, as nearly all do, is no news', async () => {
  await tell(rotation(1, 'RotationSucceeded', 1));
  expect(told).toEqual([]);
});

test('a secret that is no key of the deployment cannot make messages', async () => {
  await tell(rotation(1, 'RotationFailed', 1, 'keyturn/prod/sendgrid/mine/main'));
  expect(told).toEqual([]);
});

test.each([
  [
    "a secret under Keyturn's names that is none of its keys",
    rotation(1, 'RotationFailed', 1, 'keyturn/prod/mine'),
  ],
  ['an issuer credential', rotation(1, 'RotationFailed', 1, 'keyturn/prod/issuers/sendgrid')],
  [
    'an event that anybody may put',
    { source: 'keyturn', 'detail-type': 'Key Unproven', detail: { environment: 'prod', keyId: 7 } },
  ],
])('%s raises no alarm by making the function fail', async (_, event) => {
  await expect(tell(event)).resolves.toBeUndefined();
  expect(told).toEqual([]);
});

test('what EventBridge tells of rotations in another form than ever before is no secret of others', async () => {
  const { detail, ...event } = rotation(1, 'RotationFailed', 1);
  await expect(tell({ ...event, detail: { ...detail, additionalEventData: {} } })).rejects.toThrow(
    'nothing was told',
  );
});

test.each([toldOneByOneAtMost, toldOneByOneAtMost + 1, 30])(
  'an outage of a provider that fails %i rotations is no storm of messages, and its end is told',
  async count => {
    const all = Array.from({ length: count }, (_, n) => n);
    for (const n of all) await tell(rotation(n, 'RotationFailed', 1));
    const alone = Math.min(count, toldOneByOneAtMost);
    const isStorm = count > toldOneByOneAtMost;
    expect(told).toHaveLength(alone + (isStorm ? 1 : 0));
    for (const n of all) await tell(rotation(n, 'RotationSucceeded', 2));
    const over = told.filter(({ state }) => state === 'over');
    expect(over).toHaveLength(alone + (isStorm ? 1 : 0));
    if (isStorm) expect(over.at(-1)!.headline).toBe('all keys of sendgrid rotate again');
  },
);

test('outages of two providers at once are two storms, and each is over by itself', async () => {
  const many = Array.from({ length: toldOneByOneAtMost + 1 }, (_, n) => n);
  const names = ['sendgrid', 'gitlab'].flatMap(provider =>
    many.map(n => `keyturn/prod/${provider}/bot-${n}/main`),
  );
  for (const name of names) deployed.register(parseSecretName(name), spec);
  for (const name of names) await tell(rotation(1, 'RotationFailed', 1, name));
  const storms = () => told.filter(({ about }) => about.includes('many-rotations'));
  expect(storms().map(({ about }) => about)).toEqual([
    'keyturn/prod/many-rotations/sendgrid',
    'keyturn/prod/many-rotations/gitlab',
  ]);
  for (const name of names.slice(0, many.length)) await tell(rotation(1, 'RotationSucceeded', 2, name));
  const over = storms().filter(({ state }) => state === 'over');
  expect(over.map(({ about }) => about)).toEqual(['keyturn/prod/many-rotations/sendgrid']);
});

test('rotations that fail at the same moment are no storm either', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, n) => tell(rotation(n, 'RotationFailed', 1))));
  expect(told.length).toBeGreaterThanOrEqual(1);
  expect(told.length).toBeLessThanOrEqual(toldOneByOneAtMost + 1);
  expect(told.some(({ about }) => about === 'keyturn/prod/many-rotations/sendgrid')).toBe(true);
});

test('what could not be sent is tried again, and then noted as told', async () => {
  isDown = true;
  await expect(tell(rotation(1, 'RotationFailed', 1))).rejects.toThrow('SNS does not answer');
  isDown = false;
  await tell(rotation(1, 'RotationFailed', 1));
  expect(told).toHaveLength(1);
});

test('a table that does not answer keeps no problem from people', async () => {
  table = {
    ...table,
    get: () => Promise.reject(new Error('down')),
    change: () => Promise.reject(new Error('down')),
  };
  await tell(alarm('keyturn-prod-overdue', 'ALARM', 1));
  await tell(rotation(1, 'RotationFailed', 1));
  expect(told).toHaveLength(2);
});
