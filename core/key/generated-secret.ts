// Secrets that Keyturn makes itself: <prefix>_<43 characters: 256 random bits><6 characters: checksum>, letters and digits.
// The prefix lets scanners find a leaked one, the checksum lets anybody tell a real one from a mangled one, offline.
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const bodyLength = 43; // 62^43 > 2^256
const checksumLength = 6; // 62^6 > 2^32
const shape = new RegExp(`^.+_[0-9A-Za-z]{${bodyLength + checksumLength}}$`);

/** @param prefix what a leaked secret is recognised by */
export function generateSecret(prefix = 'keyturn'): string {
  const start = `${prefix}_${base62(BigInt(`0x${randomBytes(32).toString('hex')}`), bodyLength)}`;
  return start + checksum(start);
}

/** False for a secret that Keyturn did not make, and for one that was cut or mistyped. */
export function checksumHolds(secret: string): boolean {
  return shape.test(secret) && secret.endsWith(checksum(secret.slice(0, -checksumLength)));
}

/** Names a secret without telling it: the key id of keys that Keyturn makes. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}

function checksum(text: string): string {
  return base62(BigInt(crc32(text)), checksumLength);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = digits[Number(rest % 62n)] + text;
  return text;
}
