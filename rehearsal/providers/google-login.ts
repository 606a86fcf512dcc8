// How Google's login takes assertions of service accounts, as its dialects play it.
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { unixSeconds, type WireCall, type WireReply } from './dialect';
import type { FakeAccount } from './fake-account';

export const login = 'https://oauth2.googleapis.com';

const pairs: { publicKey: string; privateKey: string }[] = [];

/** The n-th pair of this process: short, since making one takes long, and an account never sees the same twice. The first is the issuer's. */
export function keyPair(n: number) {
  pairs[n] ??= generateKeyPairSync('rsa', {
    modulusLength: 512,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return pairs[n];
}

export const grantRefused = (error_description: string, error = 'invalid_grant'): WireReply => ({
  status: 400,
  body: { error, error_description },
});
export const wrongSignature = () => grantRefused('Invalid JWT Signature.');

interface Assertion {
  head: { alg?: string; kid?: string };
  claims: { iss?: string; aud?: string; scope?: string; iat?: number; exp?: number };
  isSignedBy(publicKey: string): boolean;
}

export function assertionOf({ form }: WireCall): Assertion {
  const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const read = (part: string) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString());
    } catch {
      return {};
    }
  };
  return {
    head: read(head),
    claims: read(body),
    isSignedBy: publicKey =>
      verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url')),
  };
}

/** What an assertion is told that is none of now, of whoever signed it. */
export function faultOf(call: WireCall, account: FakeAccount): WireReply | undefined {
  const { head, claims } = assertionOf(call);
  if (call.form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return grantRefused('Invalid grant_type', 'unsupported_grant_type');
  const now = unixSeconds(account.now());
  const { aud, iat = 0, exp = 0 } = claims;
  if (head.alg !== 'RS256' || aud !== `${login}/token`)
    return grantRefused('Invalid JWT: Failed audience check.');
  if (iat > now + 60 || exp <= now || exp > iat + 3600)
    return grantRefused(
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    );
  return undefined;
}

/** As a server's library makes one; what is no key signs nothing. */
export function assertionBy(privateKey: string, kid: string, iss: string, iat: number): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const scope = 'https://www.googleapis.com/auth/cloud-platform';
  const claims = { iss, scope, aud: `${login}/token`, iat, exp: iat + 3600 };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
  const isKey = privateKey.includes('END PRIVATE KEY');
  return `${signed}.${isKey ? sign('sha256', Buffer.from(signed), privateKey).toString('base64url') : 'none'}`;
}
