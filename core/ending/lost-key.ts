// Whether a key at a provider is one that an attempt of this secret made and lost. Its name proves nothing, since whoever may
// rename keys there can copy it; the record that was written before the attempt does.
import type { ListedKey } from '../provider';
import type { RecordedAttempt } from '../rotation/attempts';
import type { StoredVersion } from '../rotation/secret-store';
import { hourMs, minuteMs } from '../time';

/** How far clocks of hosts may be apart. */
const skewMs = 5 * minuteMs;
/** A call that makes a key takes effect by then, or never. */
const takesEffectWithinMs = hourMs;

/**
 * @param attempt the one of exactly this key's name
 * @param listed everything that the provider lists now
 * @param held what the attempt's version holds
 */
export function isProvenLost(
  key: ListedKey,
  attempt: RecordedAttempt,
  listed: readonly ListedKey[],
  held: StoredVersion | undefined,
): boolean {
  const isAlone = listed.filter(({ name }) => name === key.name).length === 1;
  // What it made was stored: whatever has its name besides is a copy.
  const wasStored = held?.value?.issuedAt === attempt.at.toISOString();
  return isAlone && !wasStored && !attempt.wasListed(key.id) && isOfItsTime(key, attempt);
}

/** Where the provider tells. */
function isOfItsTime({ createdAt }: ListedKey, { at }: RecordedAttempt): boolean {
  if (!createdAt) return true;
  const later = createdAt.getTime() - at.getTime();
  return later >= -skewMs && later <= takesEffectWithinMs + skewMs;
}
