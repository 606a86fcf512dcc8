// What a gatherer could not look at this time. Another audit may: so nothing counts as gone that was found there before.
import type { NotCovered } from '../../../core/audit/finding';
import { secretName, shortName } from '../../../core/key/key-address';
import type { Registry } from '../registry/registry';
import { describeError } from '../runtime/logger';
import type { UnknownSecret } from '../secrets/secret-store';

export function couldNotLook(what: string, error: unknown): NotCovered {
  // JSON.parse quotes its input.
  const why = error instanceof SyntaxError ? 'it is not JSON' : describeError(error).message;
  return { what, why, failed: true };
}

/** @param after what was looked at before, such as `12 secrets` */
export function noTimeFor(what: string, after: string | number): NotCovered {
  return { what, why: `this part ran out of time after ${after}`, failed: true };
}

/** Whoever may create secrets gives them such names; one that a deployment names was looked at before, and will be again. */
export function unprovenSecrets(unknown: readonly UnknownSecret[], registry: Registry): NotCovered[] {
  return unknown.map(({ address, why }) => ({
    what: shortName(address),
    why,
    ...(registry.isRegistered(secretName(address)) && { failed: true as const }),
  }));
}
