// Whether keys rotate, servers report, and messages reach people: what has to work before anything goes wrong.
import { secretName } from '../key/key-address';
import type { KeySpec } from '../key/key-spec';
import { type Reporting, silenceInWords } from '../metrics/reporting';
import type { Listener } from '../notices/listeners';
import { droppedLabel, holderOf, isEnded, type SecretState } from '../rotation/secret-store';
import { stuckAfterMs } from '../rotation/stuck';
import { hourMs } from '../time';
import { day, moment } from './ages';
import { type AuditFinding, finding } from './finding';

/** A window of a schedule is hours long, and AWS may try again within it. */
const lateForMs = 24 * hourMs;

/** One key and how its rotation goes. */
export interface RotatingKey {
  /** Short name. */
  key: string;
  state: SecretState;
  /** True where its provider lets Keyturn rotate it. */
  shouldRotate: boolean;
  /** When the version was made that a rotation under way is about; absent where none is, or AWS does not tell. */
  pendingSince?: Date;
}

export function findRotationProblems(
  { key, state, shouldRotate, pendingSince }: RotatingKey,
  now: Date,
): AuditFinding[] {
  if (!shouldRotate || isEnded(state)) return [];
  const fix = `Run \`npx keyturn rotate ${key}\`; if it fails, it prints the reason. docs/runbook.md says what to do about each one.`;
  const { rotationDueBy, rotatedAt } = state;
  if (!rotationDueBy) {
    return [
      finding('rotation-off', {
        subject: key,
        keys: [key],
        evidence: [
          'Secrets Manager does not rotate its secret, although its provider allows it.',
          rotatedAt ? `It last rotated on ${day(rotatedAt)}.` : 'It has never rotated.',
        ],
        fix: `Turn it on again: \`aws secretsmanager rotate-secret --secret-id ${secretName(state.address)}\`, which rotates it now and on its schedule from then on. CloudTrail shows who turned it off (CancelRotateSecret).`,
      }),
    ];
  }
  const evidence = [
    ...(holderOf(state, droppedLabel)
      ? ['A rotation was abandoned, and the key that it created is not yet proven dead.']
      : []),
    ...(pendingSince && now.getTime() - pendingSince.getTime() > stuckAfterMs
      ? [`A rotation began on ${moment(pendingSince)} and is not finished.`]
      : []),
    ...(now.getTime() - rotationDueBy.getTime() > lateForMs
      ? [`It should have rotated by ${moment(rotationDueBy)}.`]
      : []),
  ];
  return evidence.length ? [finding('rotation-failing', { subject: key, keys: [key], evidence, fix })] : [];
}

/** @param silent reads that no report followed, as the hourly look found @param specs of keys that there are, by short name */
export function findSilentServers(
  silent: readonly (Reporting & { key: string })[],
  specs: (key: string) => KeySpec | undefined,
): AuditFinding[] {
  return silent.flatMap(read => {
    if (!specs(read.key)) return [];
    const [environment, , server] = read.key.split('/');
    const since = read.readAt ? [`It read the key on ${moment(read.readAt)}, and no report followed.`] : [];
    return [
      finding('not-reporting', {
        subject: read.key,
        keys: [read.key],
        evidence: [`The server ${server}: ${silenceInWords(read)}.`, ...since],
        fix: `Attach the policy keyturn-${environment}-${server}-usage to its role, and have it use the client library or \`npx keyturn run\`; \`npx keyturn doctor\` on its host then says whether its use is reported.`,
      }),
    ];
  });
}

/** @param topic which of Keyturn's topics */
export function findUnsubscribed(
  environment: string,
  topic: 'oncall' | 'fallback',
  listeners: readonly Listener[],
): AuditFinding[] {
  return listeners.flatMap(({ protocol, endpoint, state, problem }) => {
    if (protocol !== 'email' || state === 'confirmed' || problem === undefined) return [];
    return [
      finding('mailbox-unsubscribed', {
        subject: `${endpoint} at keyturn-${environment}-${topic}`,
        keys: [],
        evidence: [`${endpoint} ${problem.split(';')[0]}.`],
        fix: `${problem.split(';').slice(1).join(';').trim()}; \`npx keyturn check --env ${environment}\` shows whether it worked.`,
      }),
    ];
  });
}
