// Topics that others made: which alarms and functions tell them, and what their policies have to allow.
import type { Resource } from '@keyturn/aws-model/template/assembly';
import type { Caller } from '@keyturn/iam/request';
import { App, Stack } from 'aws-cdk-lib';
import type { OtherTopic } from '../../../lib/config/config';
import { grantsOf } from '../../../lib/stacks/grants';
import { topicPolicy } from '../../../lib/stacks/topic-grants';
import { account, documentsOf, engine, environment, may, ofType, region } from '../support/every-option';

interface Told {
  Variables: Record<string, string>;
}

const [messages, chat, alarms] = environment.notify.topics ?? [];
const publishes = (role: string, topicArn: string) => may(role, 'sns:Publish', topicArn);

test('every alarm that tells somebody tells the one that gets alarms', () => {
  const all = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap(ofType);
  const telling = all.filter(({ properties }) => (properties.AlarmActions as string[] | undefined)?.length);
  expect(telling.length).toBeGreaterThan(10);
  for (const { properties } of telling) {
    const actions = properties.AlarmActions as string[];
    expect(actions).toContain(alarms?.arn);
    expect(actions).toContain(`arn:aws:sns:${region}:${account}:keyturn-prod-alarms`);
  }
});

test('functions that tell people get the others, and may publish there and nowhere else', () => {
  for (const name of ['retire', 'watch', 'emergency-revoke']) {
    const [found] = ofType('AWS::Lambda::Function').filter(({ ref }) => ref === `keyturn-prod-${name}`);
    const told = (found?.properties.Environment as Told | undefined)?.Variables.KEYTURN_OTHER_TOPICS;
    expect(JSON.parse(String(told))).toEqual([
      { arn: messages?.arn, gets: 'messages' },
      { arn: chat?.arn, gets: 'chat' },
    ]);
  }
  const [role] = ofType('AWS::IAM::Role').filter(({ ref }) => ref === 'keyturn-prod-retire');
  const statements = documentsOf(role as Resource).flatMap(one => (one as { Statement: object[] }).Statement);
  const told = statements.filter(one => JSON.stringify(one).includes('sns:Publish'));
  expect(told).toMatchObject([
    {
      Resource: expect.arrayContaining([expect.stringContaining('-oncall'), messages?.arn, chat?.arn]),
    },
  ]);
  expect(publishes('keyturn-prod-rotate-sendgrid', String(chat?.arn))).toBe(false);
});

test.each<[string, boolean, Caller]>([
  [
    'the retire function',
    true,
    { arn: `arn:aws:sts::${account}:assumed-role/keyturn-prod-retire/s`, kind: 'role' },
  ],
  [
    'a rotation function',
    false,
    { arn: `arn:aws:sts::${account}:assumed-role/keyturn-prod-rotate-openai/s`, kind: 'role' },
  ],
])('with what `grants` prints, %s publishes to a topic of another account: %s', (_, expected, caller) => {
  const [added] = grantsOf(environment).topics;
  expect(added?.to).toBe(messages?.arn);
  const asked = {
    caller,
    action: 'sns:Publish',
    resource: String(messages?.arn),
    context: {},
    resourceTags: {},
  };
  expect(engine.authorize({ ...asked, resourcePolicy: { Statement: added?.statements } }).allowed).toBe(
    expected,
  );
  expect(engine.authorize(asked).allowed).toBe(false);
});

test('what lets CloudWatch tell a topic holds for alarms of this account alone', () => {
  const stack = new Stack(new App(), 'keyturn-prod', { env: { account, region } });
  const statements = topicPolicy(stack, environment, alarms as OtherTopic);
  expect(statements.map(({ conditions }) => conditions)).toEqual([
    { StringEquals: { 'aws:SourceAccount': account } },
  ]);
});

test.each<[string, Record<string, string>, boolean]>([
  ['through SNS', { 'kms:ViaService': `sns.${region}.amazonaws.com` }, true],
  ['through another service', { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` }, false],
  ['itself', {}, false],
])(
  'with the key of such a topic, a function that tells people encrypts %s: %j, %s',
  (_, context, expected) => {
    const { allowed } = engine.authorize({
      caller: { arn: `arn:aws:sts::${account}:assumed-role/keyturn-prod-retire/s`, kind: 'role' },
      action: 'kms:GenerateDataKey',
      resource: String(messages?.kmsKey),
      context,
      resourceTags: {},
      // Whatever its owner allows.
      resourcePolicy: {
        Statement: [
          { Sid: 'All', Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' },
        ],
      },
    });
    expect(allowed).toBe(expected);
  },
);

test("a team's mailbox is subscribed for its team alone, and nowhere else", () => {
  const own = ofType('AWS::SNS::Subscription').filter(
    ({ properties }) => properties.Endpoint === 'support-lead@example.com',
  );
  expect(own.map(({ properties }) => properties)).toEqual([
    {
      Protocol: 'email',
      Endpoint: 'support-lead@example.com',
      TopicArn: `arn:aws:sns:${region}:${account}:keyturn-prod-oncall`,
      FilterPolicy: { team: ['support'] },
    },
  ]);
});
