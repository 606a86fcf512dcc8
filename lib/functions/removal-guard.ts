import { createHash } from 'node:crypto';
import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { KeySpecs } from '../../core/key/key-spec';
import { secretArn } from '../config/aws/arns';
import { trailBucketName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { KeyturnFunction } from './keyturn-function';

const tryFor = Duration.minutes(3);
/** An answer that is lost is sent again by Lambda's two further tries, a minute and two minutes after the one before; after these nothing comes any more. The default is an hour. */
const waitFor = Duration.minutes(3 * tryFor.toMinutes() + 1 + 2 + 1);

/**
 * Outside prod all goes with the environment, and CloudFormation deletes no bucket that holds something. A file of the trail
 * that comes after would be in the way again, so that the trail has to go before.
 */
export class EmptiedLog extends CustomResource {
  /** @param guardArn of the function that empties it: the removal guard */
  constructor(scope: Construct, id: string, guardArn: string) {
    super(scope, id, {
      resourceType: 'Custom::KeyturnTrailLog',
      serviceToken: guardArn,
      serviceTimeout: waitFor,
    });
  }
}

/** Whether what the environment's trail wrote goes with it. */
export function emptiesTrailLog({ policy, trail }: Pick<Environment, 'policy' | 'trail'>): boolean {
  return trail === 'create' && policy !== 'prod';
}

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
  readonly functionArn: string;

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
    const onlyDestroys = 'It empties the bucket of the trail when the environment is destroyed.';
    const bucket = emptiesTrailLog(environment)
      ? trailBucketName(name, environment.account, environment.region)
      : undefined;
    const bucketArn = `arn:${Stack.of(this).partition}:s3:::${bucket}`;
    const { function: guard } = new KeyturnFunction(this, 'Guard', {
      environment,
      name: 'removal-guard',
      entry: 'removal-guard',
      code,
      kmsKeyArn,
      description: `Stops deploys of ${name} that would leave a live key behind`,
      timeout: tryFor,
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
        new PolicyStatement({
          sid: 'FindsLog',
          actions: ['s3:ListBucketVersions'],
          resources: bucket ? [bucketArn] : [],
        }),
        new PolicyStatement({
          sid: 'EmptiesLog',
          actions: ['s3:DeleteObjectVersion'],
          resources: bucket ? [`${bucketArn}/*`] : [],
        }),
      ],
      ...(bucket && { variables: { KEYTURN_TRAIL_BUCKET: bucket } }),
      wildcards: {
        '*': 'ListSecrets knows no narrower resource; it shows names and labels, never a value.',
        [keys]: `Any key of ${name} can be one that is removed, of providers too that are in use no more.`,
        [ownStack]: 'The id of the stack itself, which AWS makes up.',
        ...(bucket && {
          [`${bucketArn}/*`]: "Every file of the environment's own trail, and of nothing else.",
        }),
      },
      unused: {
        ...(bucket && { FindsLog: onlyDestroys, EmptiesLog: onlyDestroys }),
        FindsKeys: onlyDeploys,
        OwnLog: onlyDeploys,
        SeesKeys: onlyDeploys,
        SeesRollbacks: onlyDeploys,
      },
    });
    this.functionArn = guard.functionArn;
    new CustomResource(this, 'Removals', {
      resourceType: 'Custom::KeyturnRemovalGuard',
      serviceToken: guard.functionArn,
      serviceTimeout: waitFor,
      properties: {
        Registry: createHash('sha256').update(JSON.stringify(specs)).digest('hex'),
        Abandoned: Object.keys(environment.abandonedKeys ?? {}).sort(),
      },
    });
  }
}
