// The state of a key, derived from its labels and dates alone.

import type { HandSteps } from '../../../connectors/contract/connector';
import { handStepsOf } from '../../../connectors/contract/made-by';
import { connectorFor } from '../../../connectors/index';
import { overlapOf, supersededAt } from '../../../core/ending/retirement';
import { isReplacement } from '../../../core/incident/replacement/replacement-version';
import { shortName } from '../../../core/key/key-address';
import { isPlaceholderOf } from '../../../core/key/secret-value';
import { hasOutlived } from '../../../core/metrics/ages';
import { deadLabel, isEnded } from '../../../core/rotation/secret-store';
import { hourMs, minuteMs } from '../../../core/time';
import { logGroupName, serverStackName } from '../../../lib/config/aws/names';
import { span, utc } from '../../terminal/time-format';
import type { DeployedKey, DeployedSecret, Version } from './deployed-keys';

/** Worst first. */
export const states = [
  'revoked', // dead, and nothing has replaced it: only a person can
  'stuck', // a rotation began long ago and is still running
  'not-ended', // the previous key should have been revoked by now, and may still be accepted
  'overdue', // the window for the next rotation is over
  'unscheduled', // nothing rotates it
  'foreign', // named as a key, and not deployed by Keyturn
  'not-deployed', // in the configuration, not in AWS
  'unissued', // it has never had a key
  'left-over', // in AWS, no longer in the configuration
  'rotating',
  'overlap', // the previous key is still accepted, as it should be
  'current',
  'ended', // for good: its secret holds no key any more
] as const;
export type State = (typeof states)[number];

export interface KeyState {
  state: State;
  /** More than the state's name says. */
  note?: string;
  /** What a person should do; absent where nothing is wrong. */
  fix?: string;
  issuedAt?: Date;
  currentVersion?: string;
  pendingVersion?: string;
  /** The previous key is accepted at least until then. */
  previousUntil?: Date;
}

/** Four steps of at most five minutes, and AWS's own work in between. */
const rotationTakesAtMostMs = 30 * minuteMs;
/** Retiring runs hourly. */
const retireSlackMs = 2 * hourMs;

/** Begins the id of every version that `adopt` stores; those of rotations are random. */
export const adoptedMark = '0ad07ed0';

export function isAdopted(versionId: string): boolean {
  return versionId.startsWith(adoptedMark);
}

export function versionWith(secret: DeployedSecret, label: string): Version | undefined {
  return secret.versions.find(({ labels }) => labels.includes(label));
}

/** The version of a rotation that is still running. */
export function pendingVersion(secret: DeployedSecret): Version | undefined {
  const pending = versionWith(secret, 'AWSPENDING');
  return pending?.labels.includes('AWSCURRENT') ? undefined : pending;
}

/** For good: its secret holds no key any more. */
export function hasEnded({ versions }: DeployedSecret): boolean {
  return isEnded({ versions: Object.fromEntries(versions.map(({ id, labels }) => [id, labels])) });
}

/** How the same key is used again. */
export function reuseOf(name: string): string {
  return `take it out of the configuration, deploy, \`npx keyturn end --forget ${name}\`, then add it again`;
}

/** Still what the template put there. Needs the dates of versions. */
export function isPlaceholder(secret: DeployedSecret, { createdAt }: Version): boolean {
  return createdAt !== undefined && isPlaceholderOf(secret, createdAt);
}

/** False where the listing alone shows that all is well; everything else needs the dates of versions. */
export function needsDates(key: DeployedKey, now: Date): boolean {
  if (hasEnded(key)) return false;
  const current = versionWith(key, 'AWSCURRENT');
  // AWS tells the date of the last rotation alone, and neither of a containment nor of an adoption.
  const isOfRotation = key.rotatedAt && current && !isReplacement(current.id) && !isAdopted(current.id);
  const quiet = isOfRotation && !pendingVersion(key) && !versionWith(key, 'AWSPREVIOUS');
  return !quiet || isOverdue(key, now);
}

export function isUnissued(key: DeployedKey): boolean {
  const current = versionWith(key, 'AWSCURRENT');
  return !current || (!key.rotatedAt && isPlaceholder(key, current));
}

type ConfiguredKey = Pick<DeployedKey, 'address' | 'spec'>;

/** True where no API of the provider makes such keys, so that nothing is scheduled. */
export function isMadeByHand(key: ConfiguredKey): boolean {
  return handSteps(key) !== undefined;
}

/** True where AWS gives it its next values, once it has a first one. */
export function isRotatedByAws({ spec }: ConfiguredKey): boolean {
  return spec?.rotatedBy === 'aws';
}

/** What a person does to give a key its first or next value; `undefined` where Keyturn does it. */
export function byHand(key: ConfiguredKey, ...flags: string[]): string | undefined {
  const steps = handSteps(key);
  const command = ['npx keyturn adopt', shortName(key.address), ...flags].join(' ');
  const who = isRotatedByAws(key)
    ? 'a person begins with a key that AWS then rotates'
    : 'only a person can create this key';
  return steps && `${who}: ${steps.make}; then \`${command}\``;
}

function handSteps({ address, spec }: ConfiguredKey): HandSteps | undefined {
  return spec && handStepsOf(connectorFor(address.provider), spec);
}

interface ObservedKey {
  key: DeployedKey;
  name: string;
  now: Date;
  current?: Version;
  pending?: Version;
  unissued: boolean;
  previous?: { until: Date; atMost: Date };
}

type ShownState = Pick<KeyState, 'state' | 'note' | 'fix'>;

/** The first that applies is the state of the key. */
const rules: ((observed: ObservedKey) => ShownState | undefined)[] = [
  revoked,
  stuck,
  notEnded,
  unscheduled,
  rotating,
  notIssued,
  overdue,
  overlapping,
];

export function keyState(key: DeployedKey, now: Date): KeyState {
  const current = versionWith(key, 'AWSCURRENT');
  if (hasEnded(key)) return { state: 'ended', currentVersion: current?.id };
  const known = needsDates(key, now);
  const unissued = known && isUnissued(key);
  const previous = known && !unissued ? previousKey(key, current) : undefined;
  const pending = pendingVersion(key);
  const observed = { key, name: shortName(key.address), now, current, pending, unissued, previous };
  let finding: ShownState = { state: 'current' };
  for (const rule of rules) {
    const found = rule(observed);
    if (!found) continue;
    finding = found;
    break;
  }
  return {
    issuedAt: unissued ? undefined : (current?.createdAt ?? key.rotatedAt),
    currentVersion: current?.id,
    pendingVersion: pending?.id,
    previousUntil: previous?.until,
    ...finding,
  };
}

function revoked({ key, current }: ObservedKey): ShownState | undefined {
  if (!current?.labels.includes(deadLabel)) return undefined;
  const note = 'its key was revoked, and its server has none';
  return { state: 'revoked', note, fix: byHand(key, '--replace') };
}

function stuck({ key, name, now, pending }: ObservedKey): ShownState | undefined {
  const since = pending?.createdAt;
  if (!since || now.getTime() - since.getTime() <= rotationTakesAtMostMs) return undefined;
  return {
    state: 'stuck',
    note: `rotation started ${utc(since)}`,
    fix: `${readLog(key)}, then \`npx keyturn rotate ${name} --unstick\``,
  };
}

function notEnded({ key, now, previous }: ObservedKey): ShownState | undefined {
  if (!previous || now.getTime() <= previous.atMost.getTime() + retireSlackMs) return undefined;
  return {
    state: 'not-ended',
    note: `previous key should have been revoked by ${utc(previous.atMost)}`,
    fix: `${readLog(key, 'retire')}; Keyturn tries again every hour`,
  };
}

function unscheduled({ key, unissued }: ObservedKey): ShownState | undefined {
  const stack = serverStackName(key.address.environment, key.address.server);
  if (isRotatedByAws(key) && !key.rotates && !unissued)
    return { state: 'unscheduled', fix: `write rotatedBy: 'aws', then \`npx cdk deploy ${stack}\`` };
  if (key.rotates || isMadeByHand(key)) return undefined;
  return { state: 'unscheduled', fix: `\`npx cdk deploy ${stack}\` sets its schedule` };
}

function rotating({ now, pending }: ObservedKey): ShownState | undefined {
  if (!pending) return undefined;
  const since = pending.createdAt;
  return { state: 'rotating', note: since && `for ${span(now.getTime() - since.getTime())}` };
}

function notIssued({ key, name, unissued }: ObservedKey): ShownState | undefined {
  if (!unissued) return undefined;
  return {
    state: 'unissued',
    fix: byHand(key) ?? `\`npx keyturn issue ${name}\`, or \`npx keyturn adopt ${name}\``,
  };
}

function overdue({ key, name, now }: ObservedKey): ShownState | undefined {
  if (!isOverdue(key, now)) return undefined;
  const missed = missedRotation(key, now);
  return {
    state: 'overdue',
    note: missed ? `since ${utc(missed)}` : 'its last rotations were abandoned',
    fix: `\`npx keyturn rotate ${name}\``,
  };
}

function overlapping({ now, previous }: ObservedKey): ShownState | undefined {
  if (!previous) return undefined;
  const ends =
    now < previous.until
      ? `until ${utc(previous.until)}`
      : `while it is used, at most until ${utc(previous.atMost)}`;
  return { state: 'overlap', note: `previous key is valid ${ends}` };
}

/** The log with the reason of a failed rotation: AWS gives it nowhere else. */
export function readLog({ address, arn }: DeployedKey, what: 'rotate' | 'retire' = 'rotate'): string {
  const log = logGroupName(address.environment, what === 'retire' ? 'retire' : `rotate-${address.provider}`);
  return `find the reason with \`aws logs tail ${log} --since 2h --region ${arn.split(':')[3]}\``;
}

function isOverdue(key: DeployedKey, now: Date): boolean {
  const { rotates, rotatedAt, nextRotationBy, spec } = key;
  if (!rotates || !nextRotationBy) return false;
  return (
    missedRotation(key, now) !== undefined || (spec !== undefined && hasOutlived({ rotatedAt, spec }, now))
  );
}

/** The end of a window in which the rotation did not happen. */
function missedRotation({ nextRotationBy }: DeployedKey, now: Date): Date | undefined {
  return nextRotationBy && nextRotationBy < now ? nextRotationBy : undefined;
}

/** The superseded key that still works, if there is one; the placeholder is no key. */
function previousKey(
  key: DeployedKey,
  current: Version | undefined,
): { until: Date; atMost: Date } | undefined {
  const previous = versionWith(key, 'AWSPREVIOUS');
  if (!previous || isPlaceholder(key, previous)) return undefined;
  const overlapHours = key.spec?.overlapHours ?? 0;
  const storedAt = current?.createdAt ?? new Date(0);
  const { end, hardLimit } = overlapOf({ supersededAt: supersededAt(key.rotatedAt, storedAt), overlapHours });
  return { until: end, atMost: hardLimit };
}
