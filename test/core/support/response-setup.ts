// A key in memory with everything that a response asks for; incidents are kept as the table keeps them.
import { type Breaker, closedBreaker, countContainment } from '../../../core/incident/breaker';
import type {
  ContainedFacts,
  Incident,
  IncidentRecords,
  IncidentStep,
  KeyFacts,
  Trigger,
} from '../../../core/incident/incident';
import { createSharedListing } from '../../../core/incident/replacement/shared-listing';
import type { ResponseResult } from '../../../core/incident/response';
import type { EvidenceSource } from '../../../core/incident/signals';
import { type Kind, World } from './world';

const first = 'version-of-the-compromised-key-00001';

class Records implements IncidentRecords {
  readonly incidents = new Map<string, Incident & { leasedBy?: string }>();
  private readonly versions = new Map<string, readonly string[]>();
  facts: KeyFacts = {};
  heldBy: string | undefined;
  private readonly breakers = new Map<EvidenceSource, Breaker>();

  async open(incident: Incident, runId: string) {
    const before = this.incidents.get(incident.incidentId);
    if (before?.status === 'closed' || (before?.leasedBy && before.leasedBy !== runId))
      return { as: 'skipped' as const };
    this.incidents.set(incident.incidentId, { ...(before ?? incident), leasedBy: runId });
    return before ? { as: 'resumed' as const, incident: before } : { as: 'new' as const, incident };
  }
  async append({ incidentId }: Incident, step: IncidentStep) {
    const incident = this.incidents.get(incidentId)!;
    this.incidents.set(incidentId, { ...incident, steps: [...incident.steps, step] });
  }
  async save(incident: Incident) {
    const { steps } = this.incidents.get(incident.incidentId)!;
    this.incidents.set(incident.incidentId, { ...incident, steps });
    if (this.heldBy === incident.incidentId) this.heldBy = undefined;
  }
  async noteVersions({ incidentId }: Incident, seen: readonly string[]) {
    const noted = this.versions.get(incidentId) ?? seen;
    this.versions.set(incidentId, noted);
    return noted;
  }
  async keyFacts() {
    return this.facts;
  }
  async hold(_: unknown, incidentId: string) {
    if (this.heldBy && this.heldBy !== incidentId) return this.heldBy;
    this.heldBy = incidentId;
    return undefined;
  }
  async noteContained(_: unknown, facts: ContainedFacts) {
    this.facts = { ...this.facts, ...facts };
  }
  async countAutomatic({ incidentId, address, status }: Incident, evidence: EvidenceSource, now: Date) {
    const counted = { incidentId, server: address.server, hasWaited: status === 'waiting' };
    const before = this.breakers.get(evidence) ?? closedBreaker;
    const [answer, after] = countContainment(before, evidence, counted, now);
    this.breakers.set(evidence, after);
    return answer;
  }
}

export function setUpResponse({
  kind = 'issue',
  automatic = true,
}: {
  kind?: Kind;
  automatic?: boolean;
} = {}) {
  const world = new World(kind);
  world.seed(first, undefined);
  const records = new Records();
  const published: string[] = [];
  const tools = {
    store: world.store,
    provider: async () => world.provider(),
    attempts: world.attempts,
    listed: createSharedListing(world.clock),
    records,
    certificates: world.certificates,
    publish: async (what: string) => void published.push(what),
    clock: world.clock,
    othersEnded: async () => {},
    runId: 'run-1',
    automatic,
  };
  const trigger = (changes: Partial<Trigger> = {}): Trigger => ({
    incidentId: '20261123T040000Z-00000001',
    address: world.state.address,
    cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' },
    at: world.clock.now(),
    drill: false,
    dryRun: false,
    ...changes,
  });
  return { world, records, tools, trigger, published };
}

export function outcomeOf(responded: ResponseResult): string | undefined {
  return responded.as === 'ended' ? responded.incident.outcome : responded.as;
}
