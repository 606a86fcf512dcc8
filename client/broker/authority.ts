// The certificates with which the broker answers in the place of providers. Its authority lives in memory, and can vouch for the
// declared hosts alone: clients refuse it for any other.
import 'reflect-metadata';
import { createECDH, hkdfSync, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { dayMs } from '../../core/time';

export interface Authority {
  /** What clients have to trust. PEM */
  certificate: string;
  /** For one host that was declared. */
  contextFor(host: string): Promise<SecureContext>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const nameConstraintsId = '2.5.29.30';
/** A server can run for long; the authority ends with the process that keeps its key. */
const livesMs = 3_650 * dayMs;
/** Clocks of hosts differ. */
const earlierMs = dayMs;

/**
 * @param hosts names, of which `*.example.com` stands for every one below example.com
 * @param seed what its key is made of: whoever trusts it goes on to do so when another process has the same one
 */
export async function createAuthority(
  hosts: readonly string[],
  now: Date,
  seed?: string,
): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const valid = {
    notBefore: new Date(now.getTime() - earlierMs),
    notAfter: new Date(now.getTime() + livesMs),
  };
  const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const keys = seed === undefined ? await newKeys() : await keysFrom(seed);
  const { keyCertSign, digitalSignature } = x509.KeyUsageFlags;
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...valid,
    name: 'CN=Keyturn broker',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyCertSign, true),
      new x509.Extension(nameConstraintsId, true, constraintsTo(hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const contexts = new Map<string, Promise<SecureContext>>();

  async function issue(host: string): Promise<SecureContext> {
    const { publicKey, privateKey } = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...valid,
      subject: `CN=${host}`,
      issuer: own.subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
    return createSecureContext({
      cert: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    });
  }

  return {
    certificate: `${own.toString('pem')}\n`,
    contextFor(host) {
      const context = contexts.get(host) ?? issue(host);
      contexts.set(host, context);
      return context;
    },
  };
}

/** The order of P-256. https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-186.pdf */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** More bits than the order has, so that no key is likelier than another. */
async function keysFrom(seed: string): Promise<webcrypto.CryptoKeyPair> {
  const drawn = Buffer.from(hkdfSync('sha256', seed, '', 'authority of the broker', 48)).toString('hex');
  const scalar = ((BigInt(`0x${drawn}`) % (order - 1n)) + 1n).toString(16).padStart(64, '0');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar, 'hex');
  const point = curve.getPublicKey();
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), Buffer.from(scalar, 'hex')].map(bytes =>
    bytes.toString('base64url'),
  );
  const key = { kty: 'EC', crv: 'P-256', x, y } as webcrypto.JsonWebKey;
  const { subtle } = webcrypto;
  return {
    publicKey: await subtle.importKey('jwk', key, algorithm, true, ['verify']),
    privateKey: await subtle.importKey('jwk', { ...key, d } as webcrypto.JsonWebKey, algorithm, true, [
      'sign',
    ]),
  };
}

/** The declared hosts and those below them; no IP address. */
function constraintsTo(hosts: readonly string[]): ArrayBuffer {
  const subtrees = (names: Partial<GeneralName>[]) =>
    new GeneralSubtrees(names.map(name => new GeneralSubtree({ base: new GeneralName(name) })));
  const names = new Set(hosts.map(host => host.replace(/^\*\./, '')));
  return AsnConvert.serialize(
    new NameConstraints({
      permittedSubtrees: subtrees([...names].map(dNSName => ({ dNSName }))),
      excludedSubtrees: subtrees([{ iPAddress: '0.0.0.0/0' }, { iPAddress: '::/0' }]),
    }),
  );
}
