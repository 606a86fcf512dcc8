import { Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { issuerSecretName } from '../../core/key/key-address';
import { functionRoleArn } from '../config/aws/arns';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { type ProviderName, providers } from '../config/providers';
import { GuardedSecret } from './guarded-secret';

export interface IssuerSecretProps {
  readonly environment: Pick<Environment, 'name' | 'policy' | 'admins' | 'deployers' | 'rolePath'>;
  readonly provider: ProviderName;
  readonly kmsKeyArn: string;
}

/** The ARNs of an environment's issuer credentials. */
export type IssuerArns = ReadonlyMap<ProviderName, string>;

/** The admin credential of one provider: Keyturn's functions read it, admins set it, nobody else can do either. */
export class IssuerSecret extends Construct {
  /** With the suffix that AWS adds: what somebody else creates under this name has another one. */
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { environment, provider, kmsKeyArn }: IssuerSecretProps) {
    super(scope, id);
    const { title } = providers[provider];
    const secret = new GuardedSecret(this, 'Credential', {
      kmsKeyArn,
      secretName: issuerSecretName(environment.name, provider),
      description: `${title}'s admin credential, with which Keyturn makes and revokes keys in ${environment.name}. Set with \`npx keyturn issuer set\`.`,
      policy: environment.policy,
      access: {
        readers: [
          functionRoleArn(this, environment, `rotate-${provider}`),
          functionRoleArn(this, environment, 'retire'),
          functionRoleArn(this, environment, 'emergency-revoke'),
          functionRoleArn(this, environment, 'audit'),
        ],
        writers: [],
        deployers: deployersOf(this, environment),
        admins: environment.admins,
      },
      tags: { environment: environment.name, provider },
    });
    this.secretArn = secret.secretArn;
    Validations.of(secret.resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A person makes the issuer credential at the provider and sets it with `npx keyturn issuer set`; no API could rotate them all.',
    });
  }
}
