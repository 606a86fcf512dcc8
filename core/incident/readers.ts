// Who may be seen reading a key's secret, and from where. Who reads is told by policy: the server's role, Keyturn's functions
// and admins. From where is learned: for a while everything is new, afterwards only what is strange.

import { dayMs, hourMs } from '../time';
import type { Signal } from './signals';

/** The places of a key's server are learned for so long after its first read that was seen: it may start late. */
export const learningMs = 7 * dayMs;
/** A place that was not seen for so long is strange again. */
export const knownForMs = 90 * dayMs;
/** How long until the same unexpected reader is reported again. Such a reader never becomes a known one. */
const strangerQuietMs = hourMs;
/** Reads refused within an hour that are no slip of a deployment any more. */
export const failedReadsAtMost = 5;

/** Whose credentials the read was made with. */
export type ReaderKind = 'server' | 'keyturn' | 'rotation' | 'admin' | 'stranger';

/**
 * Where a read came from, as coarse as places change by themselves: a network for addresses, one place for all of Lambda.
 * The user agent is the caller's own word: a place of that name is known only for readers that do run on Lambda.
 * @param vpcEndpoint through which it came: networks behind it have whatever addresses their owner chose
 */
export function placeOf(source: string, userAgent = '', vpcEndpoint?: string): string {
  if (/\bexec-env\/AWS_Lambda/.test(userAgent)) return 'lambda';
  const network = networkOf(source);
  return vpcEndpoint ? `${network} through ${vpcEndpoint}` : network;
}

function networkOf(source: string): string {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(source);
  if (v4) return `${v4[1]}.0/24`;
  if (!/^[0-9a-f:.]+$/i.test(source) || !source.includes(':')) return source.slice(0, 100);
  return `${groupsOf(source).slice(0, 3).join(':')}::/48`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (part: string) => (part ? part.split(':') : []).map(group => group.replace(/^0+(?=.)/, ''));
  if (tail === undefined) return groups(head);
  const [first, last] = [groups(head), groups(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last];
}

export interface SeenRead {
  reader: ReaderKind;
  place: string;
  /** This reader was seen at this place before. */
  isKnown: boolean;
  /** When the server was first seen to read this secret. */
  serverSeenAt?: Date;
}

/** How long a place counts as known, once it was told of or learned. */
export function knownFor({ reader, place }: Pick<SeenRead, 'reader' | 'place'>): number {
  const isTaken = reader === 'keyturn' && place !== 'lambda';
  return reader === 'stranger' || isTaken ? strangerQuietMs : knownForMs;
}

/** @returns the signal, where there is one */
export function judgeRead({ reader, place, isKnown, serverSeenAt }: SeenRead, now: Date): Signal | undefined {
  // Nobody but Secrets Manager can assume the role of its rotations, and it comes from wherever AWS runs it.
  if (isKnown || reader === 'admin' || reader === 'rotation') return undefined;
  if (reader === 'stranger') return 'new-reader';
  // A function's credentials that are used anywhere but in Lambda were taken from it.
  if (reader === 'keyturn') return place === 'lambda' ? undefined : 'new-address';
  const isLearning = !serverSeenAt || now.getTime() - serverSeenAt.getTime() < learningMs;
  return isLearning ? undefined : 'new-address';
}

/** `*` matches within a name, as in the configuration's `admins`. */
export function matchesRole(pattern: string, arn: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  const end = parts.pop();
  if (end === undefined) return arn === start;
  if (!arn.startsWith(start)) return false;
  // The first place of each part leaves the most to the others: nothing is tried twice.
  let at = start.length;
  for (const part of parts) {
    const found = arn.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + end.length <= arn.length && arn.endsWith(end);
}
