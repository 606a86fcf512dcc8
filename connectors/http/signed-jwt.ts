// JSON Web Tokens signed with RS256 (RFC 7515, 7519), which tell a provider who calls by a private key that never leaves us.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { KeyturnError } from '../../core/errors';

/**
 * @param kid names the key, where the provider wants that
 * @throws {KeyturnError} bad-secret, where the key is not an RSA private key in PEM
 */
export function signJwt(claims: Record<string, string | number>, privateKey: string, kid?: string): string {
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), readRsaKey(privateKey)).toString('base64url')}`;
}

/** @throws {KeyturnError} bad-secret */
export function readRsaKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause is dropped: nothing that has read a private key shall be quoted.
  }
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new KeyturnError(
    'bad-secret',
    'the private key is not an RSA key in PEM; put the file in unchanged, line breaks and all, with `npx keyturn adopt`',
  );
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
