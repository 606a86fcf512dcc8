// What can look wrong about a key, and what Keyturn then does by itself: one table, each line with its reason.
import type { Tier } from '../key/key-spec';

/**
 * - `tell`: people are told; nothing is changed.
 * - `replace-if-rejected`: the provider is asked first; only a key that it rejects is replaced.
 * - `replace-first`: issue, promote, leave servers a short grace, then revoke. Costs users nothing if it was a false alarm.
 * - `revoke-first`: the key dies at once; servers wait for its replacement.
 */
export type SignalResponse = 'tell' | 'replace-if-rejected' | 'replace-first' | 'revoke-first';

/** Only people order `end`: the key is revoked and gets no replacement. */
export type IncidentResponse = SignalResponse | 'end';

/**
 * What a signal rests on when a key is changed because of it, and so who can make it look so:
 * - `metrics`: usage as servers report it; everyone who may write metrics or logs can forge it.
 * - `provider`: the provider itself rejects the key.
 * - `trail`: CloudTrail saw somebody read the key. It always reaches people.
 * - `report`: a signed report holds the key itself, or a hash of it: whoever sends one without a leak has the key already.
 */
export type EvidenceSource = 'metrics' | 'provider' | 'trail' | 'report';

export interface SignalPolicy {
  /** Who notices: a CloudWatch alarm on usage, the watch function on CloudTrail's events, or somebody who reports a leak. */
  source: 'alarm' | 'watch' | 'report';
  evidence: EvidenceSource;
  /** For people: completes "prod/sendgrid/support-bot: ...". */
  words: string;
  response: Record<Tier, SignalResponse>;
  /** The same of a key that only a person can make: nothing replaces it, so that to end it stops its server until a person has. */
  unreplaced: Record<Tier, 'tell' | 'revoke-first'>;
  /** How long servers have to fetch the replacement before the old key ends. Seconds. */
  graceSeconds: number;
  why: string;
}

const always = <Response extends SignalResponse>(response: Response): Record<Tier, Response> => ({
  high: response,
  normal: response,
  low: response,
});

/** Time for calls that are under way, and for servers that learn of the new key late; there is no hurry. */
const unhurried = 90;
/** Somebody else has the key: time for what is in flight, no more. A client that is refused fetches the new key and tries once more. */
const urgent = 5;

export const signals = {
  'auth-failures': {
    source: 'alarm',
    evidence: 'provider',
    words: 'the provider refuses many of its requests',
    response: always('replace-if-rejected'),
    unreplaced: always('tell'),
    graceSeconds: 0,
    why: 'A refused key is far more often broken than stolen, and a new one fixes that; while the provider accepts the key, the cause is elsewhere.',
  },
  'volume-band': {
    source: 'alarm',
    evidence: 'metrics',
    words: 'its use is far above what is usual at this time',
    response: always('tell'),
    unreplaced: always('tell'),
    graceSeconds: unhurried,
    why: 'A product launch looks the same as a theft, and the learned band is unreliable in its first days.',
  },
  'volume-ceiling': {
    source: 'alarm',
    evidence: 'metrics',
    words: 'its use is above its fixed ceiling',
    // Nobody is woken for a low-tier key, so what costs users nothing is done without asking.
    response: { high: 'tell', normal: 'tell', low: 'replace-first' },
    unreplaced: always('tell'),
    graceSeconds: unhurried,
    why: 'More requests than the ceiling mean a bill or a leak. People can tell which, and a new key would not stop a server that loops.',
  },
  'off-hours': {
    source: 'alarm',
    evidence: 'metrics',
    words: 'it is used outside business hours',
    response: { high: 'replace-first', normal: 'tell', low: 'tell' },
    unreplaced: always('tell'),
    graceSeconds: unhurried,
    why: 'A high-tier key is not used at night, so replacing it affects no users. Other keys may serve batch jobs.',
  },
  'new-reader': {
    source: 'watch',
    evidence: 'trail',
    words: 'its secret was read by someone other than its server, Keyturn or an admin',
    response: { high: 'replace-first', normal: 'replace-first', low: 'tell' },
    unreplaced: { high: 'revoke-first', normal: 'tell', low: 'tell' },
    graceSeconds: urgent,
    why: 'Anyone who read the key can still use it until it is revoked.',
  },
  'new-address': {
    source: 'watch',
    evidence: 'trail',
    words: 'its secret was read with a known role, from an address that this role never used before',
    response: { high: 'replace-first', normal: 'tell', low: 'tell' },
    unreplaced: always('tell'),
    graceSeconds: urgent,
    why: 'Stolen role credentials look like this, and so does a move to another network.',
  },
  'failed-reads': {
    source: 'watch',
    evidence: 'trail',
    words: 'someone without permission keeps trying to read its secret',
    response: always('tell'),
    unreplaced: always('tell'),
    graceSeconds: unhurried,
    why: 'Nothing was read, but someone is looking.',
  },
  'leak-reported': {
    source: 'report',
    evidence: 'report',
    words: 'it was found where it should not be',
    response: always('replace-first'),
    unreplaced: always('revoke-first'),
    graceSeconds: urgent,
    why: 'The reporter has the key, and so does everyone who looked there before.',
  },
} satisfies Record<string, SignalPolicy>;

export type Signal = keyof typeof signals;
export const signalNames = Object.keys(signals) as Signal[];

export function isSignal(word: string): word is Signal {
  return Object.hasOwn(signals, word);
}

/** @param isReplaced false of a key that only a person can make */
export function responseTo(signal: Signal, tier: Tier, isReplaced: boolean): SignalResponse {
  const { response, unreplaced } = signals[signal];
  return (isReplaced ? response : unreplaced)[tier];
}
