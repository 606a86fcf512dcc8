import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { resourcesOf, stackNames, templateOf } from './example-environments';

const prod = templateOf('keyturn-prod');
const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:333333333333:secret:${name}`;

test('alarms and event rules can publish: on the topic, and with its key', () => {
  prod.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith(
        ['cloudwatch.amazonaws.com', 'events.amazonaws.com'].map(Service =>
          Match.objectLike({ Principal: { Service }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
        ),
      ),
    },
  });
  const publishers = (topicName: string) => {
    const [topic] = Object.keys(
      prod.findResources('AWS::SNS::Topic', { Properties: { TopicName: topicName } }),
    );
    const policies = Object.values(prod.findResources('AWS::SNS::TopicPolicy'));
    const policy = policies.find(({ Properties }) => Properties.Topics[0].Ref === topic);
    const allows = policy!.Properties.PolicyDocument.Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    return allows.map(({ Principal }: { Principal: { Service: string } }) => Principal.Service);
  };
  expect(publishers('keyturn-prod-oncall')).toEqual(['cloudwatch.amazonaws.com', 'events.amazonaws.com']);
  expect(publishers('keyturn-prod-alarms')).toEqual(['cloudwatch.amazonaws.com']);
  prod.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
});

test('everyone named is told by e-mail', () => {
  for (const Endpoint of ['oncall@example.com', 'platform@example.com']) {
    prod.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
  }
});

test('failed, abandoned and test rotations of this environment reach on-call, in words', () => {
  prod.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'],
        additionalEventData: { SecretId: [{ prefix: secret('keyturn/prod/') }] },
      },
    },
    Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp('^OncallTopic') } })],
  });
  const [rule] = Object.values(
    prod.findResources('AWS::Events::Rule', { Properties: { Name: 'keyturn-prod-rotation-failed' } }),
  );
  const { InputPathsMap, InputTemplate } = rule!.Properties.Targets[0].InputTransformer;
  // EventBridge takes a text of several lines as one JSON string per line, and refuses a placeholder that has no path.
  const lines = InputTemplate.split('\n').map((line: string) => JSON.parse(line));
  const placeholders = [...InputTemplate.matchAll(/<(\w+)>/g)].map(([, name]) => name);
  expect(placeholders.sort()).toEqual(Object.keys(InputPathsMap).sort());
  expect(lines).toMatchInlineSnapshot(`
[
  "Keyturn (prod): <event> at <time>",
  "",
  "Key: <secret>",
  "Reason: <reason>",
  "",
  "The current key is untouched, so servers go on working. Secrets Manager tries again by itself, unless the rotation was abandoned.",
  "Next: npx keyturn status --env prod",
  "Runbook: docs/runbook.md#rotation-failed",
]
`);
});

const topics = ['oncall', 'alarms'].map(name => `arn:aws:sns:us-east-1:333333333333:keyturn-prod-${name}`);
const onAny = {
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: 1,
  TreatMissingData: 'notBreaching',
  AlarmActions: topics,
};

test('an old key that cannot be ended raises an alarm that says whose', () => {
  for (const provider of ['sendgrid', 'okta', 'self-issued']) {
    templateOf('keyturn-prod-support-bot').hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...onAny,
      AlarmName: `keyturn-prod-support-bot-${provider}-retire-failed`,
      AlarmDescription: Match.stringLikeRegexp(`superseded ${provider} key of support-bot in prod`),
      Namespace: 'Keyturn',
      MetricName: 'RetireFailed',
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
