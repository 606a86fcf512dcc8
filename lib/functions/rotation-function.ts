import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { stepTakesAtMostMs } from '../../core/rotation/rotation';
import { functionRoleArn, secretArn } from '../config/aws/arns';
import { providerSecrets } from '../config/aws/names';
import { deployersOf } from '../config/deployers';
import { type ProviderName, providers } from '../config/providers';
import { attemptsStatements } from '../permissions/attempts-access';
import { certifiesEnds } from '../permissions/certificates-access';
import { tellsEventBus } from '../permissions/event-access';
import { type FunctionEnvironment, KeyturnFunction } from './keyturn-function';

export interface RotationFunctionProps {
  readonly environment: FunctionEnvironment;
  readonly provider: ProviderName;
  readonly code: Code;
  readonly kmsKeyArn: string;
  /** ARN of the provider's issuer credential. @default - it needs none */
  readonly issuerArn?: string | undefined;
}

/** Rotates the keys of one provider, and reaches nothing else. */
export class RotationFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, provider, code, kmsKeyArn, issuerArn }: RotationFunctionProps,
  ) {
    super(scope, id);
    const { account } = Stack.of(this);
    const { title } = providers[provider];
    const keys = secretArn(this, providerSecrets(environment.name, provider));
    const statements = [
      new PolicyStatement({
        sid: 'KeysOfProvider',
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: [keys],
      }),
      ...attemptsStatements(this, environment.name, [provider]),
      tellsEventBus(this),
      certifiesEnds(this, environment.name),
    ];
    if (issuerArn) statements.push(readsIssuer(issuerArn));
    new KeyturnFunction(this, 'Rotate', {
      environment,
      name: `rotate-${provider}`,
      entry: 'rotate',
      code,
      kmsKeyArn,
      description: `Rotates the ${title} keys of ${environment.name}, called by Secrets Manager`,
      timeout: Duration.millis(stepTakesAtMostMs),
      calledBy: [{ sid: 'SecretsManager', service: 'secretsmanager.amazonaws.com', source: { account } }],
      // Who starts a rotation, or gives a secret its schedule, must be somebody who may call the function.
      invokers: [
        ...environment.admins,
        ...deployersOf(this, environment),
        functionRoleArn(this, environment, 'retire'),
      ],
      statements,
      wildcards: {
        [keys]: `Exactly the ${title} keys of ${environment.name}; server stacks add and remove some without this stack.`,
      },
      unused: {
        CertifiesEnds:
          'A rotation ends a key only where the one before it was not retired in time, or was dropped.',
        'dynamodb:GetItem':
          'What attempts were made is read only where the provider lists a key that may be a lost one.',
      },
      variables: { KEYTURN_PROVIDER: provider },
    });
  }
}

function readsIssuer(issuerArn: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'IssuerCredential',
    actions: ['secretsmanager:GetSecretValue'],
    resources: [issuerArn],
  });
}
