import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { issuerSecretName } from '../../core/key/key-address';
import type { TokenPlace } from '../../targets/targets';
import { functionRoleArn } from '../config/aws/arns';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { GuardedSecret } from './guarded-secret';

/** The token that writes at places of one kind outside AWS: the deliver function reads it, admins set it, nobody else can do either. */
export function placeToken(
  scope: Construct,
  environment: Environment,
  { to, token: { title } }: TokenPlace,
  kmsKeyArn: string,
): GuardedSecret {
  const { name, policy, admins } = environment;
  const secret = new GuardedSecret(scope, `PlaceToken-${to}`, {
    kmsKeyArn,
    secretName: issuerSecretName(name, to),
    description: `The token with which Keyturn brings keys of ${name} to ${title}. Set with \`npx keyturn issuer set\`.`,
    policy,
    access: {
      readers: [functionRoleArn(scope, environment, 'deliver')],
      writers: [],
      deployers: deployersOf(scope, environment),
      admins,
    },
    tags: { environment: name, place: to },
  });
  Validations.of(secret.resource).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: `A person makes the token at ${title} and sets it with \`npx keyturn issuer set\`; no API could rotate it.`,
  });
  return secret;
}
