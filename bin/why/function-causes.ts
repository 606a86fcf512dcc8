// What the errors that functions logged say about a key: whose fault it is, and what mends it.
import type { ErrorCode } from '../../core/errors';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { runbookSection } from '../../core/notices/notice';
import { type Step, step } from '../../core/text/step';
import { logGroupName } from '../../lib/config/aws/names';
import type { FunctionError } from '../aws/functions/function-errors';
import type { State } from '../aws/keys/key-state';
import { type LikelyCause, type Observation, stateSeen } from './cause';
import type { KeyEvidence } from './evidence';

/** What an error of a function says about where the fault is. */
const meanings: Partial<Record<ErrorCode, { says: string; next(address: KeyAddress): Step[] }>> = {
  'issuer-rejected': {
    says: 'the provider does not accept the admin credential of this environment any more',
    next: setIssuer,
  },
  'bad-issuer': { says: 'the admin credential of the provider is not set, or not whole', next: setIssuer },
  refused: {
    says: 'the provider refuses the request: the evidence says what is missing',
    next: setIssuer,
  },
  'rate-limited': { says: 'the provider allows no more calls for now', next: () => [waitStep] },
  'provider-down': { says: 'the provider has a problem of its own', next: () => [waitStep] },
  'no-answer': { says: 'the provider, or AWS, could not be reached', next: () => [waitStep] },
  'bad-reply': {
    says: 'the provider answered outside of what it documents',
    next: () => [step('See the status page and the change log of the provider; report it if it stays so.')],
  },
  'key-rejected': {
    says: 'the provider does not accept the key that it has just made, or the one in use',
    next: () => [step("Look at the key in the provider's console: was it deleted or limited there?")],
  },
  'key-still-alive': {
    says: 'the provider accepts a key that was revoked',
    next: () => [step("Revoke the key in the provider's console; Keyturn asks again every hour.")],
  },
  'not-allowed': { says: 'AWS does not let the function do its work', next: deployStep },
  'not-deployed': { says: 'the secret is not proven to be one that Keyturn deployed', next: deployStep },
  'bad-config': { says: 'the function was not deployed completely', next: deployStep },
};

const waitStep = step('Wait: Keyturn tries again by itself. Look again in an hour.');

function setIssuer({ environment, provider }: KeyAddress): Step[] {
  return [
    step('See when the admin credential was set:', 'issuer', 'status', '--env', environment),
    step('If it is no longer right, set one that is:', 'issuer', 'set', provider, '--env', environment),
  ];
}

function deployStep({ environment, server }: KeyAddress): Step[] {
  return [
    {
      text: 'Deploy its stacks again:',
      command: `npx cdk deploy keyturn-${environment} keyturn-${environment}-${server}`,
    },
  ];
}

function meaningOf(error: FunctionError | undefined) {
  return meanings[error?.code as ErrorCode];
}

const rotationStates: readonly (State | undefined)[] = ['stuck', 'overdue', 'rotating'];
const shownErrors = 3;

export function failedRotation(evidence: KeyEvidence): LikelyCause[] {
  if (!isRotationWrong(evidence)) return [];
  const { address, status, rotationErrors } = evidence;
  const [last] = rotationErrors;
  const key = shortName(address);
  const meaning = meaningOf(last);
  const what = last?.step
    ? `The rotation of ${key} fails in its step ${last.step}`
    : `The rotation of ${key} does not end`;
  const says = [
    `${what}${meaning ? `: ${meaning.says}` : ''}.`,
    ...(status?.currentVersion ? ['The current key is left as it is, so servers go on working.'] : []),
  ];
  const log = logGroupName(address.environment, `rotate-${address.provider}`);
  const flags = status?.state === 'stuck' ? ['--unstick'] : [];
  return [
    {
      says: says.join(' '),
      evidence: rotationSeen(evidence),
      next: [
        ...(meaning?.next(address) ?? []),
        ...(last ? [] : [{ text: 'Find the cause in the log:', command: `aws logs tail ${log} --since 3h` }]),
        step('Once the cause is fixed, you need not wait for the next attempt:', 'rotate', key, ...flags),
      ],
      runbook: runbookSection(status?.state === 'overdue' ? 'overdue' : 'rotation-failed'),
    },
  ];
}

/** An error of a rotation that a later one has made good counts only while people believe that it still fails. */
function isRotationWrong({ status, toldAt, rotationErrors }: KeyEvidence): boolean {
  const [last] = rotationErrors;
  const rotatedAt = status?.rotatedAt;
  const isOver =
    !rotationStates.includes(status?.state) &&
    last !== undefined &&
    rotatedAt !== undefined &&
    rotatedAt > last.at;
  if (toldAt) return true;
  return !isOver && (status?.state === 'stuck' || status?.state === 'overdue' || last !== undefined);
}

function rotationSeen({
  address: { provider },
  status,
  toldAt,
  rotationErrors,
  othersFailing,
}: KeyEvidence): Observation[] {
  const source = `log of the rotate function of ${provider}`;
  const told = 'people were notified that its rotation fails, and not yet that it works again';
  const others = othersFailing.length;
  const failed = `rotations of ${others} other ${others === 1 ? 'key' : 'keys'} of ${provider} failed, too`;
  const text = `${failed}: the cause is rather the provider or its admin credential than this key`;
  return [
    ...(status ? [stateSeen(status.state, status.note)] : []),
    ...(toldAt ? [{ at: toldAt, source: 'messages to on-call', text: told }] : []),
    ...errorsSeen(rotationErrors, source),
    ...(others ? [{ source, text }] : []),
  ];
}

function errorsSeen(errors: readonly FunctionError[], source: string): Observation[] {
  const shown = errors.slice(0, shownErrors).map(({ at, code, message }) => ({
    at,
    source,
    text: code ? `${message} (${code})` : message,
  }));
  const rest = errors.length - shown.length;
  return rest > 0 ? [...shown, { source, text: `${rest} earlier errors of the same key` }] : shown;
}

export function failedRetirement({ address, status, retireErrors }: KeyEvidence): LikelyCause[] {
  if (status?.state !== 'not-ended' && !retireErrors.length) return [];
  const key = shortName(address);
  const [last] = retireErrors;
  const meaning = meaningOf(last);
  return [
    {
      says: `A superseded key of ${key} could not be ended${meaning ? `: ${meaning.says}` : ''}. It may still be accepted.`,
      evidence: [
        ...(status ? [stateSeen(status.state, status.note)] : []),
        ...errorsSeen(retireErrors, 'log of the retire function'),
      ],
      next: [
        ...(meaning?.next(address) ?? []),
        step(
          'Keyturn tries again every hour. See whether it has:',
          'status',
          '--env',
          address.environment,
          '--server',
          address.server,
        ),
      ],
      runbook: runbookSection('retire-failed'),
    },
  ];
}
