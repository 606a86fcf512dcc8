// The text that the on-call engineer gets about an incident, and which incidents are not reported.
import type { BreakerScope } from '../incident/breaker';
import { evidenceOf, type Incident, type IncidentOutcome, type IncidentStep } from '../incident/incident';
import { causeInWords, type IncidentReport } from '../incident/report/investigation';
import { type EvidenceSource, type IncidentResponse, signals } from '../incident/signals';
import { shortName } from '../key/key-address';
import { keyturnCommand, step } from '../text/step';
import { type Notice, runbookSection } from './notice';
import { wordingOf } from './outcome-words';

/** Keys that the message of an order names; the incident lists all. */
const namedAtMost = 100;

export function isTold(incident: Incident): boolean {
  return wordingOf(incident) !== undefined;
}

/** @returns `undefined` where nobody is told */
export function incidentNotice(
  incident: Incident,
  response: IncidentResponse,
  report: IncidentReport,
): Notice | undefined {
  const wording = wordingOf(incident);
  if (!wording) return undefined;
  const key = shortName(incident.address);
  return {
    // That it failed at first was told, and is over where the outcome settles it.
    state: incident.steps.some(({ what }) => what === 'failed') && !wording.leavesOpen ? 'over' : 'happened',
    severity: wording.severity,
    about: aboutOf(incident),
    environment: incident.address.environment,
    keys: [key],
    headline: `${key} ${wording.headline}`,
    facts: [...factsOf(incident, response), ...timesOf(incident)],
    done: [wording.done],
    next: [...report.nextSteps, step('Read the timeline:', ...showCommand(incident))],
    runbook: runbookOf(incident),
    drill: incident.drill,
    report,
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
      'Records every alarm; those that were stopped wait, and are handled after the hour. Orders from people are not stopped.',
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

const evidenceInWords: Record<EvidenceSource, string> = {
  metrics: 'only metrics tell, which servers can forge',
  provider: 'the provider rejects them',
  trail: 'CloudTrail shows that someone read them',
  report: 'someone reported that they were found',
};

/** One message for an order that was about many keys. */
export function orderNotice(incidents: readonly [Incident, ...Incident[]]): Notice {
  const [first] = incidents;
  const { environment } = first.address;
  const countOf = (outcome: IncidentOutcome) =>
    incidents.filter(incident => incident.outcome === outcome).length;
  const open = incidents.filter(({ status }) => status === 'open');
  const contained = countOf('contained');
  const over = countOf('ended');
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
      ['Without a key', String(countOf('unissued'))],
      ['Handled by another incident', String(countOf('covered'))],
      ['Not finished', String(open.length)],
      ['Incident', first.incidentId],
    ],
    done: ['Did so with the keys counted above; continues with those that are not finished.'],
    next: [step('See every key:', ...showCommand(first))],
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
    next: [step('See how far it got:', ...showCommand(incident)), ...ways],
    runbook: runbookSection('unfinished'),
    drill: incident.drill,
  };
}

/** An order that is told of key by key is as many matters, each of which can be over. */
function aboutOf({ incidentId, address }: Incident): string {
  return `keyturn/${incidentId}/${shortName(address)}`;
}

/** What tells all of an incident, as `step` and `keyturnCommand` take it. */
export function showCommand({ incidentId, address }: Incident): string[] {
  return ['incidents', 'show', incidentId, '--env', address.environment];
}

/** The section about what set an incident off. @param runbook where the team keeps it */
export function runbookOf({ cause }: Pick<Incident, 'cause'>, runbook?: string): string {
  return runbookSection(cause.by === 'person' ? 'revoke' : cause.signal, runbook);
}

/** The section that helps with it now. */
export function runbookNow(incident: Pick<Incident, 'cause' | 'status'>, runbook?: string): string {
  return incident.status === 'open' ? runbookSection('unfinished', runbook) : runbookOf(incident, runbook);
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
