// A high-tier key, read with stolen role credentials from elsewhere at night, and used until it is dead.
import type { IncidentReport } from '../../../core/incident/report/investigation';
import { shortName } from '../../../core/key/key-address';
import { dayMs, hourMs } from '../../../core/time';
import type { Key, Server } from '../../../lib/config/config';
import { leakableKey } from '../../servers/leakable-key';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { Attacker } from '../parts/attacker';
import { EmergencyWatch } from '../parts/emergency-watch';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsUntil } from '../parts/incidents';
import { aTheftThatIsNoticed } from '../parts/needs';
import type { Scenario } from '../scenario';

export interface LeakFindings {
  /** From the theft to the notification. */
  detectedMs?: number;
  replacedMs?: number;
  revokedMs?: number;
  /** First, and at the second look. */
  rejectedMs?: number;
  provenDeadMs?: number;
  /** Seen rejected by Keyturn, and by the thief. */
  provenDead: boolean;
  refusedToThiefMs?: number;
  thiefsUses: number;
  failedRequests: number;
  /** The same in real time, without the grace, which nobody slept through. */
  wallMs: { replaced?: number; revoked?: number };
  report?: IncidentReport;
}

/** Places are learned for a week; then it is night in Europe. */
const quietDays = 8;
const nightHour = 2;
/** While the key is replaced and ended, its server is busy. */
const callsEveryMs = 2_000;
const callsForMs = 150_000;

export const leak: Scenario = {
  name: 'leak',
  about: 'a key is read from elsewhere at night, with stolen credentials, and used',
  days: 9,
  needs: aTheftThatIsNoticed,
  holds: ({ provenDead, failedRequests }) => provenDead === true && failedRequests === 0,

  async play(context, end) {
    const { clock } = context.world;
    await makeFirstKeys(context);
    await context.startLoad(end);
    await clock.runUntil(nightIn(quietDays, clock.now()));
    const { incidents: _, ...findings } = await stealKey(context, end);
    Object.assign(context.findings, findings);
  },
};

/** Two in the morning, UTC, so many days on. */
export function nightIn(days: number, now: Date): Date {
  return new Date(Math.floor(now.getTime() / dayMs) * dayMs + days * dayMs + nightHour * hourMs);
}

/**
 * Plays the theft and what follows it, up to `end`.
 * @returns what was found; times count from the notification, and `incidents` all there were until the end
 */
export async function stealKey(
  context: RehearsalContext,
  end: Date,
): Promise<LeakFindings & { incidents: number }> {
  const { world, ledger } = context;
  const { server, key } = leakedKey(context);
  const watch = new EmergencyWatch(context);
  const attacker = new Attacker(context, server, key);
  const began = world.clock.now();
  const stolen = await world.clock.runWhile(() => attacker.readSecret());
  const name = shortName(key.address);
  ledger.tell(
    'fault',
    `${name}: a thief reads its secret with the role of ${server.name}, and begins to use the key`,
    name,
  );
  attacker.abuse(stolen, new Date(began.getTime() + hourMs));
  context.load?.callEvery(callsEveryMs, server, callsForMs);
  await world.clock.runUntil(new Date(began.getTime() + hourMs));
  const acceptedAgain = await world.clock.runWhile(() => attacker.use(stolen));
  const incidents = await incidentsUntil(context, end);

  const incident = incidents.find(
    ({ outcome, address }) => outcome === 'contained' && shortName(address) === shortName(key.address),
  );
  const noticed = watch.seen.get('began')?.at ?? end;
  const rejected = incident?.steps.find(step => step.what === 'rejected');
  const dead = incident?.steps.findLast(({ what }) => what === 'proven-dead');
  return {
    detectedMs: watch.between(began, 'began'),
    replacedMs: watch.between(noticed, 'promoted'),
    revokedMs: watch.between(noticed, 'revoked'),
    rejectedMs: rejected?.firstAt ? Date.parse(rejected.firstAt) - noticed.getTime() : undefined,
    provenDeadMs: dead && Date.parse(dead.at) - noticed.getTime(),
    provenDead: dead !== undefined && !acceptedAgain,
    refusedToThiefMs: attacker.firstRefusal && attacker.firstRefusal.getTime() - noticed.getTime(),
    thiefsUses: attacker.uses,
    failedRequests: context.load?.failures.length ?? 0,
    wallMs: {
      replaced: watch.wallBetween('began', 'promoted'),
      revoked: watch.wallBetween('began', 'revoked'),
    },
    report: incident?.report,
    incidents: incidents.length,
  };
}

/** The one that scenarios have stolen. */
export function leakedKey({ environment }: RehearsalContext): { server: Server; key: Key } {
  return needed(leakableKey(environment), 'a key that can leak');
}
