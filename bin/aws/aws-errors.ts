// What AWS refused or could not do, as one error in words: who may not do what to what, and what to do about it.
import { KeyturnError } from '../../core/errors';

interface AwsFailure extends Error {
  $metadata?: { httpStatusCode?: number };
}

const deniedText = /^User: (\S+) is not authorized to perform: (\S+) on resource: (\S+)/;
const loggedOut = [
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'TokenProviderError',
];

/** @param command as the SDK calls it: `RotateSecretCommand` */
export function explainAwsError(
  error: unknown,
  command: string,
  input: object,
  service = command === 'GetCallerIdentityCommand' ? 'sts' : 'secretsmanager',
): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, $metadata } = error as AwsFailure;
  const secretId = (input as { SecretId?: string }).SecretId;
  const action = `${service}:${command.replace(/Command$/, '')}`;
  const call = secretId ? `${action} on ${secretId}` : action;
  if (/^AccessDenied/.test(name)) return denied(message, action, secretId ?? `any resource of ${service}`);
  if (loggedOut.includes(name)) {
    return new KeyturnError(
      'not-allowed',
      `AWS does not know who is asking (${name}); log in, for instance with \`aws sso login\``,
    );
  }
  if (name === 'ResourceNotFoundException') {
    const what = secretId ? `secret ${secretId}` : `resource for ${action}`;
    return new KeyturnError('not-found', `AWS has no ${what}; deploy its stack with \`npx cdk deploy\``);
  }
  if (name === 'ThrottlingException') {
    return new KeyturnError('rate-limited', `AWS throttled ${call}; run this again in a minute`);
  }
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    return new KeyturnError(
      'no-answer',
      `${call} got no answer (${name}); see that AWS can be reached, and run this again`,
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
    `AWS answered ${name} to ${call} ("${message}"); see what state it is in with \`keyturn status\``,
  );
}

function denied(message: string, action: string, resource: string): KeyturnError {
  if (/Access to KMS is not allowed/.test(message)) {
    return new KeyturnError(
      'not-allowed',
      `AWS does not allow the use of the key that encrypts ${resource}; use a role of the environment's account that \`admins\` in the configuration names`,
    );
  }
  const [, who = 'the role in use', what = action, whereTo = resource] = deniedText.exec(message) ?? [];
  const reason = /because (.+?)\.?$/.exec(message)?.[1];
  return new KeyturnError(
    'not-allowed',
    `AWS does not allow ${who} to ${what} on ${whereTo}${reason ? ` (${reason})` : ''}; give it this permission, and see that \`admins\` in the configuration names it`,
  );
}
