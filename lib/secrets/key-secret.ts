import { Fn, Validations } from 'aws-cdk-lib';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { rotatorOf } from '../../connectors/contract/made-by';
import { secretName } from '../../core/key/key-address';
import { awsRotationRoleArn, functionArn, functionRoleArn } from '../config/aws/arns';
import { type FunctionName, keyArnExport } from '../config/aws/names';
import { describeKey, type Environment, type Key } from '../config/config';
import { deployersOf } from '../config/deployers';
import { readersOf } from '../config/keys/key-readers';
import { type ProviderName, providers } from '../config/providers';
import type { AwsRotatedSecret } from './aws-rotation-role';
import { GuardedSecret } from './guarded-secret';

export interface KeySecretProps {
  /** As `validateConfig` gave it. */
  readonly key: Key;
  readonly environment: Pick<Environment, 'policy' | 'admins' | 'deployers' | 'rolePath' | 'leakReports'>;
  /** ARN of the role that the MCP server runs as; it must exist before the stack is deployed. */
  readonly serverRole: string;
}

/** One key of one MCP server: its secret, who may read it, and when it rotates. */
export class KeySecret extends Construct {
  /** With the suffix that AWS adds. */
  readonly secretArn: string;
  /** Where AWS itself rotates it. */
  readonly awsRotated?: AwsRotatedSecret;

  constructor(
    scope: Construct,
    id: string,
    { key, environment: { policy, admins, deployers, rolePath, leakReports }, serverRole }: KeySecretProps,
  ) {
    super(scope, id);
    const { environment, provider, server, purpose } = key.address;
    const { team, tier, replicas } = key.spec;
    const metadata = providers[provider as ProviderName];
    const rotator = rotatorOf(metadata, key.spec);
    const place = { name: environment, rolePath };
    const roleOf = (name: FunctionName) => functionRoleArn(this, place, name);
    const awsRole = key.awsRotation && awsRotationRoleArn(this, place, server);
    const { server: serverReads, readers, writers } = readersOf(key, { leakReports });
    const secret = new GuardedSecret(this, 'Key', {
      kmsKeyArn: Fn.importValue(keyArnExport(environment)),
      secretName: secretName(key.address),
      description: describeKey(key, metadata.title),
      policy,
      replicas,
      ...(key.awsRotation && { type: metadata.awsPartner?.type }),
      access: {
        grantee: serverReads ? serverRole : undefined,
        readers: readers.map(roleOf),
        writers: [...writers.map(roleOf), ...(awsRole ? [awsRole] : [])],
        // It starts those afresh that cannot go on.
        starters: rotator === 'keyturn' ? [roleOf('retire')] : [],
        deployers: deployersOf(this, { name: environment, deployers }),
        admins,
      },
      tags: { environment, provider, server, purpose, team, tier },
    });
    this.secretArn = secret.secretArn;
    if (key.awsRotation && metadata.awsPartner)
      this.awsRotated = {
        secretArn: this.secretArn,
        type: metadata.awsPartner.type,
        rotation: key.awsRotation,
      };
    if (rotator !== 'keyturn')
      Validations.of(secret.resource).acknowledge({
        id: 'AwsSolutions-SMG4',
        reason: key.awsRotation
          ? `AWS rotates it without a function, once its first value is there and \`rotatedBy: 'aws'\` is deployed.`
          : `${metadata.title} lets only a person make this key, which then comes in by \`npx keyturn adopt\`.`,
      });
    if (rotator === 'person' || key.awsRotation?.isOn === false) return;
    const schedule = new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secretArn,
      ...(key.awsRotation
        ? {
            externalSecretRotationRoleArn: awsRole,
            externalSecretRotationMetadata: Object.entries(key.awsRotation.metadata).map(([key, value]) => ({
              key,
              value,
            })),
          }
        : { rotationLambdaArn: functionArn(this, environment, `rotate-${provider}`) }),
      rotationRules: { scheduleExpression: key.schedule.cron, duration: `${key.schedule.windowHours}h` },
      // A deploy never rotates: the first key is made with `keyturn issue`, once its issuer credential is there.
      rotateImmediatelyOnUpdate: false,
    });
    if (this.awsRotated) this.awsRotated = { ...this.awsRotated, schedule };
  }
}
