// What is found out about an incident, for the people who take it from there: one timeline of the key, what remains
// unknown, and what to do.

import { shortName } from '../../key/key-address';
import { reporterTitles } from '../../leaks/leak-report';
import { type Step, step } from '../../text/step';
import type { Incident, IncidentOutcome, IncidentStep } from '../incident';
import { requesterInWords } from '../requester';
import { signals } from '../signals';

/** One look at the key's secret. */
export interface SecretRead {
  at: Date;
  /** ARN of the role or user. */
  principal: string;
  /** IP address, or the AWS service that read for somebody. */
  source: string;
  userAgent?: string;
  /** As CloudTrail names it; absent where the read succeeded. */
  errorCode?: string;
}

export interface HourOfUse {
  from: Date;
  requests: number;
  authFailures: number;
}

/** What could be found. Absent parts could not be: why not is said instead. */
export interface IncidentEvidence {
  reads?: readonly SecretRead[];
  /** True where there were more than were looked at. */
  readsAreCut?: boolean;
  usage?: readonly HourOfUse[];
  problems: readonly string[];
}

export interface TimelineEntry {
  at: string;
  text: string;
}

export interface IncidentReport {
  incidentId: string;
  key: string;
  cause: string;
  outcome?: IncidentOutcome;
  timeline: readonly TimelineEntry[];
  openQuestions: readonly string[];
  nextSteps: readonly Step[];
}

/** Reads by one principal from one place, taken together. */
interface ReaderSummary {
  principal: string;
  source: string;
  errorCode?: string;
  count: number;
  first: Date;
  last: Date;
}

export function buildReport(incident: Incident, evidence: IncidentEvidence): IncidentReport {
  const readers = readersOf(evidence.reads ?? []);
  const timeline = [
    ...incident.steps.flatMap(entryOf),
    ...readers.map(reader => ({ at: reader.first.toISOString(), text: readerInWords(reader) })),
    ...(evidence.usage ?? [])
      .filter(({ requests, authFailures }) => requests || authFailures)
      .map(usageEntry),
    // CloudTrail tells of a read some minutes after it.
    {
      at: incident.at.toISOString(),
      text: `${incident.cause.by === 'watch' ? 'what set this off' : 'noticed'}: ${causeInWords(incident)}`,
    },
  ].sort((a, b) => a.at.localeCompare(b.at));
  return {
    incidentId: incident.incidentId,
    key: shortName(incident.address),
    cause: causeInWords(incident),
    ...(incident.outcome && { outcome: incident.outcome }),
    timeline,
    openQuestions: openQuestions(incident, evidence, readers),
    nextSteps: nextSteps(incident, readers),
  };
}

export function causeInWords({ cause }: Incident): string {
  if (cause.by === 'person')
    return `ordered by ${requesterInWords(cause)}${cause.reason ? ` (${cause.reason})` : ''}`;
  const { words } = signals[cause.signal];
  switch (cause.by) {
    case 'alarm':
      return words;
    case 'watch':
      return `${words}: ${cause.principal} from ${cause.source}`;
    case 'report':
      return `${words}: ${reporterTitles[cause.reporter]} found it${cause.where ? ` at ${cause.where}` : ''}`;
  }
}

function entryOf(step: IncidentStep): TimelineEntry[] {
  const entry = (text: string, at = step.at) => [{ at, text }];
  switch (step.what) {
    case 'found':
      return [
        { at: step.issuedAt, text: `the key ${step.keyId} was issued` },
        { at: step.at, text: `Keyturn found ${step.keyId} current` },
      ];
    case 'decided':
      return entry(`Keyturn decided: ${step.response}`);
    case 'left-to-rotation':
      return entry('a rotation under way had not stored its key yet, and goes on');
    case 'abandoned':
      return entry('a rotation was under way, and was abandoned');
    case 'promoted':
      return entry(`its replacement ${step.keyId} became current`);
    case 'overtaken':
      return entry(`another key, ${step.keyId}, was already current`);
    case 'not-replaced':
      return entry('nothing replaced it: only a person can create another key');
    case 'replica-behind':
      return entry(
        `its replica in ${step.regions.join(' and ')} was not in sync, so servers there may have lost their key`,
      );
    case 'listed':
      return entry(`the provider listed ${step.keyId}`);
    case 'announced':
      return entry('servers were notified on the event bus');
    case 'not-announced':
      return entry(`the event bus did not accept the message: ${step.text}`);
    case 'revoked':
      return entry(`${idOf(step)} was revoked`);
    case 'rejected':
      return entry(rejectionInWords(step), step.firstAt);
    case 'proven-dead':
      return entry(`${idOf(step)} is proven dead: rejected at the second look, too`);
    case 'alive-again':
      return entry(`${idOf(step)} was ACCEPTED at the second look, and revoked again`);
    case 'failed':
      return entry(`an attempt failed: ${step.text}`);
  }
}

function idOf({ keyId }: { keyId?: string }): string {
  return keyId ?? 'a key that was never stored';
}

function rejectionInWords(step: Extract<IncidentStep, { what: 'rejected' }>): string {
  switch (step.proof) {
    case 'rejected':
      return `${idOf(step)} was rejected for the first time, and then every time until ${step.at}`;
    case 'unlisted':
      return `${idOf(step)} is no longer listed`;
    case 'label-removed':
      return `${idOf(step)} is no longer accepted by any server`;
  }
}

function readersOf(reads: readonly SecretRead[]): ReaderSummary[] {
  const readers = new Map<string, ReaderSummary>();
  for (const { at, principal, source, errorCode } of [...reads].sort(
    (a, b) => a.at.getTime() - b.at.getTime(),
  )) {
    const id = [principal, source, errorCode].join('\n');
    const { first = at, count = 0 } = readers.get(id) ?? {};
    const times = { count: count + 1, first, last: at };
    readers.set(id, { principal, source, ...(errorCode && { errorCode }), ...times });
  }
  return [...readers.values()];
}

function readerInWords({ principal, source, errorCode, count, last }: ReaderSummary): string {
  const often = count === 1 ? 'once' : `${count} times until ${last.toISOString()}`;
  return `${principal} ${errorCode ? `tried to read the secret (${errorCode})` : 'read the secret'} from ${source}, ${often}`;
}

function usageEntry({ from, requests, authFailures }: HourOfUse): TimelineEntry {
  const refused = authFailures ? `, ${authFailures} of them refused` : '';
  return {
    at: from.toISOString(),
    text: `${requests} ${requests === 1 ? 'request' : 'requests'} in the following hour${refused}`,
  };
}

function openQuestions(incident: Incident, evidence: IncidentEvidence, readers: ReaderSummary[]): string[] {
  const { cause, drill, outcome, steps } = incident;
  return [
    ...evidence.problems,
    ...(evidence.readsAreCut
      ? ['There were more reads than Keyturn looked at; CloudTrail has all of them.']
      : []),
    ...(cause.by === 'watch' ? [`Is ${cause.principal} at ${cause.source} known to the team?`] : []),
    ...(cause.by === 'report' ? ['Who put the key there, and who could see it? Is it still there?'] : []),
    ...(cause.by === 'alarm' && !drill ? ['Was this use intended: a launch, a batch job, a test?'] : []),
    ...(outcome === 'contained' && readers.length
      ? [
          'Can the principal that read the secret also read the new key? A replacement does not take away its access.',
        ]
      : []),
    ...(outcome === 'contained'
      ? [
          "What was the key used for between the leak and its revocation? Only the provider's audit log shows it.",
        ]
      : []),
    ...(steps.some(({ what }) => what === 'not-announced')
      ? ['Servers got no event; did all of them fetch the new key?']
      : []),
  ];
}

function nextSteps(
  { address, cause, outcome, dryRun, drill, steps }: Incident,
  readers: ReaderSummary[],
): Step[] {
  const { environment, server, provider } = address;
  const key = shortName(address);
  const suspects = [...new Set(readers.map(({ principal }) => principal))];
  const watched =
    cause.by === 'watch'
      ? [
          step(
            `Find out who used ${cause.principal} from ${cause.source}; if no one can explain it, revoke that access first.`,
          ),
        ]
      : [];
  if (drill) return [step('Nothing: this was a drill.')];
  if (dryRun || outcome === 'dry-run') {
    return [step('Check that this is what should happen. To do it:', 'revoke', key)];
  }
  if (outcome === 'contained') {
    return [
      ...watched,
      ...(suspects.length > 1 ? [step('Compare who read the secret with who should.')] : []),
      step(`Check the audit log of ${provider} for what the old key was used for.`),
      step(
        `Check that ${server} works with its new key:`,
        ...['status', '--env', environment, '--server', server],
      ),
    ];
  }
  if (outcome === 'not-replaced') {
    const make = steps.findLast(each => each.what === 'not-replaced');
    return [
      step(
        `${server} has no key until you ${make?.what === 'not-replaced' ? make.make : 'make one'}, and store it:`,
        ...['adopt', key, '--replace'],
      ),
      ...watched,
      step(`Check the audit log of ${provider} for what the old key was used for.`),
    ];
  }
  if (outcome === 'ended') {
    return [
      step(
        `Take ${key} out of the configuration, check what else would change, and deploy:`,
        ...['check', '--env', environment],
      ),
    ];
  }
  if (outcome === 'rolled-back') {
    return [step('Decide whether the old key may stay. If not, replace it:', 'revoke', key)];
  }
  return [
    ...watched,
    step('If it is a leak, replace the key and revoke the old one:', 'revoke', key),
    step(
      'If it is not, keep its alarms quiet for a while:',
      ...['silence', key, '--for', '4h', '--reason', 'why'],
    ),
  ];
}
