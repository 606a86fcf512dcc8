// Turns failures of AWS into one error: who may not do what to what, and what to do about it.
import { type AwsFailure, absentCredentials, refusedCredentials } from '../../client/keys/aws-client';
import { KeyturnError } from '../../core/errors';

const deniedText = /^User: (\S+) is not authorized to perform: (\S+) on resource: (\S+)/;

/** @param command as the SDK calls it: `RotateSecretCommand` */
export function explainAwsError(error: unknown, command: string, input: object, service: string): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, $metadata } = error as AwsFailure;
  const secretId = (input as { SecretId?: string }).SecretId;
  const action = `${service}:${command.replace(/Command$/, '')}`;
  const call = secretId ? `${action} on ${secretId}` : action;
  if (/^(AccessDenied|AuthorizationError)/.test(name))
    return denied(message, action, secretId ?? `any resource of ${service}`);
  const logIn = 'run `aws sso login`, set AWS_PROFILE, or name a profile with --profile';
  if (absentCredentials.includes(name))
    return new KeyturnError('not-allowed', `no AWS credentials found (${name}); ${logIn}`);
  if (refusedCredentials.includes(name))
    return new KeyturnError('not-allowed', `AWS does not accept the credentials in use (${name}); ${logIn}`);
  if (name === 'ResourceNotFoundException' || name === 'NotFoundException') {
    const what = secretId ? `secret ${secretId}` : `resource for ${action}`;
    return new KeyturnError('not-deployed', `AWS has no ${what}; deploy its stack with \`npx cdk deploy\``);
  }
  if (name === 'ThrottlingException') {
    return new KeyturnError('rate-limited', `AWS throttled ${call}; run this again in a minute`);
  }
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    return new KeyturnError(
      'no-answer',
      `${call} got no answer (${name}); check that you can reach AWS, and run this again`,
    );
  }
  if (status >= 500) {
    return new KeyturnError(
      'provider-down',
      `AWS answered ${status} to ${call} (${name}); run this again in a minute`,
    );
  }
  return new KeyturnError(
    'refused',
    `AWS answered ${name} to ${call} ("${message}"); look at its state with \`npx keyturn status\``,
  );
}

function denied(message: string, action: string, resource: string): KeyturnError {
  if (/Access to KMS is not allowed/.test(message)) {
    return new KeyturnError(
      'not-allowed',
      `AWS does not allow the use of the key that encrypts ${resource}; use a role that \`admins\` in the configuration names`,
    );
  }
  const [, who = 'the role in use', what = action, whereTo = resource] = deniedText.exec(message) ?? [];
  const reason = /because (.+?)\.?$/.exec(message)?.[1];
  return new KeyturnError(
    'not-allowed',
    `AWS does not allow ${who} to ${what} on ${whereTo}${reason ? ` (${reason})` : ''}; give it this permission, and check that \`admins\` in the configuration names it`,
  );
}
