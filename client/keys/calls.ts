// A call with a key: where the provider rejects it, with the next one, as long as there is another to try. Counts what calls
// come to.
import type { KeyAddress } from '../../core/key/key-address';
import type { Usage } from '../usage/usage';
import {
  type CallFailure,
  type CallOutcome,
  callOutcome,
  discard,
  failureIn,
  resultOf,
} from './call-outcome';
import { type Key, keyOf } from './key';
import type { CachedKey, Rejection } from './secrets/cached-key';
import type { KeyVersion } from './secrets/secret-reader';
import { type ReadableAnswer, readableAnswer, tellsRejection } from './told-rejection';

export interface Cached {
  address: KeyAddress;
  key: CachedKey;
}

export interface CallParts {
  usage: Usage;
  now(): number;
  /** @default - that of a Response */
  readable?(value: unknown): ReadableAnswer | undefined;
}

/** @param mayRepeat asked after a rejection: false where the call may have been carried out, or cannot be made again */
export async function callWithKey<T>(
  held: Cached,
  fn: (key: Key) => T | Promise<T>,
  { usage, now, readable = readableAnswer }: CallParts,
  mayRepeat: () => boolean = () => true,
): Promise<T> {
  const tried: string[] = [];
  let version = await held.key.get();
  for (;;) {
    const begunAt = now();
    const outcome = await callOutcome(fn, keyOf(version.value));
    tried.push(version.versionId);
    const told = 'value' in outcome ? readable(outcome.value) : undefined;
    const isTold = told && (await tellsRejection(held.address.provider, version.value, told, now));
    const failure = isTold ? 'rejected' : failureIn(outcome);
    const next = await judge(usage, held, version, outcome, { begunAt, tried, failure });
    if (!next || !mayRepeat()) return resultOf(outcome);
    discard(outcome);
    version = next;
  }
}

/** Counts what a call came to. @returns what to call with once more, where the provider rejected the key */
async function judge(
  usage: Usage,
  { address, key }: Cached,
  version: KeyVersion,
  outcome: CallOutcome<unknown>,
  { failure, ...call }: Pick<Rejection, 'begunAt' | 'tried'> & { failure: CallFailure | undefined },
): Promise<KeyVersion | undefined> {
  usage.count(address, 'requests');
  if (key.isSuperseded(version)) usage.count(address, 'supersededUses');
  if (!failure && 'value' in outcome) key.accepted(version, call.begunAt);
  const next = failure === 'rejected' ? await key.afterRejection({ version, ...call }) : undefined;
  // Not an error if the key was only too new for some of the provider's machines.
  const isTooYoung = next?.versionId === version.versionId;
  if (failure && !isTooYoung) usage.count(address, 'authFailures');
  return next;
}
