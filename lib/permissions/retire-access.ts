// What the retire function may do with keys and issuer credentials: end superseded keys, end the key of a rotation that cannot go
// on, and start the next one as it is scheduled.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { functionArn } from '../config/aws/arns';
import { type Environment, rotatingProviders } from '../config/config';
import { providerGroups } from '../config/provider-groups';
import { needsIssuerToRevoke, type ProviderName, providers } from '../config/providers';
import type { IssuerArns } from '../secrets/issuer-secret';
import { attemptsStatements } from './attempts-access';
import { issuerSecrets, keySecrets, type ProviderAccess } from './provider-policies';

const seesStuckRotations = ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'];

export function retireAccess(
  scope: Construct,
  environment: Environment,
  issuerArns: IssuerArns,
): ProviderAccess {
  return {
    groups: providerGroups(environment, 'retire'),
    statements: group => [
      new PolicyStatement({
        sid: 'Keys',
        actions: [
          'secretsmanager:GetSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
          ...(rotatingOf(environment, group).length ? seesStuckRotations : []),
        ],
        resources: keySecrets(scope, environment.name, group),
      }),
      ...startsRotationsAfresh(scope, environment, group),
      new PolicyStatement({
        sid: 'IssuerCredentials',
        actions: ['secretsmanager:GetSecretValue'],
        resources: issuerSecrets(
          issuerArns,
          group.filter(provider => needsIssuerToRevoke(providers[provider])),
        ),
      }),
    ],
  };
}

function rotatingOf(environment: Environment, group: readonly ProviderName[]): ProviderName[] {
  return rotatingProviders(environment).filter(provider => group.includes(provider));
}

function startsRotationsAfresh(
  scope: Construct,
  environment: Environment,
  group: readonly ProviderName[],
): PolicyStatement[] {
  const rotating = rotatingOf(environment, group);
  const rotationFunctions = rotating.map(provider =>
    functionArn(scope, environment.name, `rotate-${provider}`),
  );
  return [
    new PolicyStatement({
      sid: 'StartsRotations',
      actions: ['secretsmanager:RotateSecret'],
      resources: keySecrets(scope, environment.name, rotating),
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
    ...attemptsStatements(scope, environment.name, rotating),
  ];
}

/** By Sid or action. */
export const unusedToStartAfresh = {
  ...Object.fromEntries(seesStuckRotations.map(action => [action, 'On a normal day no rotation is stuck.'])),
  StartsRotations: 'On a normal day AWS starts every rotation.',
  RotationFunctions: 'AWS asks whether who starts a rotation may call its function.',
  Attempts: 'A key that was made and lost is looked for where a rotation was given up.',
  TellsEventBus: 'On a normal day no key is unproven.',
};
