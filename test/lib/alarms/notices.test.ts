import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { alarmDescriptionMaxLength } from '../../../core/incident/alarm-name';
import { signalNames } from '../../../core/incident/signals';
import {
  environmentAlarms,
  platformAlarmDescription,
  platformAlarmName,
} from '../../../core/notices/alarms/platform-alarms';
import { resourcesOf, stackNames, templateOf } from '../support/example-environments';

const prod = templateOf('keyturn-prod');
const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:333333333333:secret:${name}`;

const topicPolicy = (topicName: string) => {
  const [topic] = Object.keys(
    prod.findResources('AWS::SNS::Topic', { Properties: { TopicName: topicName } }),
  );
  const policies = Object.values(prod.findResources('AWS::SNS::TopicPolicy'));
  const policy = policies.find(({ Properties }) => Properties.Topics[0].Ref === topic);
  return policy!.Properties.PolicyDocument.Statement as { Effect: string; Principal: { Service: string } }[];
};

test.each([
  ['keyturn-prod-alarms', ['cloudwatch.amazonaws.com']],
  // What alarms and rules tell is made readable first, by a function that may publish there.
  ['keyturn-prod-oncall', []],
  ['keyturn-prod-fallback', ['cloudwatch.amazonaws.com']],
])('services that publish to %s: %j', (name, services) => {
  const allows = topicPolicy(name).filter(({ Effect }) => Effect === 'Allow');
  expect(allows.map(({ Principal }) => Principal.Service)).toEqual(services);
});

test("topics are encrypted, but for the one that must work where the environment's key does not", () => {
  const topics = Object.values(prod.findResources('AWS::SNS::Topic')).map(({ Properties }) => Properties);
  expect(topics.filter(({ KmsMasterKeyId }) => !KmsMasterKeyId).map(({ TopicName }) => TopicName)).toEqual([
    'keyturn-prod-fallback',
  ]);
});

test('everyone named is told by e-mail, also where the usual way does not work', () => {
  for (const Endpoint of ['oncall@example.com', 'platform@example.com']) {
    for (const topic of ['^OncallTopic', '^FallbackTopic']) {
      const TopicArn = { Ref: Match.stringLikeRegexp(topic) };
      prod.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint, TopicArn });
    }
  }
});

test('rotations of this environment that fail, and that succeed again, reach the function that tells people', () => {
  prod.hasResourceProperties('AWS::Events::Rule', {
    Name: 'keyturn-prod-rotation-failed',
    EventPattern: {
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed', 'RotationSucceeded'],
        additionalEventData: { SecretId: [{ prefix: secret('keyturn/prod/') }] },
      },
    },
    Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TellFunction'), 'Arn'] } })],
  });
});

const topicArn = (name: string) => `arn:aws:sns:us-east-1:333333333333:keyturn-prod-${name}`;
const onAny = {
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: 1,
  TreatMissingData: 'notBreaching',
  AlarmActions: [topicArn('alarms')],
  OKActions: [topicArn('alarms')],
};

test('an old key that cannot be ended raises an alarm that says whose', () => {
  for (const provider of ['sendgrid', 'okta', 'self-issued']) {
    templateOf('keyturn-prod-support-bot').hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...onAny,
      AlarmName: `keyturn-prod-support-bot-${provider}-retire-failed`,
      AlarmDescription: Match.stringLikeRegexp(
        `superseded ${provider} key of support-bot could not be revoked`,
      ),
      Namespace: 'Keyturn',
      MetricName: 'RetireFailed',
      Statistic: 'Sum',
      Period: 3600,
      Dimensions: Match.arrayWith([
        { Name: 'environment', Value: 'prod' },
        { Name: 'provider', Value: provider },
        { Name: 'server', Value: 'support-bot' },
      ]),
    });
  }
});

test('a retire function that fails altogether raises an alarm', () => {
  prod.hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...onAny,
    AlarmName: 'keyturn-prod-retire-stopped',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [
      {
        Name: 'QueueName',
        Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RetireDeadLetters'), 'QueueName'] },
      },
    ],
  });
});

test('what the retire function failed on is kept', () => {
  prod.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'keyturn-prod-retire',
    DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RetireDeadLetters'), 'Arn'] } },
  });
  prod.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'keyturn-prod-retire-dlq',
    SqsManagedSseEnabled: true,
  });
});

test('every alarm of every stack ends with a section of the runbook that is there', () => {
  const runbook = readFileSync(join(__dirname, '../../../docs/runbook.md'), 'utf8');
  const descriptions = stackNames.flatMap(stack =>
    Object.values(resourcesOf(stack))
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => String(Properties.AlarmDescription)),
  );
  expect(descriptions.length).toBeGreaterThan(20);
  const missing = descriptions.filter(text => {
    const [, section] = /Runbook: docs\/runbook\.md#([\w-]+)(?: Keyturn: .*)?$/.exec(text) ?? [];
    return !section || !runbook.includes(`\n## ${section}\n`);
  });
  expect(missing).toEqual([]);
});

test('every alarm that goes to people is one whose message is written, or one on a key that the emergency function tells of', () => {
  const alarms = stackNames
    .filter(name => name.startsWith('keyturn-prod'))
    .flatMap(stack =>
      Object.values(resourcesOf(stack))
        .filter(({ Type, Properties }) => /^AWS::CloudWatch::.*Alarm$/.test(Type) && Properties.AlarmActions)
        .map(
          ({ Properties }) =>
            Properties as { AlarmName: string; AlarmActions: string[]; OKActions?: string[] },
        ),
    );
  expect(alarms.length).toBeGreaterThan(20);
  const known = environmentAlarms.map(kind => platformAlarmName({ kind, environment: 'prod' }));
  for (const { AlarmName, AlarmActions, OKActions } of alarms) {
    const isOfKey = signalNames.some(signal => AlarmName.startsWith(`keyturn-prod-${signal}.`));
    expect([AlarmName, isOfKey || known.includes(AlarmName) || AlarmName.endsWith('-retire-failed')]).toEqual(
      [AlarmName, true],
    );
    expect(AlarmActions).toContain(topicArn('alarms'));
    // That it is over is told, too.
    if (!isOfKey) expect(OKActions).toEqual(AlarmActions);
    const isUnrendered = ['tell-stopped', 'nobody-told', 'deliveries-failed'].some(end =>
      AlarmName.endsWith(end),
    );
    expect([AlarmName, AlarmActions.includes(topicArn('fallback'))]).toEqual([AlarmName, isUnrendered]);
  }
  // The example takes no reports of leaks, and delivers nothing; see leak-function.test.ts and deliver-function.test.ts.
  expect(known.filter(name => !alarms.some(({ AlarmName }) => AlarmName === name))).toEqual([
    'keyturn-prod-deliver-stopped',
    'keyturn-prod-deliver-missing',
    'keyturn-prod-leak-reports-failed',
  ]);
});

test('what an alarm of the fallback topic says is readable as CloudWatch tells it, and fits', () => {
  for (const kind of environmentAlarms) {
    const text = platformAlarmDescription(
      { kind, environment: 'a'.repeat(32) },
      `https://${'x'.repeat(150)}`,
    );
    expect([kind, text.length]).toEqual([kind, Math.min(text.length, alarmDescriptionMaxLength)]);
    expect(text).toMatch(/^Keyturn \(a+\): .+ Done: .+ Next: .+ Runbook: /);
  }
});
