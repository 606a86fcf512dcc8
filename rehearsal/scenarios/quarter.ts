// An ordinary quarter, with the two accidents that every quarter has: a provider's key API is down while a key is due, and
// the answer to a create gets lost on its way.

import { connectorFor } from '../../connectors/index';
import { shortName } from '../../core/key-address';
import type { Key } from '../../lib/config';
import type { Scenario } from '../scenario';
import type { Stage } from '../stage';
import { makeFirstKeys } from './first-keys';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** The outage goes on for so long after it was first met: AWS's next try meets it, too, and the one after does not. */
const outageMs = 40 * minuteMs;

export const quarter: Scenario = {
  name: 'quarter',
  about: 'a quarter of rotations, with an outage of a key API and a lost answer',
  days: 92,
  alarmsEveryMinutes: 60,

  async play(stage, end) {
    const { world } = stage;
    await makeFirstKeys(stage);
    await stage.startLoad(end);
    const [first, second] = stage.environment.servers
      .flatMap(({ keys }) => keys)
      .filter(({ address }) => connectorFor(address.provider).kind === 'issue');
    await world.clock.runUntil(new Date(world.clock.now().getTime() + 7 * dayMs));
    if (first) planOutage(stage, first);
    await world.clock.runUntil(new Date(world.clock.now().getTime() + 28 * dayMs));
    loseAnswer(stage, second ?? first);
    await world.clock.runUntil(end);
  },
};

/** Key management is down when this key is next due; what servers do with their keys goes on. */
function planOutage({ faults, ledger, world }: Stage, { address }: Key): void {
  let until = Number.POSITIVE_INFINITY;
  faults.ofProvider = call => {
    if (call.provider !== address.provider || call.kind === 'use') return undefined;
    const now = world.clock.now().getTime();
    if (until === Number.POSITIVE_INFINITY) {
      until = now + outageMs;
      ledger.tell('fault', `${address.provider}'s key API is down, and ${shortName(address)} is due`);
    }
    return now < until ? { kind: 'status', status: 503 } : undefined;
  };
}

/** The next key that this provider makes exists, and nobody hears of it. */
function loseAnswer({ faults, ledger }: Stage, key: Key | undefined): void {
  if (!key) return;
  let isLost = false;
  faults.ofProvider = call => {
    if (isLost || call.provider !== key.address.provider || call.kind !== 'create') return undefined;
    isLost = true;
    ledger.tell('fault', `${key.address.provider} made a key and its answer got lost`);
    return { kind: 'drop-after' };
  };
}
