// What the on-call engineer is told besides incidents: calls that were not genuine, and issuer credentials that somebody read.
import type { Certificate } from '../ending/certificate';
import { shortName } from '../key/key-address';
import { keyturnCommand, step } from '../text/step';
import type { Listener } from './listeners';
import { type Notice, runbookSection } from './notice';

/** A call, or a record in the table, that did not come from Keyturn or its alarms. */
export function refusedNotice(environment: string, why: string, from: string): Notice {
  return {
    state: 'happened',
    severity: 'critical',
    about: `keyturn/${environment}/refused`,
    environment,
    keys: [],
    headline: 'a call or a record that was not genuine was refused',
    facts: [
      ['Why', why],
      ['From', from],
    ],
    done: ['Nothing was revoked.'],
    next: [
      step(
        'Find out in CloudTrail who published to the alarms topic, invoked the function or wrote into the table.',
      ),
      step('Further refusals within the next ten minutes are in the log only.'),
    ],
    runbook: runbookSection('refused'),
    drill: false,
  };
}

/** An address that the configuration names, and that gets no messages; or that gets them again. */
export function listenerNotice(
  environment: string,
  { endpoint, problem }: Listener,
  topic: 'oncall' | 'fallback',
): Notice {
  const { begins, over } = listenerWords[topic];
  return {
    state: problem ? 'begins' : 'over',
    severity: problem ? 'warning' : 'info',
    about: `keyturn/${environment}/listener/${topic}/${endpoint}`.slice(0, 255),
    environment,
    keys: [],
    headline: `${endpoint} ${problem ? begins : over}`,
    facts: [
      ['Topic', `keyturn-${environment}-${topic}`],
      ...(problem ? ([['Why', `it ${problem}`]] as const) : []),
    ],
    done: [problem ? 'Told the others who are subscribed.' : 'Saw its subscription confirmed.'],
    next: problem ? [step('See who is subscribed:', 'status', '--env', environment)] : [],
    runbook: runbookSection('nobody-told'),
    drill: false,
  };
}

const listenerWords = {
  oncall: { begins: 'gets no messages from Keyturn', over: 'gets messages from Keyturn again' },
  fallback: {
    begins: 'would not be notified that messages from Keyturn cannot be sent',
    over: 'would be notified that messages from Keyturn cannot be sent',
  },
};

/** One message for all that are new today: whoever makes many of them must not bury what else people are told. */
const namedAtMost = 10;

export function unknownSecretsNotice(environment: string, secrets: readonly { why: string }[]): Notice {
  const others = secrets.length - namedAtMost;
  return {
    state: 'happened',
    severity: 'warning',
    about: `keyturn/${environment}/unknown-secret`,
    environment,
    keys: [],
    headline:
      secrets.length === 1
        ? 'a secret is named like a key of Keyturn, and is not proven to be one'
        : `${secrets.length} secrets are named like keys of Keyturn, and are not proven to be`,
    facts: [
      ...secrets.slice(0, namedAtMost).map(({ why }) => ['Secret', why] as const),
      ...(others > 0 ? ([['And', `${others} more`]] as const) : []),
    ],
    done: ['Nothing: Keyturn neither rotates nor revokes what such a secret holds.'],
    next: [
      step(
        'For each, do what is written beside it. If nothing changes, you get this message again tomorrow. See all:',
        ...['status', '--env', environment],
      ),
    ],
    runbook: runbookSection('unknown-secret'),
    drill: false,
  };
}

/** No key of Keyturn's: people must replace it. */
export function issuerReadNotice(
  environment: string,
  provider: string,
  read: { principal: string; source: string; at: Date; errorCode?: string },
): Notice {
  const { principal, source, at, errorCode } = read;
  return {
    state: 'happened',
    severity: 'critical',
    about: `keyturn/${environment}/issuer-read/${provider}`,
    environment,
    keys: [],
    headline: errorCode
      ? `someone tried to read the issuer credential of ${provider}`
      : `the issuer credential of ${provider} was read by someone other than Keyturn`,
    facts: [
      ['Who', principal],
      ['From', source],
      ['When', at.toISOString()],
      ...(errorCode ? ([['Refused with', errorCode]] as const) : []),
    ],
    done: [
      'Nothing: only a person can create a new issuer credential. Further reads by the same reader are not reported within the hour.',
    ],
    next: errorCode
      ? [step('Find out who it was: the credential itself was not read.')]
      : [
          step('Find out who it was.'),
          step(
            `If no one knows, create a new admin credential at ${provider}, store it, and delete the old one there:`,
            ...['issuer', 'set', provider, '--env', environment],
          ),
          step(`Then look for keys at ${provider} that no one here created.`),
        ],
    runbook: runbookSection('issuer-read'),
    drill: false,
  };
}

/** A key that was said to be rejected works again: the loudest there is, since people believed it gone. */
export function aliveAgainNotice(certificate: Certificate): Notice {
  const { address, of } = certificate;
  return {
    ...ofEnd(certificate),
    state: 'begins',
    severity: 'critical',
    headline: `an old key of ${shortName(address)} was revoked and rejected, and is ACCEPTED again`,
    done: ['Revoked it once more. Keyturn looks at it again in two hours.'],
    next: [
      step(
        `Delete it in ${address.provider}'s console, and ask ${address.provider} how long revoked keys live there.`,
      ),
      ...(of === 'compromised'
        ? [step('It is a compromised key: find out what it has been used for since.')]
        : []),
    ],
    runbook: runbookSection('alive-again'),
  };
}

/** @param why one sentence without a full stop */
export function notLookedAtNotice(certificate: Certificate, why: string): Notice {
  const { address } = certificate;
  return {
    ...ofEnd(certificate),
    state: 'begins',
    severity: 'warning',
    headline: `the second look at an old key of ${shortName(address)} has failed for a day`,
    facts: [...factsOfEnd(certificate), ['Why', why]],
    done: [
      'Revoked it, and saw it rejected several times. The second look is tried every hour, for two weeks.',
    ],
    next: [step(`See in ${address.provider}'s console that the key is gone.`)],
    runbook: runbookSection('second-look'),
  };
}

/** What was told of the end of a key is over: it was rejected at a second look. */
export function deadAfterAllNotice(certificate: Certificate): Notice {
  const { address } = certificate;
  return {
    ...ofEnd(certificate),
    state: 'over',
    severity: 'info',
    headline: `the old key of ${shortName(address)} is dead now: rejected at the second look, too`,
    done: ['Asked the provider once more: it rejects the key.'],
    next: [],
    runbook: runbookSection('second-look'),
  };
}

/** What every message about a key that ended has. */
function ofEnd(certificate: Certificate) {
  const { address } = certificate;
  return {
    about: aboutEnd(certificate),
    environment: address.environment,
    keys: [shortName(address)],
    facts: factsOfEnd(certificate),
    drill: false,
  } satisfies Partial<Notice>;
}

/** One key that ended, of the many that a secret has had. An id can be of any length, and is the provider's. */
function aboutEnd({ address, versionId }: Certificate): string {
  return `keyturn/${shortName(address)}/end/${versionId}`;
}

function factsOfEnd({ address, keyId = 'unknown', of }: Certificate): [string, string][] {
  return [
    ['Key', shortName(address)],
    ['Key id', keyId],
    ['Why it ended', of],
    ['Certificate', keyturnCommand('proof', keyId, '--env', address.environment)],
  ];
}
