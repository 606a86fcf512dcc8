// One incident is about one key. Its id follows from what was noticed, so a notification that comes twice, late or
// again after a crash meets its own record; the record says what was decided, and every step that was taken.
import { createHash } from 'node:crypto';
import type { KeyAddress } from '../key/key-address';
import type { ContainmentStep } from './containment';
import type { Response, Signal } from './signals';

/** What set it off. */
export type Cause =
  | { by: 'alarm'; signal: Signal; alarmArn: string }
  | { by: 'watch'; signal: Signal; principal: string; source: string }
  | { by: 'person'; requestedBy: string; reason: string };

export interface Trigger {
  incidentId: string;
  address: KeyAddress;
  cause: Cause;
  /** When it was noticed: the alarm's change of state, the read, the command. */
  at: Date;
  /** What to do and how fast; given by a person, else taken from the table of signals. */
  ordered?: { response: Exclude<Response, 'tell'>; graceSeconds: number };
  /** Everything but the change itself. */
  drill: boolean;
  dryRun: boolean;
}

/** How an incident ended. */
export type Outcome =
  | 'contained'
  | 'told' // the table of signals says so
  | 'key-works' // asked, the provider accepts the key
  | 'unissued'
  | 'late' // about a key that has been replaced since
  | 'covered' // another incident is containing the same key
  | 'silenced'
  | 'cooling-down'
  | 'breaker-open'
  | 'dry-run'
  | 'drill'
  | 'rolled-back'; // a person made the old key current again

export type IncidentStep = { at: string } & (
  | ContainmentStep
  | { what: 'decided'; response: Response }
  | { what: 'announced' }
  | { what: 'not-announced'; text: string }
  | { what: 'failed'; text: string }
);

export interface Incident extends Trigger {
  openedAt: Date;
  /** `check-again`: contained, and due for the second look that some providers need. */
  status: 'open' | 'check-again' | 'closed';
  outcome?: Outcome;
  steps: readonly IncidentStep[];
  /** The id of the incident that covers this one. */
  coveredBy?: string;
}

/** `20261123T031407Z-1a2b3c4d`: sorts by time, and is the same for the same source at the same time. */
export function incidentId(source: string, at: Date): string {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const hash = createHash('sha256').update(`${source}\n${at.toISOString()}`).digest('hex');
  return `${time}-${hash.slice(0, 8)}`;
}

export const incidentIdPattern = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** What the table of incidents must be able to do. lambda/aws/table/incidents.ts implements it on DynamoDB. */
export interface IncidentRecords {
  /**
   * Begins an incident, or takes it up again.
   * @param runId the same on every retry of one invocation, so that a retry need not wait for its own lease to end
   */
  open(incident: Incident, runId: string): Promise<Opened>;
  /** Adds to what is recorded. Must not fail: a containment does not stop because it could not be written down. */
  append(incident: Incident, step: IncidentStep): Promise<void>;
  /** Writes how it stands, but for its steps; lets go of the incident and its key. */
  save(incident: Incident): Promise<void>;
  /** What is known of the key besides. */
  keyFacts(address: KeyAddress): Promise<KeyFacts>;
  /** Takes the key for this incident alone. @returns the incident that has it, where it is another */
  hold(address: KeyAddress, incidentId: string): Promise<string | undefined>;
  noteContained(address: KeyAddress, incidentId: string, at: Date): Promise<void>;
  /** Counts an automatic containment. @returns `tripped` on the one that was too many, `open` on those after it */
  countAutomatic(incidentId: string, now: Date): Promise<'ok' | 'tripped' | 'open'>;
}

/** `passed`: it is closed, or another run has it. */
export type Opened =
  | { as: 'new'; incident: Incident }
  | { as: 'resumed'; incident: Incident }
  | { as: 'passed' };

export interface KeyFacts {
  lastContainedAt?: Date;
  silencedUntil?: Date;
}
