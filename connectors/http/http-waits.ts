// How long a provider asks us to wait, in the spellings in use.

/** Resets larger than this are points in time (Unix seconds), smaller ones are spans. */
const leastUnixSeconds = 1_000_000_000;
/** Points in time larger than this are Unix milliseconds: as seconds, they would be after the year 5000. */
const leastUnixMs = 100_000_000_000;

const resetHeaders = ['x-ratelimit-reset', 'x-rate-limit-reset', 'ratelimit-reset'];

/** Milliseconds until the provider wants to be called again; `undefined` where it does not say. */
export function toldWaitMs(
  reply: { status: number; headers: Headers } | undefined,
  now: Date,
): number | undefined {
  // Reset headers come with every answer, and mean something only where the limit is reached.
  for (const name of ['retry-after', ...(reply?.status === 429 ? resetHeaders : [])]) {
    const wait = readWait(reply?.headers.get(name), now);
    if (wait !== undefined) return Math.max(0, wait);
  }
  return undefined;
}

/** 1 s, 2 s, 4 s. No random part: rotations are staggered already, and runs stay repeatable. */
export function backoffMs(sent: number): number {
  return 500 * 2 ** sent;
}

function readWait(text: string | null | undefined, now: Date): number | undefined {
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) {
    const told = Number(text);
    if (told > leastUnixMs) return told - now.getTime();
    return told > leastUnixSeconds ? told * 1000 - now.getTime() : told * 1000;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now.getTime();
}
