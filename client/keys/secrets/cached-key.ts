// One secret as a consumer holds it. A request must not wait for AWS without need, and must not fail
// because AWS cannot be reached: the old key stays valid for its whole overlap, so a copy that is minutes old still works.
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { hourMs } from '../../../core/time';
import {
  accepted,
  checked,
  described,
  firstCopy,
  hasPending,
  isSuperseded,
  isUsable,
  type KeyCopy,
  offered,
  replaced,
  servingOf,
  unanswered,
  untried,
} from './key-copy';
import { createKeySearch } from './search';
import type { KeyVersion, SecretReader } from './secret-reader';

/** A call that the provider rejected. */
export interface Rejection {
  version: KeyVersion;
  /** When the call began. Milliseconds. */
  begunAt: number;
  /** The versions that were tried for this call, one entry for each time. */
  tried: readonly string[];
}

export interface CachedKey {
  /** The key to use now. */
  get(): Promise<KeyVersion>;
  /**
   * What to try where the provider has rejected a key: a version that came since, the one that is about to come, or the same
   * once more where it was too young to be known everywhere.
   */
  afterRejection(rejection: Rejection): Promise<KeyVersion | undefined>;
  /** The provider has accepted this version in a call that began then. */
  accepted(version: KeyVersion, begunAt: number): void;
  /** True where another version is known to have taken its place. */
  isSuperseded(version: KeyVersion): boolean;
}

export interface CacheParts {
  reader: SecretReader;
  address: KeyAddress;
  /** How old a copy may be before AWS is asked whether there is a new version. Milliseconds. */
  refreshMs: number;
  /** How long a copy serves while AWS cannot be asked. Milliseconds. */
  staleMs: number;
  /** A copy is handed out past its time. */
  onStale(): void;
  now(): number;
  sleep(ms: number): Promise<void>;
}

export function createCachedKey(parts: CacheParts): CachedKey {
  const { reader, address, refreshMs, staleMs, onStale, now, sleep } = parts;
  let held: KeyCopy | undefined;
  let reading: Promise<KeyCopy> | undefined;
  const search = createKeySearch({ look: lookFor, now, sleep });

  /** One question at a time, for all who wait for its answer. */
  function read(): Promise<KeyCopy> {
    reading ??= (held ? check(held) : readFirst()).finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readFirst(): Promise<KeyCopy> {
    held = firstCopy(await reader.readCurrent(address), now());
    return held;
  }

  async function check(copy: KeyCopy): Promise<KeyCopy> {
    held = copy;
    try {
      const { versions } = await reader.describe(address);
      held = described(held, versions);
      if (!isUsable(held)) held = replaced(held, await reader.readCurrent(address));
      held = checked(held, now());
      return held;
    } catch (error) {
      held = unanswered(held, now());
      throw error;
    }
  }

  async function get(): Promise<KeyVersion> {
    const copy = held ?? (await read());
    const serving = servingOf(copy, now(), refreshMs);
    if (serving === 'use') return copy.version;
    if (serving === 'check-first') {
      return read().then(
        ({ version }) => version,
        error => unchecked(held ?? copy, error),
      );
    }
    // In the background: should it fail, the next request tries again.
    if (serving === 'use-and-check') read().catch(() => {});
    return serving === 'use-and-check' && copy.failedAt === undefined ? copy.version : unchecked(copy);
  }

  function unchecked({ version, checkedAt }: KeyCopy, cause?: unknown): KeyVersion {
    const { expiresAt } = version.value;
    const isExpired = expiresAt !== undefined && Date.parse(expiresAt) <= now();
    if (isExpired || now() - checkedAt >= staleMs) {
      const why = isExpired ? 'has expired' : `is older than ${staleMs / hourMs} hours`;
      throw new KeyturnError(
        'no-answer',
        `the last known key of ${shortName(address)} ${why} and Secrets Manager cannot be read; check AWS credentials and network`,
        { cause },
      );
    }
    onStale();
    return version;
  }

  async function lookFor(rejected: string): Promise<boolean> {
    if (held) held = offered(held, undefined);
    const copy = await read();
    if (copy.version.versionId !== rejected) return true;
    // Where a new key takes the place of the old one at once, it works before it becomes AWSCURRENT.
    const pending = hasPending(copy)
      ? await reader.read(address, 'AWSPENDING').catch(() => undefined)
      : undefined;
    if (held) held = offered(held, pending);
    return pending !== undefined;
  }

  return {
    get,
    async afterRejection({ version: { versionId }, tried }) {
      if (held?.version.versionId === versionId) await search.after(versionId);
      return held && untried(held, tried);
    },
    accepted(version, begunAt) {
      search.accepted(version.versionId, begunAt);
      if (held) held = accepted(held, version);
    },
    isSuperseded: version => held !== undefined && isSuperseded(held, version),
  };
}
