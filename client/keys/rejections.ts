// When a provider's rejection of a key is a reason for another one. A new key or token is refused for some seconds while the
// provider's servers tell each other of it; and where another one is refused as well, a third would not help at once.
/**
 * - `reason`: the version is to be replaced.
 * - `early`: the request was sent before all of the provider's servers could know the version, or before another that was
 *   accepted. It may be made again.
 * - `none`: the version was replaced already, or replacements have just been refused as well.
 */
export type RejectionVerdict = 'reason' | 'early' | 'none';

export interface Rejections {
  /** A version was given out. @param isNew for one that was made a moment ago */
  given(key: string, version: string, isNew: boolean): void;
  /** @param sentAt when the rejected request was sent, however late it is told of */
  judge(key: string, version: string, sentAt: number): RejectionVerdict;
  /** The provider has accepted the version. @param sentAt when that request was sent, where that is known */
  accepted(key: string, version: string, sentAt?: number): void;
}

/** GitHub takes up to five seconds: https://github.com/octokit/auth-app.js/blob/main/src/hook.ts */
const settlesMs = 10_000;
/** Between two replacements for the sake of rejections, while nothing is accepted. */
const pause = { firstMs: 30_000, factor: 2, mostMs: 30 * 60_000 };

interface RejectionState {
  /** The version that was given last, and when it may first be held against it that it is refused. */
  version: string;
  settledAt: number;
  /** When the latest request was sent that was accepted. */
  acceptedFrom: number;
  /** Replacements since something was accepted. */
  replaced: number;
  pausesUntil: number;
}

export function createRejections(now: () => number): Rejections {
  const keys = new Map<string, RejectionState>();
  return {
    given(key, version, isNew) {
      const { version: before, ...rest } = keys.get(key) ?? { version: '', replaced: 0, pausesUntil: 0 };
      if (before === version) return;
      keys.set(key, { ...rest, version, settledAt: isNew ? now() + settlesMs : 0, acceptedFrom: 0 });
    },
    judge(key, version, sentAt) {
      const known = keys.get(key);
      if (known?.version !== version) return 'none';
      if (sentAt < known.settledAt || sentAt <= known.acceptedFrom) return 'early';
      if (now() < known.pausesUntil) return 'none';
      const wait = Math.min(pause.firstMs * pause.factor ** known.replaced, pause.mostMs);
      known.replaced++;
      known.pausesUntil = now() + wait;
      return 'reason';
    },
    accepted(key, version, sentAt = 0) {
      const known = keys.get(key);
      if (known?.version !== version) return;
      known.replaced = 0;
      known.pausesUntil = 0;
      known.acceptedFrom = Math.max(known.acceptedFrom, sentAt);
    },
  };
}
