import { Fn, Validations } from 'aws-cdk-lib';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { rotates } from '../../connectors/contract/connector';
import { secretName } from '../../core/key/key-address';
import { functionArn, functionRoleArn } from '../config/arns';
import { describeKey, type Environment, type Key } from '../config/config';
import { deployersOf } from '../config/deployers';
import { readersOf } from '../config/key-readers';
import { type FunctionName, keyArnExport } from '../config/names';
import { type ProviderName, providers } from '../config/providers';
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

  constructor(
    scope: Construct,
    id: string,
    { key, environment: { policy, admins, deployers, rolePath, leakReports }, serverRole }: KeySecretProps,
  ) {
    super(scope, id);
    const { environment, provider, server, purpose } = key.address;
    const { team, tier, settings, replicas } = key.spec;
    const metadata = providers[provider as ProviderName];
    const rotate = `rotate-${provider}` as const;
    const isRotated = rotates(metadata, settings);
    const roleOf = (name: FunctionName) => functionRoleArn(this, { name: environment, rolePath }, name);
    const { server: serverReads, readers, writers } = readersOf(key, { leakReports });
    const secret = new GuardedSecret(this, 'Key', {
      kmsKeyArn: Fn.importValue(keyArnExport(environment)),
      secretName: secretName(key.address),
      description: describeKey(key, metadata.title),
      policy,
      replicas,
      access: {
        grantee: serverReads ? serverRole : undefined,
        readers: readers.map(roleOf),
        writers: writers.map(roleOf),
        // It starts those afresh that cannot go on.
        starters: isRotated ? [roleOf('retire')] : [],
        deployers: deployersOf(this, { name: environment, deployers }),
        admins,
      },
      tags: { environment, provider, server, purpose, team, tier },
    });
    this.secretArn = secret.secretArn;
    if (!isRotated) {
      Validations.of(secret.resource).acknowledge({
        id: 'AwsSolutions-SMG4',
        reason: `${metadata.title} lets only a person make this key, which then comes in by \`npx keyturn adopt\`.`,
      });
      return;
    }
    new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secretArn,
      rotationLambdaArn: functionArn(this, environment, rotate),
      rotationRules: { scheduleExpression: key.schedule.cron, duration: `${key.schedule.windowHours}h` },
      // A deploy never rotates: the first key is made with `keyturn issue`, once its issuer credential is there.
      rotateImmediatelyOnUpdate: false,
    });
  }
}
