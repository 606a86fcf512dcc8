// A short-lived token in the place of a key: held until shortly before its end.
import { shortName } from '../../../core/key/key-address';
import { createRejections } from '../rejections';
import type { CachedKey } from '../secrets/cached-key';
import { createTokenHolder, type HolderParts } from './token-holder';

export interface TokenParts extends HolderParts {
  /** A token is handed out though a newer one was wanted, and could not be had. */
  onStale(): void;
  sleep(ms: number): Promise<void>;
}

/** Between attempts while no token can be had. */
const patienceMs = 5_000;
/** Before a call is made again with a token that may only be too young; GitHub takes up to five seconds. */
const againMs = [250, 500, 1_000, 2_000, 2_000];

export function createCachedToken({ onStale, sleep, ...parts }: TokenParts): CachedKey {
  const { now } = parts;
  const token = createTokenHolder(parts);
  const key = shortName(parts.address);
  const rejections = createRejections(now);
  let failedAt = Number.NEGATIVE_INFINITY;
  let replacing: Promise<unknown> | undefined;

  async function renew() {
    try {
      const held = await token.renew();
      rejections.given(key, held.version.versionId, true);
      return held;
    } catch (error) {
      failedAt = now();
      throw error;
    }
  }

  return {
    async get() {
      const held = token.held();
      if (!held || now() >= held.endAt) return (await renew()).version;
      if (now() >= held.renewAt) {
        const isAway = now() - failedAt < patienceMs;
        // In the background: this request has a token that still works.
        if (!isAway) renew().catch(() => {});
        else onStale();
      }
      return held.version;
    },
    async afterRejection({ version: { versionId }, begunAt, tried }) {
      const verdict = rejections.judge(key, versionId, begunAt);
      if (verdict === 'early') {
        const wait = againMs[tried.filter(id => id === versionId).length - 1];
        if (wait === undefined) return undefined;
        await sleep(wait);
        return token.held()?.version;
      }
      if (verdict === 'reason') {
        token.refuse(versionId);
        replacing = renew().catch(() => {});
      }
      // Without another token there is nothing better to offer than the refusal itself.
      await replacing;
      const version = token.held()?.version;
      return version && !tried.includes(version.versionId) ? version : undefined;
    },
    accepted: (version, begunAt) => rejections.accepted(key, version.versionId, begunAt),
    // Tokens overlap by nature: using one to its end is no fault.
    isSuperseded: () => false,
  };
}
