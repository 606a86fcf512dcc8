import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { alarmNameStart } from '../../core/incident/alarm-name';
import { signalNames, signals } from '../../core/incident/signals';
import { ScheduledRun } from '../alarms/scheduled-run';
import { keptIfUndelivered } from '../alarms/undelivered';
import { topicArn } from '../config/aws/arns';
import { eventSource, ruleName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { emergencyAccess, emergencyStatements, emergencyWildcards } from '../permissions/emergency-access';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, unusedToTell } from '../permissions/people-access';
import type { IssuerArns } from '../secrets/issuer-secret';
import { DeadLetters } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

const quietDay = 'On a normal day no alarm goes off, and nobody strange reads a secret.';

export interface EmergencyFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  readonly issuerArns: IssuerArns;
  readonly tableArn: string;
}

/** Replaces and revokes keys: called by alarms, by the watch function's signals, and by people. */
export class EmergencyFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, code, kmsKeyArn, issuerArns, tableArn }: EmergencyFunctionProps,
  ) {
    super(scope, id);
    const { name } = environment;
    const alarms = topicArn(this, name, 'alarms');
    const { queue } = new DeadLetters(this, 'DeadLetters', {
      environment,
      name: 'emergency-revoke',
      senders: [{ service: 'sns.amazonaws.com', sourceArn: alarms }],
    });
    const { function: revoke } = new KeyturnFunction(this, 'Revoke', {
      environment,
      name: 'emergency-revoke',
      entry: 'emergency-revoke',
      code,
      kmsKeyArn,
      description: `Replaces and revokes compromised keys of ${name}, proves them dead and tells on-call`,
      // A grace for servers, and proofs that a slow provider draws out; or a thousand keys at once.
      timeout: Duration.minutes(15),
      // A thousand keys are tens of thousands of signed calls: with less than a whole processor these take longer than AWS's quotas.
      memorySize: 2048,
      reservedConcurrency: environment.emergencyConcurrency,
      calledBy: [
        { sid: 'Alarms', service: 'sns.amazonaws.com', source: { arn: alarms }, unused: quietDay },
        { ...calledByRule(this, 'Signals', name, 'signals'), unused: quietDay },
        calledByRule(this, 'Unfinished', name, 'unfinished-incidents'),
      ],
      invokers: environment.admins,
      statements: emergencyStatements(this, environment, tableArn, queue.queueArn),
      providers: emergencyAccess(this, environment, issuerArns),
      wildcards: emergencyWildcards(this, environment),
      unused: {
        Keys: 'An emergency can be about any key; a normal day has none.',
        IssuerCredentials: 'An emergency can be about any provider; a normal day has none.',
        Incidents: 'A normal day has no incident to write down.',
        FindsAlarms: 'Alarms are confirmed when they go off, and on a normal day none does.',
        ReadsAlarmHistory: 'Only a late notification is about a change that only the history still knows.',
        Investigates: 'A normal day has nothing to find out.',
        ...unusedToTell(environment),
        TellsEventBus: 'A normal day has nothing to tell.',
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
      },
      variables: {
        KEYTURN_ALARMS_TOPIC: alarms,
        ...peopleVariables(this, environment),
        ...(environment.containment === 'tell' && { KEYTURN_CONTAINMENT: 'tell' }),
      },
      deadLetterQueue: queue,
    });
    revoke.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(1) });
    new CfnSubscription(this, 'Alarms', {
      topicArn: alarms,
      protocol: 'lambda',
      endpoint: revoke.functionArn,
      // An alarm that is over needs nothing done; and an alarm that is about no key would be taken for a forgery.
      filterPolicyScope: 'MessageBody',
      filterPolicy: {
        NewStateValue: ['ALARM'],
        AlarmName: signalNames
          .filter(signal => signals[signal].source === 'alarm')
          .map(signal => ({ prefix: alarmNameStart(signal, name) })),
      },
      redrivePolicy: { deadLetterTargetArn: queue.queueArn },
    });
    this.onSignal(revoke, name);
    this.onUnfinished(revoke, environment);
  }

  private onSignal(revoke: LambdaFunction, environment: string): void {
    new CfnRule(this, 'Signals', {
      name: ruleName(environment, 'signals'),
      description: `What the watch function notices in ${environment}`,
      eventPattern: { source: [eventSource], 'detail-type': ['Key Signal'] },
      targets: [{ id: 'emergency-revoke', arn: revoke.functionArn, ...keptIfUndelivered(this, environment) }],
    });
  }

  private onUnfinished(
    revoke: LambdaFunction,
    { name: environment, notify: { runbook } }: Environment,
  ): void {
    new CfnRule(this, 'Unfinished', {
      name: ruleName(environment, 'unfinished-incidents'),
      description: `Takes up unfinished incidents of ${environment}`,
      scheduleExpression: 'rate(1 hour)',
      targets: [
        {
          id: 'emergency-revoke',
          arn: revoke.functionArn,
          input: '{"kind":"take-up"}',
          ...keptIfUndelivered(this, environment),
        },
      ],
    });
    new ScheduledRun(this, 'Missing', {
      environment,
      what: 'take-up',
      every: 'hour',
      runbook,
      rule: ruleName(environment, 'unfinished-incidents'),
    });
  }
}
