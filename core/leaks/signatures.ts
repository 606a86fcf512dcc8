// Who signed a report: each scanner in its own way, always over the body exactly as it came.
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { minuteMs } from '../time';

/** Clocks differ, and a report may be on its way for a while; its sender's clock is signed with it. */
const onItsWayAtMostMs = 5 * minuteMs;

/**
 * ECDSA on P-256 over SHA-256.
 * @param signature DER in base64
 * @param publicKey in PEM
 */
export function isGithubSignature(body: Buffer, signature: string, publicKey: string): boolean {
  try {
    const key = createPublicKey(publicKey);
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify('sha256', body, key, Buffer.from(signature, 'base64'));
  } catch {
    // Neither a key nor a signature.
    return false;
  }
}

/**
 * HMAC-SHA-256 under the time and the token, one behind the other.
 * @param signature `sha256=<hex>`
 * @param timestamp as its header has it: in seconds, or as a date
 */
export function isGitGuardianSignature(
  body: Buffer,
  { signature, timestamp }: { signature: string; timestamp: string },
  token: string,
  now: Date,
): boolean {
  const holds = isSame(signature, `sha256=${hmac(timestamp + token, body)}`);
  return holds && Math.abs(now.getTime() - timeOf(timestamp)) <= onItsWayAtMostMs;
}

/**
 * HMAC-SHA-256 under the token: TruffleHog's `signatureMethod: hmac-sha256`. Its other method, a plain SHA-256 over token and body, is
 * not taken: whoever has seen one such signature can make another one for a longer body.
 * @param signature in hexadecimal digits
 */
export function isTruffleHogSignature(body: Buffer, signature: string, token: string): boolean {
  return isSame(signature, hmac(token, body));
}

function hmac(key: string, body: Buffer): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Milliseconds; `NaN` for what is no time. */
function timeOf(timestamp: string): number {
  const seconds = /^\d{9,11}(\.\d+)?$/.test(timestamp) ? Number(timestamp) : undefined;
  return seconds === undefined ? Date.parse(timestamp) : seconds * 1000;
}
