// Which keys a report is about: every key is compared with every find, by HMACs under a salt of this run. Nothing of that lasts, and
// how long it takes tells nothing.
import { createHash, createHmac, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { groupedBy } from '../grouped-by';
import type { SecretValue } from '../key/secret-value';
import { createRedaction } from '../text/redaction';
import { oneLine } from '../text/safe-text';
import type { Find } from './leak-report';

/** Anything shorter is no key: it would be found in ordinary texts. */
const shortestKey = 12;
const longestPlace = 300;

export interface Matcher {
  /** The finds that are this key. */
  match(value: SecretValue): Promise<readonly Find[]>;
}

/** @param salt of finds that are HMACs */
export function createMatcher(finds: readonly Find[], salt: string): Matcher {
  const ownSalt = randomBytes(32);
  const tag = (as: Find['as'], text: string) =>
    createHmac('sha256', ownSalt).update(`${as} ${text}`).digest('hex');
  const tagged = groupedBy(finds, ({ as, value }) => tag(as, as === 'text' ? normalized(value) : value));
  const kinds = new Set(finds.map(({ as }) => as));
  return {
    async match(value) {
      const forms = formsOf(value);
      const hashes = await Promise.all(
        forms.map(async form => [
          kinds.has('text') && tag('text', form),
          kinds.has('hmac') && tag('hmac', findHmac(form, salt)),
          kinds.has('hmsl') && tag('hmsl', await hmslHash(form)),
        ]),
      );
      return hashes.flat().flatMap(hash => (hash && tagged.get(hash)) || []);
    },
  };
}

/** What a person's machine sends of a find, so that the key stays there. @param salt of one report, never used again */
export function findHmac(text: string, salt: string): string {
  return createHmac('sha256', salt).update(normalized(text)).digest('hex');
}

/** The key, and how scanners write one that has two parts: id, colon, secret. */
function formsOf({ secret, keyId }: SecretValue): string[] {
  if (secret.length < shortestKey) return [];
  return [normalized(secret), normalized(`${keyId}:${secret}`)];
}

/** Line ends and blanks around it are the file's, not the key's. */
function normalized(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\r\n', '\n').trim();
}

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
const pepper = createHash('sha256').update('GitGuardian').digest();

/** As GitGuardian's own tool computes it: https://github.com/GitGuardian/ggshield, ggshield/verticals/hmsl/crypto.py */
export async function hmslHash(text: string): Promise<string> {
  return (await derive(text, pepper, 32, { N: 2048, r: 8, p: 1 })).toString('hex');
}

/**
 * Where the finds were made, as one line for people.
 * @param secrets all that the report is about: an address can hold them
 */
export function placeOfFinds(finds: readonly Find[], secrets: Iterable<string>): string | undefined {
  const where = finds.find(({ where }) => where)?.where;
  return where && oneLine(createRedaction(secrets).redact(where)).slice(0, longestPlace);
}
