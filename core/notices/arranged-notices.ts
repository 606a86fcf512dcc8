// What on-call is told of changes that people ask the emergency function for. Each says who asked, in case it was someone else.
import { type Requester, requesterInWords } from '../incident/requester';
import { type KeyAddress, shortName } from '../key/key-address';
import { step } from '../text/step';
import { type Notice, runbookSection } from './notice';

/** @param until absent where a silence ended */
export function silenceNotice(
  address: KeyAddress,
  until: Date | undefined,
  by: Requester,
  reason: string,
): Notice {
  const key = shortName(address);
  return {
    state: until ? 'happened' : 'over',
    severity: 'info',
    about: `keyturn/${key}/silence`,
    environment: address.environment,
    keys: [key],
    headline: until ? `${key} is silenced until ${until.toISOString()}` : `${key} is no longer silenced`,
    facts: [
      ['Key', key],
      ['By', requesterInWords(by)],
      ['Reason', reason || 'no reason given'],
    ],
    done: [
      until
        ? 'Alarms about this key are recorded but change nothing until then.'
        : 'Alarms about this key are acted on again.',
    ],
    next: until
      ? [step('If that was not you, end it, and find out who it was:', 'silence', key, '--off')]
      : [],
    runbook: runbookSection('silence'),
    drill: false,
  };
}

export function unmarkNotice(address: KeyAddress, versionId: string, by: Requester): Notice {
  const key = shortName(address);
  return {
    state: 'happened',
    severity: 'info',
    about: `keyturn/${key}/unmark`,
    environment: address.environment,
    keys: [key],
    headline: `a compromised key of ${key} is kept`,
    facts: [
      ['Key', key],
      ['Version', versionId],
      ['By', requesterInWords(by)],
    ],
    done: ['The containment no longer revokes this key: someone is making it current again.'],
    next: [step('If that was not you, replace the key, and find out who it was:', 'revoke', key)],
    runbook: runbookSection('kept'),
    drill: false,
  };
}

/** A version that a containment waited for: somebody had stored something else than a key in it. */
export function forgottenVersionNotice(address: KeyAddress, versionId: string, by: Requester): Notice {
  const key = shortName(address);
  return {
    state: 'happened',
    severity: 'info',
    about: `keyturn/${key}/forgotten-version`,
    environment: address.environment,
    keys: [key],
    headline: `a version of ${key} that holds no key is forgotten`,
    facts: [
      ['Key', key],
      ['Version', versionId],
      ['By', requesterInWords(by)],
    ],
    done: ['Its labels were taken off, and no incident waits for it any more.'],
    next: [
      step(
        'If someone may have hidden a key in it, find out in CloudTrail who stored it, and revoke that key.',
      ),
    ],
    runbook: runbookSection('unreadable'),
    drill: false,
  };
}
