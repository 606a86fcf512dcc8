// What a process knows of one secret, and how that changes. No clock and no call: cached-key.ts has those.
import { holderOf } from '../../../core/rotation/secret-store';
import type { KeyVersion } from './secret-reader';

export interface KeyCopy {
  /** The version to use. */
  readonly version: KeyVersion;
  /** Version id -> labels, as AWS last told them. */
  readonly versions: Readonly<Record<string, string[]>>;
  /** AWSPENDING, offered because the provider rejected AWSCURRENT; it is `version` once the provider has accepted it. */
  readonly pendingVersion: KeyVersion | undefined;
  /** When AWS last told whether this is still the version to use. Milliseconds. */
  readonly checkedAt: number;
  /** When AWS last gave no answer, if that was later. Milliseconds. */
  readonly failedAt: number | undefined;
}

export function firstCopy(version: KeyVersion, now: number): KeyCopy {
  return { version, versions: {}, pendingVersion: undefined, checkedAt: now, failedAt: undefined };
}

export const described = (copy: KeyCopy, versions: KeyCopy['versions']): KeyCopy => ({ ...copy, versions });
export const replaced = (copy: KeyCopy, version: KeyVersion): KeyCopy => ({ ...copy, version });
export const checked = (copy: KeyCopy, now: number): KeyCopy => ({
  ...copy,
  checkedAt: now,
  failedAt: undefined,
});
export const unanswered = (copy: KeyCopy, now: number): KeyCopy => ({ ...copy, failedAt: now });
export const offered = (copy: KeyCopy, pendingVersion: KeyVersion | undefined): KeyCopy => ({
  ...copy,
  pendingVersion,
});

/** The provider has accepted this version. */
export function accepted(copy: KeyCopy, version: KeyVersion): KeyCopy {
  return version === copy.pendingVersion ? replaced(copy, version) : copy;
}

/** AWSCURRENT; or AWSPENDING, where it has proved to work already. */
export function isUsable({ version, versions, pendingVersion }: KeyCopy): boolean {
  const labels = versions[version.versionId] ?? [];
  return labels.includes('AWSCURRENT') || (version === pendingVersion && labels.includes('AWSPENDING'));
}

export function hasPending({ versions }: KeyCopy): boolean {
  return holderOf({ versions }, 'AWSPENDING') !== undefined;
}

/** True where another version is known to have taken its place. */
export function isSuperseded({ version, pendingVersion }: KeyCopy, used: KeyVersion): boolean {
  return ![version, pendingVersion].some(known => known?.versionId === used.versionId);
}

/** A version to try that was not tried. */
export function untried({ version, pendingVersion }: KeyCopy, tried: readonly string[]) {
  return [version, pendingVersion].find(known => known && !tried.includes(known.versionId));
}

/** Between attempts while AWS gives no answer. Milliseconds. */
const patienceMs = 5_000;

/**
 * - `use`: it is young enough.
 * - `use-and-check`: a request need not wait for the question whether there is a new one.
 * - `check-first`: too old to be trusted.
 * - `use-unchecked`: it is time to ask, and AWS has just not answered.
 */
export type Serving = 'use' | 'use-and-check' | 'check-first' | 'use-unchecked';

/** @param refreshMs how old a copy may be before AWS is asked whether there is a new version */
export function servingOf({ checkedAt, failedAt }: KeyCopy, now: number, refreshMs: number): Serving {
  const age = now - checkedAt;
  if (age < refreshMs) return 'use';
  if (failedAt !== undefined && now - failedAt < patienceMs) return 'use-unchecked';
  return age < 2 * refreshMs ? 'use-and-check' : 'check-first';
}
