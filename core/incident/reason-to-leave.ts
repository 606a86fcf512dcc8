// Why a trigger is recorded, and nothing is done about it.

import type { SecretState } from '../rotation/secret-store';
import { hourMs, secondMs } from '../time';
import { type ClosedOutcome, evidenceOf, type Incident, type KeyFacts } from './incident';
import type { ResponseTools } from './response';
import type { EvidenceSource, IncidentResponse } from './signals';

/** After a containment the same key's metrics are strange for a while. They change nothing more; other evidence does. */
export const cooldownMs = hourMs;
/** CloudTrail's clock is not a function's, and its times are whole seconds. */
const clocksDifferMs = 5 * secondMs;

/**
 * Metrics can be forged, and after a containment they are late or strange. Of what CloudTrail saw, only a read before the
 * current key existed is late, and no earlier containment cools it down: whoever sets one off cannot hide a theft behind it. A report
 * is late once nothing labels the version whose key was found.
 */
export function reasonToLeave(
  incident: Incident,
  state: SecretState,
  response: IncidentResponse,
  facts: KeyFacts,
  { automatic, clock }: Pick<ResponseTools, 'automatic' | 'clock'>,
): ClosedOutcome | undefined {
  const now = clock.now();
  const evidence = evidenceOf(incident);
  if (incident.drill) return 'drill';
  if (evidence) {
    if (isLate(incident, state, evidence, facts)) return 'late';
    if (facts.silencedUntil && now < facts.silencedUntil) return 'silenced';
    if (response === 'tell') return 'told';
    if (evidence === 'metrics' && isCoolingDown(facts, now)) return 'cooling-down';
    if (!automatic) return 'dry-run';
  }
  return incident.dryRun ? 'dry-run' : undefined;
}

function isLate(
  { at, cause }: Incident,
  { versions }: SecretState,
  evidence: EvidenceSource,
  { lastContainedAt, noKeyBefore }: KeyFacts,
): boolean {
  if (cause.by === 'report') return versions[cause.versionId] === undefined;
  if (evidence !== 'trail') return lastContainedAt !== undefined && at <= lastContainedAt;
  return noKeyBefore !== undefined && at.getTime() + clocksDifferMs < noKeyBefore.getTime();
}

function isCoolingDown({ lastContainedAt }: KeyFacts, now: Date): boolean {
  return lastContainedAt !== undefined && now.getTime() - lastContainedAt.getTime() < cooldownMs;
}
