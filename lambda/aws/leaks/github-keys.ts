// The public keys with which GitHub signs its reports, kept for a while: everybody can make us ask for them.
import * as z from 'zod/mini';
import { exchange, type HttpReply } from '../../../connectors/http/http-exchange';
import { KeyturnError } from '../../../core/errors';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs, minuteMs } from '../../../core/time';

/**
 * @returns the key in PEM; `undefined` where GitHub has no key of that id
 * @throws {KeyturnError} where GitHub does not say
 */
export type GithubKeys = (id: string) => Promise<string | undefined>;

const target = { provider: 'github', title: 'GitHub', origins: ['https://api.github.com'] };
const path = '/meta/public_keys/secret_scanning';
/** GitHub takes 60 calls an hour from an address that shows no token, and functions of others have the same address. */
const askedAgainMs = 5 * minuteMs;
/** A key that GitHub has withdrawn is not believed for longer; where GitHub does not say, for a day. */
const freshMs = hourMs;
const keptMs = dayMs;

const shape = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })),
});

export function createGithubKeys(
  clock: Clock,
  ask: () => Promise<HttpReply> = () => exchange(target, 'GET', path, {}),
): GithubKeys {
  let known: ReadonlyMap<string, string> | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function learn(): Promise<void> {
    askedAt = clock.now().getTime();
    const { status, body } = await ask();
    const read = shape.safeParse(body);
    if (status !== 200 || !read.success) {
      throw unknownNow(`GitHub answered ${status} to GET ${path}, without its public keys`);
    }
    known = new Map(read.data.public_keys.map(({ key_identifier, key }) => [key_identifier, key]));
    knownAt = askedAt;
  }

  return async id => {
    const now = clock.now().getTime();
    const isKnownSince = (ms: number) => known?.has(id) === true && now - knownAt < ms;
    if (!isKnownSince(freshMs) && (asking || now - askedAt >= askedAgainMs)) {
      asking ??= learn().finally(() => {
        asking = undefined;
      });
      await asking.catch((error: Error) => {
        if (!isKnownSince(keptMs)) throw error;
      });
    }
    if (isKnownSince(keptMs)) return known?.get(id);
    // Asked not long ago, and told: there is no such key.
    if (known && knownAt === askedAt) return undefined;
    throw unknownNow('GitHub did not give its public keys a moment ago');
  };
}

function unknownNow(what: string): KeyturnError {
  return new KeyturnError(
    'no-answer',
    `${what}; until it does, its reports are refused, and it is told to send them again`,
  );
}
