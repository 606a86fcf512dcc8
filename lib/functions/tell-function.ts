import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { tableArn, topicArn } from '../config/aws/arns';
import type { Environment } from '../config/config';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, tellsPeople, unusedToTell } from '../permissions/people-access';
import { DeadLetters } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

export interface TellFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
}

/** Makes messages for people of alarms about Keyturn itself, and of rotations that fail. It does nothing else, so that little can stop it. */
export class TellFunction extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, { environment, code, kmsKeyArn }: TellFunctionProps) {
    super(scope, id);
    const { name } = environment;
    const alarms = topicArn(this, name, 'alarms');
    const { queue } = new DeadLetters(this, 'DeadLetters', {
      environment,
      name: 'tell',
      senders: [{ service: 'sns.amazonaws.com', sourceArn: alarms }],
    });
    const { function: tell } = new KeyturnFunction(this, 'Tell', {
      environment,
      name: 'tell',
      entry: 'tell',
      code,
      kmsKeyArn,
      description: `Tells the people on call for ${name} of alarms about Keyturn, and of rotations that fail`,
      timeout: Duration.minutes(1),
      calledBy: [
        {
          sid: 'Alarms',
          service: 'sns.amazonaws.com',
          source: { arn: alarms },
          unused: 'On a normal day no alarm goes off.',
        },
        calledByRule(this, 'Rotations', name, 'rotation-failed'),
        {
          ...calledByRule(this, 'Unproven', name, 'key-unproven'),
          unused: 'On a normal day every key is proven to be whose it is.',
        },
      ],
      statements: [
        new PolicyStatement({
          sid: 'KnowsWhatWasTold',
          actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
          resources: [tableArn(this, name)],
          conditions: {
            // Without it, a call that tells no key would do.
            Null: { 'dynamodb:LeadingKeys': 'false' },
            'ForAllValues:StringEquals': {
              'dynamodb:LeadingKeys': ['problem', 'problem-group', 'found'],
            },
          },
        }),
        new PolicyStatement({
          sid: 'ConfirmsUnproven',
          actions: ['dynamodb:GetItem'],
          resources: [tableArn(this, name)],
          conditions: {
            Null: { 'dynamodb:LeadingKeys': 'false' },
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['unproven'] },
          },
        }),
        ...tellsPeople(this, environment),
        new PolicyStatement({
          sid: 'OwnDeadLetters',
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
        }),
      ],
      wildcards: {},
      unused: {
        ...(environment.trail
          ? {}
          : { KnowsWhatWasTold: 'Without a trail, EventBridge hears of no rotation.' }),
        ConfirmsUnproven: 'On a normal day every key is proven to be whose it is.',
        ...unusedToTell(environment),
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
      },
      variables: { KEYTURN_ALARMS_TOPIC: alarms, ...peopleVariables(this, environment) },
      deadLetterQueue: queue,
    });
    this.functionArn = tell.functionArn;
    new CfnSubscription(this, 'Alarms', {
      topicArn: alarms,
      protocol: 'lambda',
      endpoint: tell.functionArn,
      redrivePolicy: { deadLetterTargetArn: queue.queueArn },
    });
  }
}
