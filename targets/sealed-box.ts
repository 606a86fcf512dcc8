// The sealed box of libsodium, which only the owner of a public key can open: https://doc.libsodium.org/public-key_cryptography/sealed_boxes
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa';
import { blake2b } from '@noble/hashes/blake2b';

export const publicKeyLength = 32;
const nonceLength = 24;

/** Of X25519. */
export interface BoxKeys {
  /** The 32 bytes that others get. */
  publicKey: Buffer;
  privateKey: KeyObject;
}

/** @returns in Base64 @throws where the public key is none */
export function seal(text: string, publicKey: Buffer): string {
  const once = makeBoxKeys();
  const sealed = box(once.privateKey, publicKey, [once.publicKey, publicKey]).encrypt(Buffer.from(text));
  return Buffer.concat([once.publicKey, sealed]).toString('base64');
}

export function makeBoxKeys(): BoxKeys {
  const { privateKey } = generateKeyPairSync('x25519');
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return { publicKey: Buffer.from(x, 'base64url'), privateKey };
}

/**
 * NaCl's box between two keys: https://nacl.cr.yp.to/box.html
 * @param sealing the public key that is used once, and the owner's: they make the nonce
 */
export function box(privateKey: KeyObject, theirs: Buffer, sealing: [Buffer, Buffer]) {
  const x = theirs.toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  const nonce = blake2b(Buffer.concat(sealing), { dkLen: nonceLength });
  return xsalsa20poly1305(boxKey(diffieHellman({ privateKey, publicKey })), nonce);
}

/** HSalsa20 of what both know, with a nonce of zeros. */
function boxKey(shared: Buffer): Uint8Array {
  const words = (bytes: Uint8Array) => new Uint32Array(Uint8Array.from(bytes).buffer);
  const key = new Uint32Array(8);
  hsalsa(words(Buffer.from('expand 32-byte k')), words(shared), words(Buffer.alloc(16)), key);
  return new Uint8Array(key.buffer);
}
