// One secret as a consumer holds it. What counts is that a request never waits for AWS where it need not, and never fails
// because AWS is away: the old key stays valid for its whole overlap, so a copy that is minutes old is as good as new.
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { holderOf } from '../../core/rotation/secret-store';
import { hourMs } from '../../core/time';
import type { HeldVersion, SecretReader } from './secret-reader';

export interface CachedKey {
  /** The key to use now. */
  get(): Promise<HeldVersion>;
  /** What to try where the provider has rejected a key: a version that came since, or the one that is about to come. */
  afterRejection(rejected: HeldVersion): Promise<HeldVersion | undefined>;
  /** The provider has accepted this version. */
  accepted(version: HeldVersion): void;
  /** True where another version is known to have taken its place. */
  isSuperseded(version: HeldVersion): boolean;
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
}

/** Between attempts while AWS is away, and between looks for another version while a provider keeps rejecting. */
const patienceMs = 5_000;

export function createCachedKey({
  reader,
  address,
  refreshMs,
  staleMs,
  onStale,
  now,
}: CacheParts): CachedKey {
  let held: HeldVersion | undefined;
  let versions: Record<string, string[]> = {};
  /** AWSPENDING, offered after AWSCURRENT was rejected; `held` once the provider has accepted it. */
  let ahead: HeldVersion | undefined;
  let checkedAt = 0;
  let failedAt = 0;
  let refreshing: Promise<void> | undefined;
  let search: { at: number; done: Promise<void> } | undefined;

  function refresh(): Promise<void> {
    refreshing ??= readAnew().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function readAnew(): Promise<void> {
    try {
      if (held) ({ versions } = await reader.describe(address));
      if (!held || !isInOffice(held)) held = (await reader.read(address, 'AWSCURRENT'))!;
      checkedAt = now();
    } catch (error) {
      failedAt = now();
      throw error;
    }
  }

  /** AWSCURRENT; or AWSPENDING, where it has proved to work already. */
  function isInOffice(version: HeldVersion): boolean {
    const labels = versions[version.versionId] ?? [];
    return labels.includes('AWSCURRENT') || (version === ahead && labels.includes('AWSPENDING'));
  }

  async function get(): Promise<HeldVersion> {
    if (!held) await refresh();
    const version = held!;
    const age = now() - checkedAt;
    const isAway = failedAt > checkedAt;
    if (age < refreshMs) return version;
    if (isAway && now() - failedAt < patienceMs) return stale(version);
    if (age < 2 * refreshMs) {
      // In the background: this request need not wait, and should it fail, the next one tries again.
      refresh().catch(() => {});
      return isAway ? stale(version) : version;
    }
    try {
      await refresh();
      return held!;
    } catch (error) {
      return stale(version, error);
    }
  }

  function stale(version: HeldVersion, cause?: unknown): HeldVersion {
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

  async function searchOther(rejected: string): Promise<void> {
    ahead = undefined;
    // Without an answer from AWS there is nothing better to offer than the rejection itself.
    await refresh().catch(() => {});
    // Where a new key takes the place of the old one at once, it works before it becomes AWSCURRENT.
    if (held?.versionId !== rejected || !holderOf({ versions }, 'AWSPENDING')) return;
    ahead = await reader.read(address, 'AWSPENDING').catch(() => undefined);
  }

  return {
    get,
    async afterRejection({ versionId }) {
      if (held?.versionId === versionId) {
        if (!search || now() - search.at >= patienceMs) search = { at: now(), done: searchOther(versionId) };
        await search.done;
      }
      return [held, ahead].find(other => other && other.versionId !== versionId);
    },
    accepted(version) {
      if (version === ahead) held = version;
    },
    isSuperseded: version =>
      held !== undefined && held.versionId !== version.versionId && ahead?.versionId !== version.versionId,
  };
}
