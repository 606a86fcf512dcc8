// Key pairs for SSH: Ed25519, without a passphrase, in the files that OpenSSH itself writes (PROTOCOL.key of OpenSSH; RFC 8709).
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

const type = 'ssh-ed25519';
const magic = 'openssh-key-v1\0';
const [begin, end] = ['-----BEGIN OPENSSH PRIVATE KEY-----\n', '-----END OPENSSH PRIVATE KEY-----\n'];
const lineLength = 70;
/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface SshKeyPair {
  /** A file, as `ssh -i` takes it. */
  privateKey: string;
  /** `ssh-ed25519 AAAA...`, without a comment. */
  publicKey: string;
}

export function makeSshKeyPair(): SshKeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(pkcs8.length);
  const point = pointOf(seed);
  // The same number twice tells a right passphrase from a wrong one; here there is none.
  const check = randomBytes(4);
  const inner = [check, check, text(type), text(point), text(Buffer.concat([seed, point])), text('')];
  const length = Buffer.concat(inner).length;
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_one, at) => at + 1));
  const head = [Buffer.from(magic), text('none'), text('none'), text(''), number(1), text(blob(point))];
  const file = Buffer.concat([...head, text(Buffer.concat([...inner, padding]))]).toString('base64');
  const lines = file.replaceAll(new RegExp(`.{1,${lineLength}}`, 'g'), '$&\n');
  return { privateKey: begin + lines + end, publicKey: line(point) };
}

/** The public half that a private one makes; `undefined` for what is no such file. */
export function publicKeyOf(privateKey: string): string | undefined {
  const body = privateKey.trim().replaceAll(/-----(BEGIN|END) OPENSSH PRIVATE KEY-----|\s/g, '');
  const file = Buffer.from(body, 'base64');
  // Without a passphrase and with one key, every part has its place.
  const inner = Buffer.concat([text(type), number(32)]);
  const at = file.indexOf(inner, file.indexOf(inner) + 1) + inner.length + 32 + 4;
  const seed = file.subarray(at, at + 32);
  const isOurs = file.toString('latin1', 0, magic.length) === magic && file.indexOf(inner) >= 0;
  return isOurs && seed.length === 32 ? line(pointOf(seed)) : undefined;
}

function pointOf(seed: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
}

function blob(point: Buffer): Buffer {
  return Buffer.concat([text(type), text(point)]);
}

function line(point: Buffer): string {
  return `${type} ${blob(point).toString('base64')}`;
}

/** With its length before it (RFC 4251, section 5). */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
