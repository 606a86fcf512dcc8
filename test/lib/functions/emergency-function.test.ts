// The function that replaces and revokes: what starts it, how often it is tried again, and how long it may take.
import { Match } from 'aws-cdk-lib/assertions';
import { templateOf } from '../support/example-environments';

const prod = templateOf('keyturn-prod');

test('alarms of its keys start it when they go off, not when they are over, and no others', () => {
  prod.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'lambda',
    Endpoint: { 'Fn::GetAtt': [Match.stringLikeRegexp('Revoke'), 'Arn'] },
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: {
      NewStateValue: ['ALARM'],
      // A dot ends the name of a signal, so that none begins another.
      AlarmName: ['auth-failures.', 'volume-band.', 'volume-ceiling.', 'off-hours.'].map(signal => ({
        prefix: `keyturn-prod-${signal}`,
      })),
    },
  });
});

test('what is unfinished is taken up every hour', () => {
  prod.hasResourceProperties('AWS::Events::Rule', {
    Name: 'keyturn-prod-unfinished-incidents',
    ScheduleExpression: 'rate(1 hour)',
    State: Match.absent(),
    Targets: [Match.objectLike({ Input: '{"kind":"take-up"}' })],
  });
});

test('it has a quarter of an hour, and Lambda tries an event three times within one hour', () => {
  prod.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'keyturn-prod-emergency-revoke',
    Timeout: 900,
    MemorySize: 2048,
  });
  prod.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: Match.stringLikeRegexp('Revoke') },
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 3600,
  });
});
