// Here stand secrets, and who may read and change them. Both kinds, keys and issuer credentials, are a GuardedSecret.
import { CfnResourcePolicy, CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { unissuedPlaceholder } from '../../core/key/secret-value';
import type { PolicyName } from '../config/policy';
import { removalPolicyOf } from '../removal-policy';
import { type SecretAccess, secretPolicy } from './secret-access';

export interface GuardedSecretProps {
  /** Of the environment's KMS key. */
  readonly kmsKeyArn: string;
  readonly secretName: string;
  readonly description: string;
  /** `prod` keeps the secret, and its policy, when the stack lets go of them. */
  readonly policy: PolicyName;
  readonly access: SecretAccess;
  /** What AWS calls secrets of its partner: such a one starts without a value. @default - it is none */
  readonly type?: string;
  /** Other regions that get a replica, under AWS's own key there. @default - none */
  readonly replicas?: readonly string[];
  /** Without the prefix `keyturn:`. */
  readonly tags: Record<string, string>;
}

/** A secret that starts without a key, encrypted under the environment's key, with a policy that shuts out everyone unnamed. */
export class GuardedSecret extends Construct {
  /** With the suffix that AWS adds. */
  readonly secretArn: string;
  readonly resource: CfnSecret;

  constructor(scope: Construct, id: string, props: GuardedSecretProps) {
    super(scope, id);
    this.resource = new CfnSecret(this, 'Secret', {
      name: props.secretName,
      description: props.description,
      kmsKeyId: props.kmsKeyArn,
      ...(props.type ? { type: props.type } : { secretString: unissuedPlaceholder }),
      replicaRegions: props.replicas?.map(region => ({ region })),
      tags: Object.entries(props.tags).map(([key, value]) => ({ key: `keyturn:${key}`, value })),
    });
    this.secretArn = this.resource.ref;
    const guard = new CfnResourcePolicy(this, 'Policy', {
      secretId: this.secretArn,
      resourcePolicy: secretPolicy(props.access),
      blockPublicPolicy: true,
    });
    // CloudFormation deletes secrets without a recovery window, so a live key would be gone at once.
    for (const resource of [this.resource, guard]) resource.applyRemovalPolicy(removalPolicyOf(props.policy));
  }
}
