import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { Alias, type CfnAlias, type CfnKey, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { keyAlias } from '../config/aws/names';
import type { Environment } from '../config/config';
import { removalPolicyOf } from '../removal-policy';
import { noteUnusedGrants } from '../unused-grants';
import { keyPolicy, unusedKeyGrants } from './key-policy';

export interface EnvironmentKeyProps {
  readonly environment: Environment;
}

/** The KMS key of an environment: for its topics, and for its secrets, whose origin it proves. */
export class EnvironmentKey extends Construct {
  readonly key: IKey;
  /** What has to be there before anything is encrypted under it. */
  readonly made: readonly CfnAlias[];

  constructor(scope: Construct, id: string, { environment }: EnvironmentKeyProps) {
    super(scope, id);
    const { name, kmsKey } = environment;
    if (kmsKey) {
      this.key = Key.fromKeyArn(this, 'Key', kmsKey.arn);
      this.made = [];
      return;
    }
    // Without its alias, the secrets that outlive a stack could not be written any more.
    const removalPolicy = removalPolicyOf(environment.policy);
    const key = new Key(this, 'Key', {
      description: `Keyturn's secrets and topics in ${name}`,
      enableKeyRotation: true,
      policy: new PolicyDocument({ statements: keyPolicy(this, environment) }),
      removalPolicy,
    });
    const alias = new Alias(this, 'Alias', { aliasName: keyAlias(name), targetKey: key, removalPolicy });
    noteUnusedGrants(key.node.defaultChild as CfnKey, unusedKeyGrants);
    this.key = key;
    this.made = [alias.node.defaultChild as CfnAlias];
  }
}
