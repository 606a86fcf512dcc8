// An ordinary quarter, with the two accidents that every quarter has: a provider's key API is down while a key is due, and
// the answer to a create gets lost on its way; and one night on which a key is stolen.

import { dayMs, minuteMs } from '../../core/time';
import type { RehearsalContext } from '../world/rehearsal-context';
import { type LeakFindings, nightIn, stealKey } from './emergencies/leak';
import { makeFirstKeys } from './parts/first-keys';
import { incidentsUntil } from './parts/incidents';
import { aTheftThatIsNoticed } from './parts/needs';
import type { Scenario } from './scenario';

/** Every key rotates at least once within so many. */
const days = 92;
/** The outage goes on for so long after it was first met: AWS's next try meets it, too, and the one after does not. */
const outageMs = 40 * minuteMs;

export const quarter: Scenario = {
  name: 'quarter',
  about: 'three months of rotations, with an outage of a key API, a lost response and a leaked key',
  days,
  alarmsEveryMinutes: 120,
  isOrdinary: true,
  hasLanes: true,
  holds: ({ leak, falseAlarms }) =>
    falseAlarms === 0 && (!leak || (leak as LeakFindings).provenDead === true),

  async play(context, end) {
    const { world, environment, ledger, findings, leftOut } = context;
    if (end.getTime() - world.clock.now().getTime() < days * dayMs)
      leftOut.push(`the rest of the quarter: it has ${days} days`);
    await makeFirstKeys(context);
    await context.startLoad(end);
    await world.clock.runUntil(new Date(world.clock.now().getTime() + 7 * dayMs));
    planOutage(context);
    await world.clock.runUntil(new Date(world.clock.now().getTime() + 28 * dayMs));
    loseAnswer(context);
    const night = nightIn(28, world.clock.now());
    const lack =
      night < end
        ? aTheftThatIsNoticed(environment)
        : `it would come on ${night.toISOString().slice(0, 10)}, after the end`;
    if (lack) {
      leftOut.push(`the theft of a key: ${lack}`);
      ledger.tell('note', `left out is the theft of a key: ${lack}`);
    }
    findings.falseAlarms = (await incidentsUntil(context, lack ? end : night)).length;
    if (lack) return;
    const { report: _, incidents, ...theft } = await stealKey(context, end);
    Object.assign(findings, { leak: theft, falseAlarms: incidents - 1 });
  },
};

/** Key management goes down at whichever provider is next asked for a key; what servers do with their keys goes on. */
function planOutage({ faults, ledger, world }: RehearsalContext): void {
  let outage: { provider: string; until: number } | undefined;
  faults.ofProvider = ({ provider, kind }) => {
    const now = world.clock.now().getTime();
    if (!outage && kind === 'create') {
      outage = { provider, until: now + outageMs };
      ledger.tell('fault', `${provider}'s key API is down, and a key is due`);
    }
    const isDown = provider === outage?.provider && now < outage.until && kind !== 'use';
    return isDown ? { kind: 'status', status: 503 } : undefined;
  };
}

/** The next key that a provider makes exists, and nobody hears of it. */
function loseAnswer({ faults, ledger }: RehearsalContext): void {
  let isLost = false;
  faults.ofProvider = ({ provider, kind }) => {
    if (isLost || kind !== 'create') return undefined;
    isLost = true;
    ledger.tell('fault', `${provider} created a key and its response was lost`);
    return { kind: 'drop-after' };
  };
}
