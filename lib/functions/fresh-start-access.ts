// What it takes to end the key of a rotation that cannot go on, and to start the next one as it is scheduled.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { functionArn } from '../config/arns';
import { type Environment, providersInUse, rotatingProviders } from '../config/config';
import { attemptsStatements } from './attempts-access';
import { tellsEventBus } from './event-access';

/** @param keys patterns of the secrets */
export function startsRotationsAfresh(
  scope: Construct,
  environment: Environment,
  keys: string[],
): PolicyStatement[] {
  const rotationFunctions = rotatingProviders(environment).map(provider =>
    functionArn(scope, environment.name, `rotate-${provider}`),
  );
  if (!rotationFunctions.length) return [];
  return [
    new PolicyStatement({
      sid: 'SeesStuckRotations',
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'],
      resources: keys,
    }),
    new PolicyStatement({
      sid: 'StartsRotations',
      actions: ['secretsmanager:RotateSecret'],
      resources: keys,
      // With no other function, and by no other schedule.
      conditions: {
        ArnLikeIfExists: { 'secretsmanager:RotationLambdaARN': rotationFunctions },
        BoolIfExists: { 'secretsmanager:ModifyRotationRules': 'false' },
      },
    }),
    new PolicyStatement({
      sid: 'RotationFunctions',
      actions: ['lambda:InvokeFunction'],
      resources: rotationFunctions,
    }),
    ...attemptsStatements(scope, environment.name, providersInUse(environment)),
    tellsEventBus(scope),
  ];
}

/** By Sid. */
export const unusedToStartAfresh = {
  SeesStuckRotations: 'On a normal day no rotation is stuck.',
  StartsRotations: 'On a normal day AWS starts every rotation.',
  RotationFunctions: 'AWS asks whether who starts a rotation may call its function.',
  Attempts: 'A key that was made and lost is looked for where a rotation was given up.',
  TellsEventBus: 'On a normal day no key is unproven.',
};
