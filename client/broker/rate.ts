// How often something may happen.

export interface RateParts {
  perSecond: number;
  /** After a rest. */
  atOnce: number;
  /** Milliseconds. */
  now(): number;
}

/** @returns whether it may happen now; if so, it counts */
export function createRate({ perSecond, atOnce, now }: RateParts): () => boolean {
  let left = atOnce;
  let at = now();
  return () => {
    const time = now();
    left = Math.min(atOnce, left + ((time - at) * perSecond) / 1_000);
    at = time;
    if (left < 1) return false;
    left--;
    return true;
  };
}
