// Outbound identity federation: JWTs by which callers prove to others who they are in this account, and the keys that check them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from '@keyturn/iam/request';
import type { CryptoKey, JSONWebKeySet } from 'jose';
import type { Virtual } from '../clock/virtual';

export const signingAlgorithms = ['RS256', 'ES384'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

export interface IdentityRequest {
  audience: readonly string[];
  seconds: number;
  algorithm: SigningAlgorithm;
  tags: Readonly<Record<string, string>>;
  caller: Caller;
  /** Where it is asked for. */
  region: string;
}

export interface WebIdentity {
  /** The account's own: `https://<uuid>.tokens.sts.global.api.aws`. */
  readonly issuer: string;
  /** Off until somebody turns it on, once for the whole account. */
  isEnabled: boolean;
  token(request: IdentityRequest): Promise<string>;
  /** What `<issuer>/.well-known/jwks.json` answers. */
  keySet(): Promise<JSONWebKeySet>;
}

interface SigningKey {
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

export function createWebIdentity({
  account,
  virtual,
}: {
  account: string;
  virtual: Pick<Virtual, 'now'>;
}): WebIdentity {
  const issuer = `https://${uuidOf(account)}.tokens.sts.global.api.aws`;
  const keys = new Map<SigningAlgorithm, Promise<SigningKey>>();

  /** Made when it is first needed: an RSA key takes a while. */
  function keyFor(algorithm: SigningAlgorithm): Promise<SigningKey> {
    const key = keys.get(algorithm) ?? makeKey(algorithm);
    keys.set(algorithm, key);
    return key;
  }

  return {
    issuer,
    isEnabled: false,
    async token({ audience, seconds, algorithm, tags, caller, region }) {
      const { SignJWT } = await import('jose');
      const { id, privateKey } = await keyFor(algorithm);
      const now = Math.floor(virtual.now().getTime() / 1000);
      const principal = principalOf(caller);
      const claims = {
        aws_account: account,
        source_region: region,
        principal_id: principal,
        ...(Object.keys(tags).length && { request_tags: tags }),
      };
      return new SignJWT({ 'https://sts.amazonaws.com/': claims })
        .setProtectedHeader({ alg: algorithm, kid: id, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(principal)
        .setAudience(audience.length === 1 ? String(audience[0]) : [...audience])
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .setJti(randomUUID())
        .sign(privateKey);
    },
    async keySet() {
      const { exportJWK } = await import('jose');
      const made = await Promise.all(signingAlgorithms.map(async alg => ({ alg, ...(await keyFor(alg)) })));
      return {
        keys: await Promise.all(
          made.map(async ({ alg, id, publicKey }) => ({
            ...(await exportJWK(publicKey)),
            alg,
            kid: id,
            use: 'sig',
          })),
        ),
      };
    },
  };
}

async function makeKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  const { generateKeyPair } = await import('jose');
  return { id: `${algorithm}_0`, ...(await generateKeyPair(algorithm)) };
}

/** Of a session, the role: not the session. */
function principalOf({ arn, kind, roleArn }: Caller): string {
  const [, partition, , , account, session = ''] = arn.split(':');
  const [, role] = session.split('/');
  return kind === 'role' ? (roleArn ?? `arn:${partition}:iam::${account}:role/${role}`) : arn;
}

function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return [8, 4, 4, 4, 12]
    .map((length, at, lengths) => {
      const from = lengths.slice(0, at).reduce((sum, each) => sum + each, 0);
      return digits.slice(from, from + length);
    })
    .join('-');
}
