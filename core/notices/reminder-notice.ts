// The reminder that a key has to be replaced, by the person who can: nothing rotates it, or AWS should have done so.
import { type KeyAddress, shortName } from '../key/key-address';
import type { KeyEnd } from '../key/key-end';
import type { KeySpec } from '../key/key-spec';
import type { HandSteps } from '../provider';
import { step } from '../text/step';
import { dayMs } from '../time';
import { type Notice, runbookSection } from './notice';

/** @param day of remindedAtDays */
export function reminderNotice(
  address: KeyAddress,
  keyId: string,
  { at, by }: KeyEnd,
  day: number,
  { steps, rotatedBy }: { readonly steps: HandSteps } & Pick<KeySpec, 'rotatedBy'>,
  now: Date,
): Notice {
  const key = shortName(address);
  const left = Math.max(0, Math.ceil((at.getTime() - now.getTime()) / dayMs));
  const when = left ? `in ${left} ${left === 1 ? 'day' : 'days'}` : 'now';
  const ends = at <= now ? 'has expired' : `expires ${when}`;
  return {
    state: 'happened',
    severity: day <= 3 ? 'critical' : 'warning',
    about: `keyturn/${key}/reminder/${at.toISOString().slice(0, 10)}/${day}`,
    environment: address.environment,
    keys: [key],
    headline:
      by === 'provider'
        ? `the key of ${key} ${ends} at its provider, and ${rotatedBy === 'aws' ? 'AWS has not rotated it' : 'only a person can create another'}`
        : `the key of ${key} has to be replaced ${when} under its policy, and only a person can do it`,
    facts: [
      ['Key', key],
      ['Key id', keyId],
      [by === 'provider' ? 'Expires at the provider' : 'Replace by', at.toISOString()],
    ],
    done: [
      rotatedBy === 'aws' ? 'Nothing: AWS rotates this key.' : 'Nothing: no API of this provider makes keys.',
    ],
    next: [
      ...(rotatedBy === 'aws'
        ? [step('Start a rotation by AWS, and see whether it fails:', 'rotate', key)]
        : []),
      step(`To replace it, ${steps.make}; then store it:`, 'adopt', key, '--replace'),
      step('The old key then works until its overlap is over. Keyturn revokes it then, or tells you how to.'),
    ],
    runbook: runbookSection('reminder'),
    drill: false,
  };
}
