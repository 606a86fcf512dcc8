// What people are told of rotations that fail, of their recovery, and of keys that a rotation met and did not touch.
import { createHash } from 'node:crypto';
import { type KeyAddress, shortName } from '../key/key-address';
import { step } from '../text/step';
import { type Notice, runbookSection } from './notice';

/** As Secrets Manager tells it. */
export interface RotationNews {
  address: KeyAddress;
  at: Date;
  /** - `failed`: tried again. `abandoned`: a value was stored meanwhile. `test-failed`: the settings do not work. */
  outcome: 'failed' | 'abandoned' | 'test-failed' | 'succeeded';
  /** In AWS's words; it names the step, and the function's log has the cause. */
  reason: string;
}

const headlines: Record<RotationNews['outcome'], (key: string) => string> = {
  failed: key => `the rotation of ${key} failed`,
  abandoned: key => `the rotation of ${key} was abandoned`,
  'test-failed': key => `the settings for the rotation of ${key} do not work`,
  succeeded: key => `${key} rotates again`,
};

const section = runbookSection('rotation-failed');

export function rotationNotice({ address, at, outcome, reason }: RotationNews): Notice {
  const key = shortName(address);
  const { environment, provider, server } = address;
  const isOver = outcome === 'succeeded';
  return {
    state: isOver ? 'over' : 'begins',
    severity: isOver ? 'info' : 'warning',
    about: aboutRotation(address),
    environment,
    keys: [key],
    headline: headlines[outcome](key),
    facts: [
      ['Key', key],
      ['Server', server],
      ['When', at.toISOString()],
      ...(reason ? ([['Secrets Manager says', reason]] as const) : []),
    ],
    done: isOver
      ? ['Rotated the key: servers have a new one, and the old one ends after its overlap.']
      : [
          'Left the current key as it is, so servers go on working. Tries again, and starts over after two hours; you are not notified of every attempt.',
        ],
    next: isOver
      ? []
      : [
          {
            text: 'Find the cause in the log:',
            command: `aws logs tail /aws/lambda/keyturn-${environment}-rotate-${provider} --since 3h`,
          },
          step('See the state of the key:', 'status', '--env', environment, '--server', server),
          step(
            'Once the cause is fixed, you need not wait for the next attempt:',
            'rotate',
            key,
            '--unstick',
          ),
        ],
    runbook: section,
    drill: false,
  };
}

export function aboutRotation(address: KeyAddress): string {
  return `keyturn/${shortName(address)}/rotation`;
}

/** @param keyId the provider's */
export function unprovenNotice(address: KeyAddress, keyId: string, createdAt: string | undefined): Notice {
  const key = shortName(address);
  const { environment, provider } = address;
  return {
    state: 'happened',
    severity: 'warning',
    about: `keyturn/${key}/unproven/${createHash('sha256').update(keyId).digest('hex').slice(0, 16)}`,
    environment,
    keys: [key],
    headline: `${provider} has a key that is named like one of ${key}, and nothing proves that it is one`,
    facts: [['Key', key], ['Key id', keyId], ...(createdAt ? ([['Created', createdAt]] as const) : [])],
    done: [
      'Did not revoke it, and no server got it from Keyturn. It may be a key that was created and never stored, or someone else gave it this name.',
    ],
    next: [
      step(
        "Look at it in the provider's console, and delete it there if no one uses it. All such keys:",
        ...['status', '--env', environment],
      ),
    ],
    runbook: runbookSection('key-unproven'),
    drill: false,
  };
}
