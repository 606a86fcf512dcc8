// Reads issuer credentials: the provider's admin keys, which only Keyturn's functions may read.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../../../core/errors';
import { issuerSecretName } from '../../../core/key/key-address';
import { secretsManager } from './secret-store';

/** The issuer credential as parsed JSON; its shape is the connector's to check. @throws {KeyturnError} bad-issuer */
export async function readIssuer(environment: string, provider: string): Promise<unknown> {
  const name = issuerSecretName(environment, provider);
  const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: name }));
  try {
    return JSON.parse(SecretString ?? '');
  } catch {
    // The cause is dropped: JSON.parse quotes its input.
    throw new KeyturnError(
      'bad-issuer',
      `${name} is not JSON; set it again with \`keyturn issuer set ${provider} --env ${environment}\``,
    );
  }
}
