import { createHash } from 'node:crypto';
import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { KeySpecs } from '../../core/key/key-spec';
import { secretArn } from '../config/arns';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { KeyturnFunction } from './keyturn-function';

export interface RemovalGuardProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  /** The registry that this deployment gives to the functions. */
  readonly specs: KeySpecs;
}

/**
 * Stops an update of the platform stack that takes keys out of the registry while they may be alive. It is no part of the
 * server stacks: they delete secrets after the update has succeeded, when no failure stops anything any more.
 */
export class RemovalGuard extends Construct {
  constructor(scope: Construct, id: string, { environment, code, kmsKeyArn, specs }: RemovalGuardProps) {
    super(scope, id);
    const { name } = environment;
    const keys = secretArn(this, `keyturn/${name}/*`);
    const ownStack = Stack.of(this).formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${Stack.of(this).stackName}/*`,
    });
    const onlyDeploys =
      'It is called when the keys of the environment change, which they do not on a normal day.';
    const { function: guard } = new KeyturnFunction(this, 'Guard', {
      environment,
      name: 'removal-guard',
      entry: 'removal-guard',
      code,
      kmsKeyArn,
      description: `Stops deploys of ${name} that would leave a live key behind`,
      timeout: Duration.minutes(1),
      calledBy: [],
      // CloudFormation calls with the permissions of whoever deploys.
      invokers: deployersOf(this, environment),
      statements: [
        new PolicyStatement({
          sid: 'FindsKeys',
          actions: ['secretsmanager:ListSecrets'],
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'SeesKeys',
          actions: ['secretsmanager:DescribeSecret'],
          resources: [keys],
        }),
        new PolicyStatement({
          sid: 'SeesRollbacks',
          actions: ['cloudformation:DescribeStacks'],
          resources: [ownStack],
        }),
      ],
      wildcards: {
        '*': 'ListSecrets knows no narrower resource; it shows names and labels, never a value.',
        [keys]: `Any key of ${name} can be one that is removed, of providers too that are in use no more.`,
        [ownStack]: 'The id of the stack itself, which AWS makes up.',
      },
      unused: {
        FindsKeys: onlyDeploys,
        OwnLog: onlyDeploys,
        SeesKeys: onlyDeploys,
        SeesRollbacks: onlyDeploys,
      },
    });
    new CustomResource(this, 'Removals', {
      resourceType: 'Custom::KeyturnRemovalGuard',
      serviceToken: guard.functionArn,
      // An answer that is lost is sent again by Lambda's two further tries; after these nothing comes any more. The default is an hour.
      serviceTimeout: Duration.minutes(7),
      properties: {
        Registry: createHash('sha256').update(JSON.stringify(specs)).digest('hex'),
        Abandoned: Object.keys(environment.abandonedKeys ?? {}).sort(),
      },
    });
  }
}
