// What a gatherer could not look at this time. Another audit may: so nothing counts as gone that was found there before.
import type { NotCovered } from '../../../core/audit/finding';
import { describeError } from '../runtime/logger';

export function couldNotLook(what: string, error: unknown): NotCovered {
  // JSON.parse quotes its input.
  const why = error instanceof SyntaxError ? 'it is not JSON' : describeError(error).message;
  return { what, why, failed: true };
}

/** @param after what was looked at before, such as `12 secrets` */
export function noTimeFor(what: string, after: string | number): NotCovered {
  return { what, why: `the time for this part was over after ${after}`, failed: true };
}
