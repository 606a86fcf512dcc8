// When keys end, and those that end before anything replaces them.
import { endOf, type KeyEnd, providerEnd, reminderOf } from '../key/key-end';
import type { KeySpec } from '../key/key-spec';
import type { SecretValue } from '../key/secret-value';
import type { HandSteps } from '../provider';
import { dayMs } from '../time';
import { day, moment } from './ages';
import { type AuditFinding, finding } from './finding';

/** The end of one key, as a person is told of it. */
export interface TellsEnd {
  /** Short name. */
  key: string;
  /** ISO 8601, UTC. */
  at: string;
  by: KeyEnd['by'];
}

/** A current key, with what is known of its end. */
export interface EndingKey {
  /** Short name. */
  key: string;
  spec: Pick<KeySpec, 'maxGapDays'>;
  value: Pick<SecretValue, 'issuedAt' | 'expiresAt'>;
  /** What the provider says now. */
  told: Date | 'never' | undefined;
  /** When its next rotation will have happened; absent where nothing rotates it. */
  rotationDueBy?: Date;
  /** Of a key that only a person makes. */
  steps?: HandSteps;
}

/** A rotation that is late must have been seen to by then. */
const shortlyMs = 7 * dayMs;

/** What is rotated ends by its provider alone. */
export function keyEnd({ value, told, spec, steps }: EndingKey): KeyEnd | undefined {
  return steps ? endOf(value, told, spec) : providerEnd(value, told);
}

/** Of a key that a person makes: once its first reminder is due. What is older than its policy is found as that. */
export function findEndingSoon(ending: EndingKey, now: Date): AuditFinding[] {
  const { key, steps } = ending;
  const end = keyEnd(ending);
  if (!end || (end.by === 'policy' && end.at <= now) || !isSoon(ending, end, now)) return [];
  const left = Math.ceil((end.at.getTime() - now.getTime()) / dayMs);
  const when =
    left > 0 ? `in ${left === 1 ? '1 day' : `${left} days`}, on ${day(end.at)}` : `on ${day(end.at)}`;
  const replace = steps
    ? `A person has to ${steps.make}, and store it with \`npx keyturn adopt ${key} --replace\`.`
    : `\`npx keyturn rotate ${key}\` creates a new one now; if it fails, it prints the reason.`;
  return [
    finding('ends-soon', {
      subject: key,
      keys: [key],
      evidence: [
        end.by === 'provider'
          ? `It ${left > 0 ? 'expires' : 'expired'} at its provider ${when}.`
          : `Its policy requires a new key ${when}.`,
        rotationInWords(ending),
      ],
      fix: replace,
    }),
  ];
}

function isSoon({ value, rotationDueBy }: EndingKey, end: KeyEnd, now: Date): boolean {
  if (!rotationDueBy) return reminderOf(end, new Date(value.issuedAt), now) !== undefined;
  if (rotationDueBy >= now) return end.at <= rotationDueBy;
  return end.at.getTime() - now.getTime() <= shortlyMs;
}

function rotationInWords({ steps, rotationDueBy }: EndingKey): string {
  if (steps) return 'Only a person can create a new one.';
  return rotationDueBy ? `It should rotate by ${moment(rotationDueBy)}.` : 'Nothing rotates it.';
}
