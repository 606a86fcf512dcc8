// Stops automatic containments when too many keys trip at once: then the signals are wrong, or somebody turns them against
// their owner. Signals of each kind of evidence are counted apart, so that what can be forged stops nothing that cannot, and
// by server, so that one server stops few others. It only delays: what it stops waits, and is taken up. People's orders pass.
import { hourMs, minuteMs } from '../time';
import type { EvidenceSource } from './signals';

/** Containments within a quarter of an hour. */
interface BreakerLimits {
  /** Of one server's keys. */
  server: number;
  /** Of all keys of the environment. */
  environment: number;
}

export const limits: Record<EvidenceSource, BreakerLimits> = {
  // Whoever can forge one server's metrics leaves room for the others'.
  metrics: { server: 3, environment: 5 },
  // Fewer than would hurt if the provider were wrong about all of them.
  provider: { server: 5, environment: 5 },
  // All keys of one server that was broken into, and room for the next server.
  trail: { server: 5, environment: 10 },
  // The same: a file with all keys of a server.
  report: { server: 5, environment: 10 },
};
const windowMs = 15 * minuteMs;
/** Time to read the page and decide. It closes by itself, so that a night's noise does not leave the week unguarded. */
const openMs = hourMs;

/** Of one kind of evidence. */
export interface Breaker {
  /** Incidents that were let through, and when. Milliseconds. */
  recent: { incidentId: string; server: string; at: number }[];
  /** For every server. */
  environment?: Opening;
  /** For single ones. */
  servers?: Record<string, Opening>;
}

interface Opening {
  until: number;
  /** The incident that was too many. */
  trippedBy: string;
}

export const closedBreaker: Breaker = { recent: [] };

/** What is stopped: every automatic containment of that evidence, or that of one server's keys. */
export type BreakerScope = keyof BreakerLimits;

/** `tripped` on the one that was too many, `open` on those after it. */
export type BreakerAnswer = { as: 'ok' } | { as: 'tripped' | 'open'; scope: BreakerScope };

interface CountedContainment {
  incidentId: string;
  server: string;
  /** It was stopped before and told of: it opens nothing, and waits on. */
  hasWaited: boolean;
}

/** Counts one automatic containment; the same one counts once, and hears the same answer if its run stopped and comes again. */
export function countContainment(
  before: Breaker,
  evidence: EvidenceSource,
  { incidentId, server, hasWaited }: CountedContainment,
  now: Date,
): [BreakerAnswer, Breaker] {
  const breaker = withoutThePast(before, now.getTime());
  const { recent } = breaker;
  // What was let through is finished, also while it is open.
  if (recent.some(other => other.incidentId === incidentId)) return [{ as: 'ok' }, breaker];
  for (const scope of scopes) {
    const opening = openingOf(breaker, scope, server);
    if (opening) return [{ as: opening.trippedBy === incidentId ? 'tripped' : 'open', scope }, breaker];
  }
  const scope = scopes.find(each => countOf(recent, each, server) >= limits[evidence][each]);
  if (!scope)
    return [{ as: 'ok' }, { ...breaker, recent: [...recent, { incidentId, server, at: now.getTime() }] }];
  if (hasWaited) return [{ as: 'open', scope }, breaker];
  const opening = { until: now.getTime() + openMs, trippedBy: incidentId };
  const opened =
    scope === 'server' ? { servers: { ...breaker.servers, [server]: opening } } : { environment: opening };
  return [
    { as: 'tripped', scope },
    { ...breaker, ...opened },
  ];
}

/** The wider one first. */
const scopes = ['environment', 'server'] as const;

function countOf(recent: Breaker['recent'], scope: BreakerScope, server: string): number {
  return recent.filter(other => scope === 'environment' || other.server === server).length;
}

function openingOf({ environment, servers = {} }: Breaker, scope: BreakerScope, server: string) {
  if (scope === 'environment') return environment;
  return Object.hasOwn(servers, server) ? servers[server] : undefined;
}

function withoutThePast({ recent, environment, servers = {} }: Breaker, ms: number): Breaker {
  const open = Object.entries(servers).filter(([, { until }]) => ms < until);
  return {
    recent: recent.filter(({ at }) => ms - at < windowMs),
    ...(environment && ms < environment.until && { environment }),
    ...(open.length && { servers: Object.fromEntries(open) }),
  };
}
