// The text that the on-call engineer gets about an incident, and which incidents are not reported.
import type { BreakerScope } from '../incident/breaker';
import { evidenceOf, type Incident, type IncidentOutcome, type IncidentStep } from '../incident/incident';
import { causeInWords, type Report, reportMarkdown, reportText } from '../incident/investigation';
import { cooldownMs } from '../incident/response';
import { type Evidence, type IncidentResponse, signals } from '../incident/signals';
import { shortName } from '../key/key-address';
import { keyturnCommand, type Step, step } from '../text/step';
import { minuteMs } from '../time';
import { mailWidth } from './mail';
import { type Notice, runbookSection, type Severity } from './notice';

interface Wording {
  severity: Severity;
  /** Completes "prod/sendgrid/support-bot ...". */
  headline: string;
  done: string;
}

/** Keys that the message of an order names; the incident lists all. */
const namedAtMost = 100;

/** Absent: recorded, and nobody is disturbed. Its first incident, the one that covers it, or the breaker has told already. */
const wordings: Partial<Record<IncidentOutcome, Wording>> = {
  contained: {
    severity: 'critical',
    headline: 'was replaced, and its old key is revoked and rejected',
    done: 'Issued a new key, made it current, notified the servers, revoked every older key, and saw the provider reject it several times in a row. A second look follows in two hours, and you are told if it is accepted then.',
  },
  ended: {
    severity: 'warning',
    headline: 'was ended for good, and got no replacement',
    done: 'Revoked every key of its secret, saw the provider reject them, and stored that it has ended. A second look follows in two hours, and you are told if a key is accepted then.',
  },
  told: {
    severity: 'warning',
    headline: 'looks suspicious; nothing was changed',
    done: 'Nothing: for this signal and tier, people decide.',
  },
  'key-works': {
    severity: 'warning',
    headline: 'is refused often, although the provider accepts it',
    done: 'Checked the key with the provider: it is accepted, so a new one would not help.',
  },
  'cooling-down': {
    severity: 'warning',
    headline: 'looks suspicious again soon after it was replaced',
    done: `Nothing: within ${cooldownMs / minuteMs} minutes of a replacement, Keyturn does not replace a key again by itself.`,
  },
  'dry-run': {
    severity: 'info',
    headline: 'would be replaced; this was a dry run',
    done: 'Everything except the change itself.',
  },
  drill: {
    severity: 'info',
    headline: 'went through a fire drill',
    done: 'Received the alarm, confirmed it with CloudWatch, recorded the incident, decided, and told you.',
  },
  'rolled-back': {
    severity: 'critical',
    headline: 'was replaced, and somebody made the old key current again',
    done: 'Left the old key alone, because a person made it current again.',
  },
  unissued: {
    severity: 'info',
    headline: 'has no key, so there is nothing to revoke',
    done: 'Nothing.',
  },
  'unknown-key': {
    severity: 'warning',
    headline: 'has no secret that Keyturn deployed, so nothing was revoked',
    done: 'Nothing. If its secret was deleted, the key may still be accepted by its provider.',
  },
};

/** What CloudTrail saw always reaches people: nothing else that happens to the key tells of that reader. */
const trailWordings: Partial<Record<IncidentOutcome, Wording>> = {
  'breaker-open': {
    severity: 'critical',
    headline: 'is NOT replaced yet, although somebody read it: too many keys at once',
    done: 'Nothing yet: Keyturn replaces it by itself once automatic replacements continue, within two hours.',
  },
  covered: {
    severity: 'critical',
    headline: 'was read while Keyturn was replacing it',
    done: 'Waits until that replacement is over, and replaces the key again if the new one may have been read.',
  },
  late: {
    severity: 'warning',
    headline: 'was read before its last replacement; that key is dead',
    done: 'Nothing more: whoever read it does not have the key that is current now.',
  },
  silenced: {
    severity: 'critical',
    headline: 'was read while it is silenced; nothing was changed',
    done: 'Nothing: a person has silenced this key.',
  },
  'dry-run': {
    severity: 'critical',
    headline: 'was read and would be replaced, but Keyturn only watches here',
    done: 'Everything except the change itself.',
  },
};

function wordingOf(incident: Incident): Wording | undefined {
  const { outcome } = incident;
  if (!outcome) return undefined;
  return (evidenceOf(incident) === 'trail' ? trailWordings[outcome] : undefined) ?? wordings[outcome];
}

export function isTold(incident: Incident): boolean {
  return wordingOf(incident) !== undefined;
}

/** @returns `undefined` where nobody is told */
export function incidentNotice(
  incident: Incident,
  response: IncidentResponse,
  report: Report,
): Notice | undefined {
  const wording = wordingOf(incident);
  if (!wording) return undefined;
  const key = shortName(incident.address);
  return {
    // That it failed at first was told, and is over.
    state: incident.steps.some(({ what }) => what === 'failed') ? 'over' : 'happened',
    severity: wording.severity,
    about: aboutOf(incident),
    environment: incident.address.environment,
    keys: [key],
    headline: `${key} ${wording.headline}`,
    facts: [...factsOf(incident, response), ...timesOf(incident)],
    done: [wording.done],
    next: [...report.nextSteps, showStep(incident, 'Read the timeline:')],
    runbook: runbookOf(incident),
    drill: incident.drill,
    report: { markdown: reportMarkdown(report), text: reportText(report, mailWidth) },
  };
}

/** The one page when automatic containments stop. */
export function breakerNotice(incident: Incident, scope: BreakerScope): Notice {
  const { environment, server } = incident.address;
  const evidence = evidenceOf(incident) ?? 'metrics';
  const keys = scope === 'server' ? `keys of ${server}` : 'keys';
  return {
    state: 'happened',
    severity: 'critical',
    about: `keyturn/${environment}/breaker/${evidence}${scope === 'server' ? `/${server}` : ''}`,
    environment,
    keys: [shortName(incident.address)],
    headline: `too many ${keys} set off alarms at once; automatic revocation has stopped for an hour`,
    facts: [...factsOf(incident, undefined), ['Stopped', `${keys}, where ${evidenceInWords[evidence]}`]],
    done: [
      'Replaced the first keys, then stopped: so many at once point to faulty alarms, an outage, or an attack on Keyturn itself.',
      'Records every alarm; those that were stopped wait, and are taken up after the hour. Orders from people are not stopped.',
    ],
    next: [
      step('See which keys, and why:', 'incidents', '--env', environment),
      step(
        'If the alarms of a key are wrong, keep it as it is after the hour, too:',
        ...['silence', shortName(incident.address), '--for', '24h', '--reason', 'why'],
      ),
      step(
        'Replace each key that really is compromised: the breaker does not stop people.',
        ...['revoke', shortName(incident.address)],
      ),
    ],
    runbook: runbookSection('breaker'),
    drill: false,
  };
}

const evidenceInWords: Record<Evidence, string> = {
  metrics: 'only metrics tell, which servers can forge',
  provider: 'the provider rejects them',
  trail: 'CloudTrail saw somebody read them',
};

/** One message for an order that was about many keys. */
export function orderNotice(incidents: readonly [Incident, ...Incident[]]): Notice {
  const [first] = incidents;
  const { environment } = first.address;
  const ended = (outcome: IncidentOutcome) =>
    incidents.filter(incident => incident.outcome === outcome).length;
  const open = incidents.filter(({ status }) => status === 'open');
  const contained = ended('contained');
  const over = ended('ended');
  const isEnd = first.cause.by === 'person' && first.cause.response === 'end';
  return {
    state: open.length ? 'begins' : 'happened',
    severity: open.length ? 'critical' : 'warning',
    about: `keyturn/${first.incidentId}`,
    environment,
    keys: incidents.slice(0, namedAtMost).map(({ address }) => shortName(address)),
    headline: isEnd
      ? `${over} of ${incidents.length} keys were ended for good: revoked and rejected, without a replacement`
      : `${contained} of ${incidents.length} keys were replaced, and their old keys are revoked and rejected`,
    facts: [
      ['Ordered', causeInWords(first)],
      isEnd ? ['Ended', String(over)] : ['Replaced', String(contained)],
      ['Without a key', String(ended('unissued'))],
      ['Handled by another incident', String(ended('covered'))],
      ['Not finished', String(open.length)],
      ['Incident', first.incidentId],
    ],
    done: ['Did so with the keys counted above; continues with those that are not finished.'],
    next: [showStep(first, 'See every key:')],
    runbook: runbookSection('revoke'),
    drill: false,
  };
}

/** Once, at the first try that failed. */
export function unfinishedNotice(incident: Incident, why: string): Notice {
  const key = shortName(incident.address);
  const isEnd = incident.cause.by === 'person' && incident.cause.response === 'end';
  const { environment, provider } = incident.address;
  const ways = isEnd
    ? [step(`If it cannot wait, delete the key in ${provider}'s console. Do not deploy its removal yet.`)]
    : [
        step(
          `If only a person can create this key, create one at ${provider}, then store it:`,
          ...['adopt', key, '--replace'],
        ),
        step(
          "If it cannot wait for a replacement, delete the key in the provider's console, or revoke it at once:",
          ...['revoke', key, '--revoke-first'],
        ),
      ];
  return {
    state: 'begins',
    severity: 'critical',
    about: aboutOf(incident),
    environment,
    keys: [key],
    headline: `${key} is NOT ${isEnd ? 'ended' : 'contained'} yet`,
    facts: [...factsOf(incident, undefined), ['Why', why]],
    done: ['Keeps trying, every minute and later every hour, until the old key is rejected.'],
    next: [showStep(incident, 'See how far it got:'), ...ways],
    runbook: runbookSection('unfinished'),
    drill: incident.drill,
  };
}

/** An order that is told of key by key is as many matters, each of which can be over. */
function aboutOf({ incidentId, address }: Incident): string {
  return `keyturn/${incidentId}/${shortName(address)}`;
}

function showStep({ incidentId, address }: Incident, text: string): Step {
  return step(text, 'incidents', 'show', incidentId, '--env', address.environment);
}

function runbookOf({ cause }: Incident): string {
  return runbookSection(cause.by === 'person' ? 'revoke' : cause.signal);
}

function factsOf(incident: Incident, response: IncidentResponse | undefined): [string, string][] {
  const { cause, address, at, incidentId } = incident;
  return [
    ['Key', shortName(address)],
    ['Server', address.server],
    ['Noticed', `${at.toISOString()}: ${causeInWords(incident)}`],
    ...(response ? ([['Policy', policyInWords(incident, response)]] as [string, string][]) : []),
    ...(cause.by === 'alarm' ? ([['Alarm', cause.alarmArn]] as [string, string][]) : []),
    ['Incident', incidentId],
  ];
}

function policyInWords({ cause }: Incident, response: IncidentResponse): string {
  return cause.by === 'person' ? response : `${response}. ${signals[cause.signal].why}`;
}

function timesOf({ steps, at, address }: Incident): [string, string][] {
  const seconds = (time: string) => `${(Date.parse(time) - at.getTime()) / 1000} s`;
  const last = (what: IncidentStep['what']) => steps.findLast(other => other.what === what)?.at;
  const [promoted, revoked, rejected] = [last('promoted'), last('revoked'), last('rejected')];
  const ends = steps.flatMap(step => (step.what === 'rejected' ? [step] : []));
  const first = ends.flatMap(({ firstAt }) => firstAt ?? []).sort();
  const from = first.at(-1);
  return [
    ...facts('Replaced after', promoted && seconds(promoted)),
    ...facts('Revoked after', revoked && seconds(revoked)),
    ...facts(
      'Rejected',
      from && rejected && `after ${seconds(from)}, and every time until ${seconds(rejected)}`,
    ),
    ...ends
      .slice(0, 1)
      .flatMap(({ keyId }) =>
        facts('Certificate', keyId && keyturnCommand('proof', keyId, '--env', address.environment)),
      ),
  ];
}

function facts(label: string, value: string | undefined): [string, string][] {
  return value ? [[label, value]] : [];
}
