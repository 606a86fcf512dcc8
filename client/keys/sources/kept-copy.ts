// The keys as they were read last, encrypted on the disk of a laptop: they serve for a day where AWS cannot be reached. Anyone
// with the file and the passphrase has the keys, so a copy is kept only if the team allows it and the person asks for it.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import { dayMs } from '../../../core/time';
import { type AwsFailure, isUnreachable } from '../aws-client';
import type { KeyVersion } from '../secrets/secret-reader';
import type { KeySource } from './key-source';

export interface CopyParts {
  file: string;
  passphrase(): Promise<string>;
  /** For people. */
  say(text: string): void;
  now(): number;
}

interface CopiedKey {
  held: KeyVersion;
  /** Milliseconds since 1970, by the clock of this machine. */
  readAt: number;
}
/** By the key's short name. */
type Copy = Record<string, CopiedKey>;

/** The shortest overlap: after that, the key of the copy may have ended. */
const servesMs = dayMs;

export function keepingCopy(source: KeySource, { file, passphrase, say, now }: CopyParts): KeySource {
  let copy: Promise<Copy> | undefined;

  function load(): Promise<Copy> {
    copy ??= readCopy();
    return copy;
  }

  async function readCopy(): Promise<Copy> {
    return existsSync(file) ? decrypt(readFileSync(file, 'utf8'), await passphrase(), file) : {};
  }

  async function keep(key: string, held: KeyVersion): Promise<void> {
    // A copy of another passphrase is replaced.
    const known = await load().catch(() => ({}));
    const next = { ...known, [key]: { held, readAt: now() } };
    copy = Promise.resolve(next);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, encrypt(next, await passphrase()), { mode: 0o600 });
    renameSync(draft, file);
  }

  function sayThatNoneWasKept({ message }: Error): void {
    say(`no copy of the keys was kept: ${message}`);
  }

  return {
    ...source,
    async read(address) {
      const key = shortName(address);
      try {
        const held = await source.read(address);
        // Tokens expire long before a copy does.
        if (!(await source.givesTokens(address))) await keep(key, held).catch(sayThatNoneWasKept);
        return held;
      } catch (error) {
        const { cause } = error as Error;
        // If AWS refuses access, so does the copy.
        if (!(cause instanceof Error) || !isUnreachable(cause as AwsFailure)) throw error;
        const kept = (await load())[key];
        if (!kept || !isGood(kept, now())) throw error;
        say(
          `AWS cannot be reached; using the key ${key} from the copy on this machine, read at ${new Date(kept.readAt).toISOString()}.`,
        );
        return kept.held;
      }
    },
  };
}

function isGood({ held, readAt }: CopiedKey, now: number): boolean {
  const { expiresAt } = held.value;
  return now - readAt < servesMs && readAt <= now && (!expiresAt || Date.parse(expiresAt) > now);
}

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
/** 64 MB and about 0.2 s a guess. */
const scrypt = { N: 2 ** 16, r: 8, p: 1, maxmem: 2 ** 27 };

interface SealedCopy {
  salt: string;
  nonce: string;
  tag: string;
  data: string;
}

function encrypt(copy: Copy, passphrase: string): string {
  const [salt, nonce] = [randomBytes(keyBytes), randomBytes(nonceBytes)];
  const sealing = createCipheriv(cipher, scryptSync(passphrase, salt, keyBytes, scrypt), nonce);
  const data = Buffer.concat([sealing.update(JSON.stringify(copy), 'utf8'), sealing.final()]);
  const parts = { salt, nonce, tag: sealing.getAuthTag(), data };
  return JSON.stringify(
    Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64')])),
  );
}

/** @throws {KeyturnError} bad-secret; the cause is dropped, since it could quote what was decrypted */
function decrypt(text: string, passphrase: string, file: string): Copy {
  try {
    const { salt, nonce, tag, data } = JSON.parse(text) as SealedCopy;
    const bytes = (encoded: string) => Buffer.from(encoded, 'base64');
    const key = scryptSync(passphrase, bytes(salt), keyBytes, scrypt);
    const opening = createDecipheriv(cipher, key, bytes(nonce), { authTagLength: 16 }).setAuthTag(bytes(tag));
    return JSON.parse(Buffer.concat([opening.update(bytes(data)), opening.final()]).toString('utf8')) as Copy;
  } catch {
    throw new KeyturnError(
      'bad-secret',
      `the copy of keys in ${file} was changed, or needs another passphrase; delete it, and start again while AWS can be reached`,
    );
  }
}
