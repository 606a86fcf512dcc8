// What is done about a trigger: recorded first, decided by one list of rules, carried out under one incident at a time.

import { isDeepStrictEqual } from 'node:util';
import type { Certificates } from '../ending/certificate';
import { cannotTell, proveAccepted } from '../ending/proof';
import { hasCode } from '../errors';
import { secretName, shortName } from '../key/key-address';
import { type Clock, isHandMade, type Provider } from '../provider';
import type { Attempts } from '../rotation/attempts';
import type { SecretState, SecretStore } from '../rotation/secret-store';
import { secondMs } from '../time';
import type { BreakerScope } from './breaker';
import { type ContainmentStep, contain, isEndOf, revokeHeld } from './containment';
import { endForGood } from './end-for-good';
import {
  begin,
  type ClosedOutcome,
  evidenceOf,
  type Incident,
  type IncidentRecords,
  type IncidentStep,
  type Trigger,
} from './incident';
import { reasonToLeave } from './reason-to-leave';
import { ownVersions } from './replacement/replacement-version';
import type { SharedListing } from './replacement/shared-listing';
import { type IncidentResponse, responseTo, signals } from './signals';

export interface ResponseTools {
  store: SecretStore;
  provider(state: SecretState): Promise<Provider>;
  attempts: Attempts;
  listed: SharedListing;
  certificates: Certificates;
  records: IncidentRecords;
  publish(what: 'Key Rotated' | 'Key Contained', state: SecretState, versionId: string): Promise<void>;
  clock: Clock;
  /** The invocation: the same on its retries. */
  runId: string;
  /** Resolves when every key that goes together with this one has been ended: what can wait, waits for that. */
  othersEnded(): Promise<void>;
  /** False where the environment only watches: then nothing is changed but by people. */
  automatic: boolean;
}

/** What became of a trigger. */
export type ResponseResult =
  /** Another run has it, or had it. */
  | { as: 'skipped' }
  | Conclusion
  /** Recorded, and taken up again. */
  | UnfinishedResponse;

export interface UnfinishedResponse {
  as: 'unfinished';
  incident: Incident;
  error: unknown;
}

/** Closed or waiting; to be saved once people have been told: until then a run that stops is taken up again. */
export interface Conclusion {
  as: 'ended';
  incident: Incident;
  response: IncidentResponse;
  /** Which breaker this one tripped, being one automatic containment too many: on-call must be notified. */
  tripped?: BreakerScope;
  /** False for a second look that found all well, and for what waits as it did before. */
  isNews: boolean;
}

/** @throws what kept it from being written down */
export async function respond(tools: ResponseTools, trigger: Trigger): Promise<ResponseResult> {
  const { records, clock } = tools;
  const opened = await records.open(begin(trigger, clock.now()), tools.runId);
  if (opened.as === 'skipped') return opened;
  const { incident } = opened;
  try {
    return await decideAndAct(tools, incident, opened.as === 'resumed');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const before = incident.steps.findLast(({ what }) => what === 'failed');
    // Every minute the same: once is enough to say it.
    if (before?.what !== 'failed' || before.text !== text) {
      await records.append(incident, { at: clock.now().toISOString(), what: 'failed', text });
    }
    await records.save(incident);
    return { as: 'unfinished', incident, error };
  }
}

async function decideAndAct(tools: ResponseTools, incident: Incident, resumed: boolean): Promise<Conclusion> {
  // Only a first run decides: what was begun is finished, also where the note of it was lost.
  const decided = incident.status === 'check-again' || incident.steps.some(step => step.what === 'decided');
  const state = await describeKey(tools, incident, decided);
  if (!state)
    return { as: 'ended', incident: closedIncident(incident, 'unknown-key'), response: 'tell', isNews: true };
  const response = responseOf(incident, state, !isHandMade(await tools.provider(state)));
  const left = await leave(tools, incident, state, response, decided);
  const ended =
    left?.incident ??
    (await carryOut(tools, incident, state, response, resumed)) ??
    closedIncident(incident, 'unissued');
  return {
    as: 'ended',
    incident: ended,
    response,
    ...(left?.tripped && { tripped: left.tripped }),
    isNews: isNews(incident, ended),
  };
}

/** @returns `undefined` where there is no such key, and nothing was begun for it */
async function describeKey(
  { store }: ResponseTools,
  { address }: Incident,
  decided: boolean,
): Promise<SecretState | undefined> {
  try {
    return await store.describe(secretName(address));
  } catch (error) {
    if (decided || !hasCode(error, 'not-found', 'not-deployed')) throw error;
    return undefined;
  }
}

/** @returns how the incident ends, or waits, with nothing done; `undefined` where it is to be carried out */
async function leave(
  tools: ResponseTools,
  incident: Incident,
  state: SecretState,
  response: IncidentResponse,
  decided: boolean,
): Promise<{ incident: Incident; tripped?: BreakerScope } | undefined> {
  const { records, clock } = tools;
  const evidence = evidenceOf(incident);
  if (!decided) {
    const reason = reasonToLeave(incident, state, response, await records.keyFacts(incident.address), tools);
    if (reason) return { incident: closedIncident(incident, reason) };
    if (response === 'replace-if-rejected' && (await currentWorks(tools, state)))
      return { incident: closedIncident(incident, 'key-works') };
  }
  const coveredBy = await records.hold(incident.address, incident.incidentId);
  if (coveredBy) return { incident: await besideAnother(tools, incident, state, response, coveredBy) };
  if (decided || !evidence) return undefined;
  const answer = await records.countAutomatic(incident, evidence, clock.now());
  if (answer.as === 'ok') return undefined;
  return {
    incident: { ...incident, status: 'waiting', outcome: 'breaker-open', coveredBy: undefined },
    ...(answer.as === 'tripped' && { tripped: answer.scope }),
  };
}

/**
 * What was read or found may be the replacement that the other incident has made: that is known only when it is over. A replacement does
 * no part of what ends a key for good, and where the key has to die first it may come too late, or never. All else is its work.
 */
async function besideAnother(
  tools: ResponseTools,
  incident: Incident,
  state: SecretState,
  response: IncidentResponse,
  coveredBy: string,
): Promise<Incident> {
  const evidence = evidenceOf(incident);
  // A key that only a person makes is revoked first by every incident.
  if (!evidence && response === 'revoke-first' && !isHandMade(await tools.provider(state))) {
    const steps = await revokeBeside(tools, incident, state, coveredBy);
    return { ...incident, status: 'waiting', outcome: 'covered', coveredBy, steps };
  }
  const waits = evidence === 'trail' || evidence === 'report' || response === 'end';
  return { ...incident, status: waits ? 'waiting' : 'closed', outcome: 'covered', coveredBy };
}

/**
 * The other incident may give servers minutes to fetch a new key, or find none to give them. What it makes in the place of these keys
 * stays: once it is over, this incident replaces them only if it has not done so.
 */
async function revokeBeside(
  { records, store, provider, attempts, certificates, clock }: ResponseTools,
  incident: Incident,
  state: SecretState,
  coveredBy: string,
): Promise<readonly IncidentStep[]> {
  const others = ownVersions({ incidentId: coveredBy, arn: state.arn });
  const versionIds = Object.keys(state.versions).filter(versionId => !others.includes(versionId));
  const compromised = await records.noteVersions(incident, versionIds);
  const { steps, noteOnce } = notesOf(records, clock, incident);
  const tools = { store, attempts, certificates, clock, provider: await provider(state), note: noteOnce };
  await revokeHeld(tools, state, compromised);
  return steps;
}

function closedIncident(incident: Incident, outcome: ClosedOutcome): Incident {
  return { ...incident, status: 'closed', outcome, coveredBy: undefined };
}

function isNews(before: Incident, after: Incident): boolean {
  if (after.status === 'waiting') return before.outcome !== after.outcome;
  return after.status !== 'closed' || before.status !== 'check-again' || hasMended(before, after);
}

/** True where a replacement had to be replaced itself. */
function hasMended(before: Incident, after: Incident): boolean {
  return after.steps.slice(before.steps.length).some(({ what }) => what === 'rejected');
}

/** Where only a person makes the key there is nothing to wait for: it ends at once. */
function responseOf({ cause }: Incident, { spec }: SecretState, isReplaced: boolean): IncidentResponse {
  if (cause.by !== 'person') return responseTo(cause.signal, spec.tier, isReplaced);
  return cause.response === 'replace-first' && !isReplaced ? 'revoke-first' : cause.response;
}

/** @throws {KeyturnError} provider-down, where the provider cannot say: nothing is done on that, and it is asked again */
async function currentWorks({ store, provider, clock }: ResponseTools, state: SecretState): Promise<boolean> {
  const current = await store.read(state, 'AWSCURRENT');
  if (!current?.value) return false;
  const bound = await provider(state);
  const verdict = await proveAccepted(bound, current.value, clock);
  if (verdict !== 'unknown') return verdict === 'accepted';
  throw cannotTell(bound, `the key of ${shortName(state.address)}`);
}

/** @returns `undefined` where there never was a key */
async function carryOut(
  tools: ResponseTools,
  incident: Incident,
  state: SecretState,
  response: IncidentResponse,
  resumed: boolean,
): Promise<Incident | undefined> {
  const { records, clock, store, provider, attempts, listed, certificates } = tools;
  const { steps, note, noteOnce } = notesOf(records, clock, incident);
  const tell = async (what: 'Key Rotated' | 'Key Contained', versionId: string) => {
    try {
      await tools.publish(what, state, versionId);
      await note({ what: 'announced' });
    } catch (error) {
      // Servers notice by themselves, if later; a compromised key does not wait for an event bus.
      await note({ what: 'not-announced', text: error instanceof Error ? error.message : String(error) });
    }
  };
  if (!steps.some(step => step.what === 'decided')) await note({ what: 'decided', response });
  const { incidentId } = incident;
  const { arn } = state;
  const abandonedAt = () => steps.flatMap(step => (step.what === 'abandoned' ? [new Date(step.at)] : []));
  const wasListed = (keyId: string) => steps.some(step => step.what === 'listed' && step.keyId === keyId);
  const job = { store, clock, certificates, attempts, incidentId, arn, note: noteOnce, wasListed };
  if (response === 'end') {
    await endForGood({ ...job, abandonedAt, provider: await provider(state) });
    return { ...incident, status: 'closed', outcome: 'ended', coveredBy: undefined, steps };
  }
  try {
    const own = ownVersions({ incidentId, arn });
    const seen = await records.noteVersions(incident, Object.keys(state.versions));
    const { checkAgain, replacement, rolledBack, release } = await contain({
      ...job,
      provider: await provider(state),
      listed,
      compromised: seen.filter(versionId => !own.includes(versionId)),
      wasLeft: versionId =>
        steps.some(step => step.what === 'left-to-rotation' && step.versionId === versionId),
      wasEnded: versionId => steps.some(step => isEndOf(step, versionId)),
      mode: response === 'revoke-first' ? 'revoke-first' : 'replace-first',
      graceMs: graceSecondsOf(incident) * secondMs,
      resumed,
      announce: versionId => tell('Key Rotated', versionId),
    });
    const secondLook = incident.status === 'check-again';
    if (!secondLook && replacement !== 'none') await tell('Key Contained', replacement.versionId);
    await records.noteContained(incident, {
      lastContainedAt: clock.now(),
      ...(!rolledBack && { noKeyBefore: incident.openedAt }),
    });
    await tools.othersEnded();
    await release();
    if (replacement === 'none')
      return { ...incident, status: 'closed', outcome: 'not-replaced', coveredBy: undefined, steps };
    const status = checkAgain && !secondLook ? 'check-again' : 'closed';
    const outcome = rolledBack ? 'rolled-back' : 'contained';
    return { ...incident, status, outcome, coveredBy: undefined, steps };
  } catch (error) {
    if (hasCode(error, 'unissued')) return undefined;
    throw error;
  }
}

/** What is done is written down as it is done. */
function notesOf(records: IncidentRecords, clock: Clock, incident: Incident) {
  const steps: IncidentStep[] = [...incident.steps];
  const note = async (step: StepNow) => {
    const noted = { at: clock.now().toISOString(), ...step };
    steps.push(noted);
    await records.append(incident, noted);
  };
  /** A run that is taken up again takes the same steps: they count from when they were taken first. */
  const noteOnce = async (step: ContainmentStep) => {
    const before = steps.find(other => isSameStep(other, step));
    if (!before) await note(step);
    return before ? new Date(before.at) : clock.now();
  };
  return { steps, note, noteOnce };
}

function isSameStep({ at: _, ...before }: IncidentStep, step: ContainmentStep): boolean {
  return isDeepStrictEqual(before, step);
}

type StepNow = IncidentStep extends infer Step
  ? Step extends { at: string }
    ? Omit<Step, 'at'>
    : never
  : never;

function graceSecondsOf({ cause }: Incident): number {
  return cause.by === 'person' ? cause.graceSeconds : signals[cause.signal].graceSeconds;
}
