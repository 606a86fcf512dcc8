// One incident is about one key. Its id follows from what was noticed, so a notification that comes twice, late or
// again after a crash meets its own record; the record says what was decided, and every step that was taken.
import { createHash } from 'node:crypto';
import type { KeyAddress } from '../key/key-address';
import type { Reporter } from '../leaks/leak-report';
import { hourMs } from '../time';
import type { BreakerAnswer } from './breaker';
import type { ContainmentStep } from './containment';
import type { Requester } from './requester';
import { type EvidenceSource, type IncidentResponse, type Signal, signals } from './signals';

/** What set it off. */
export type IncidentCause =
  | { by: 'alarm'; signal: Signal; alarmArn: string }
  | { by: 'watch'; signal: Signal; principal: string; source: string }
  | LeakReported
  | ({ by: 'person'; reason: string } & Requester & ResponseOrder);

/** A report holds the key of one version of the secret. */
export interface LeakReported {
  by: 'report';
  signal: Signal;
  reporter: Reporter;
  /** Address or path of the place, in the reporter's words. @default - it was not told */
  where?: string;
  versionId: string;
}

/** What a person wants done, and how fast; otherwise the table of signals tells. */
export interface ResponseOrder {
  response: 'replace-first' | 'revoke-first' | 'end';
  graceSeconds: number;
}

export interface Trigger {
  incidentId: string;
  address: KeyAddress;
  cause: IncidentCause;
  /** When it was noticed: the alarm's change of state, the read, the command. */
  at: Date;
  /** Everything but the change itself. */
  drill: boolean;
  dryRun: boolean;
}

/** How an incident ended. */
export type IncidentOutcome =
  | 'contained'
  | 'ended' // for good: a person ordered that
  | 'not-replaced' // dead, and only a person can make another
  | 'told' // the table of signals says so
  | 'key-works' // asked, the provider accepts the key
  | 'unissued'
  | 'unknown-key' // there is no such secret, or none that is proven to be Keyturn's
  | 'late' // about a key that has been replaced since
  | 'covered' // another incident is containing the same key
  | 'silenced'
  | 'cooling-down'
  | 'breaker-open'
  | 'dry-run'
  | 'drill'
  | 'rolled-back'; // a person made the old key current again

/** What the breaker stops is not over. */
export type ClosedOutcome = Exclude<IncidentOutcome, 'covered' | 'breaker-open'>;

/** How far an incident is. */
export type IncidentStatus =
  | { status: 'open'; outcome?: undefined; coveredBy?: undefined }
  /** Not begun: taken up by itself once the breaker is closed. */
  | { status: 'waiting'; outcome: 'breaker-open'; coveredBy?: undefined }
  /** Not begun: taken up once the incident that has the key is over, which may be about an older key. */
  | { status: 'waiting'; outcome: 'covered'; coveredBy: string }
  /** Contained, and due for the second look that some providers need. */
  | { status: 'check-again'; outcome: 'contained' | 'rolled-back'; coveredBy?: undefined }
  | { status: 'closed'; outcome: ClosedOutcome; coveredBy?: undefined }
  /** The id of the incident that covers it. */
  | { status: 'closed'; outcome: 'covered'; coveredBy: string };

export type IncidentStep = { at: string } & (
  | ContainmentStep
  /** At the second look, hours after the rejections. */
  | { what: 'proven-dead'; versionId: string; keyId?: string }
  | { what: 'alive-again'; versionId: string; keyId?: string }
  | { what: 'decided'; response: IncidentResponse }
  | { what: 'announced' }
  | { what: 'not-announced'; text: string }
  | { what: 'failed'; text: string }
);

export type Incident = Trigger & IncidentStatus & { openedAt: Date; steps: readonly IncidentStep[] };

/** What it rests on; `undefined` for what people ordered. */
export function evidenceOf({ cause }: Trigger): EvidenceSource | undefined {
  return cause.by === 'person' ? undefined : signals[cause.signal].evidence;
}

/** As a trigger begins, or is taken up again. */
export function begin(trigger: Trigger, openedAt: Date): Incident {
  const { incidentId, address, cause, at, drill, dryRun } = trigger;
  return { incidentId, address, cause, at, drill, dryRun, openedAt, status: 'open', steps: [] };
}

/** `20261123T031407Z-1a2b3c4d`: sorts by time, and is the same for the same source at the same time. */
export function incidentId(source: string, at: Date): string {
  const hash = createHash('sha256').update(`${source}\n${at.toISOString()}`).digest('hex');
  return `${incidentTime(at)}-${hash.slice(0, 8)}`;
}

/** How the ids of incidents of that time begin. */
export function incidentTime(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** To the second; `Invalid Date` for what is not the id of an incident. */
export function timeOfIncident(incidentId: string): Date {
  return new Date(incidentId.replace(/^(....)(..)(..)T(..)(..)(..)Z-.{8}$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** Longer than a weekend, a silence of a key would be forgotten. */
export const silencedAtMostMs = 72 * hourMs;

export const incidentIdPattern = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** What the table of incidents must be able to do. lambda/aws/table/incidents.ts implements it on DynamoDB. */
export interface IncidentRecords {
  /**
   * Begins an incident, or takes it up again.
   * @param runId the same on every retry of one invocation, so that a retry need not wait for its own lease to end
   */
  open(incident: Incident, runId: string): Promise<OpenedIncident>;
  /** Adds to what is recorded. Must not fail: a containment does not stop because it could not be written down. */
  append(incident: Pick<Incident, 'incidentId' | 'address'>, step: IncidentStep): Promise<void>;
  /** Writes how it stands, but for its steps; lets go of the incident and its key. */
  save(incident: Incident): Promise<void>;
  /**
   * Notes which versions its key has, each that has a label, once.
   * @returns those that were noted first, by whichever run
   */
  noteVersions(incident: Incident, versionIds: readonly string[]): Promise<readonly string[]>;
  /** What is known of the key besides. */
  keyFacts(address: KeyAddress): Promise<KeyFacts>;
  /** Takes the key for this incident alone. @returns the incident that has it, where it is another */
  hold(address: KeyAddress, incidentId: string): Promise<string | undefined>;
  /** Notes that a containment of this key has ended. */
  noteContained(incident: Incident, facts: ContainedFacts): Promise<void>;
  /** Counts an automatic containment. */
  countAutomatic(incident: Incident, evidence: EvidenceSource, now: Date): Promise<BreakerAnswer>;
}

/** `skipped`: it is closed, or another run has it. */
export type OpenedIncident =
  | { as: 'new'; incident: Incident }
  | { as: 'resumed'; incident: Incident }
  | { as: 'skipped' };

export interface ContainedFacts {
  /** When its last containment ended. */
  lastContainedAt: Date;
  /**
   * Before then nobody can have read the key that is current: its containment had not begun, so it did not exist.
   * Absent where a person made the older key current again.
   */
  noKeyBefore?: Date;
}

export interface KeyFacts extends Partial<ContainedFacts> {
  silencedUntil?: Date;
}
