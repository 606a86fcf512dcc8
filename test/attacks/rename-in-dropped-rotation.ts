import { hourMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/first-keys';
import { rehearsedAttack } from './attack';
import { deadOf, keyOf, loseOne, pay, recordIsEnough } from './support/renaming';

export const attack = rehearsedAttack({
  about: 'a live key of another team gets the name of the key of a rotation that is given up',
  guards: [recordIsEnough],
  async play(stage) {
    await makeFirstKeys(stage);
    await stage.pass(hourMs);
    const own = keyOf(stage, pay);
    const lost = await loseOne(stage);
    // Nothing comes through until the rotation is given up.
    stage.faults.ofProvider = ({ path }) =>
      path.startsWith('/v3/') ? { kind: 'status', status: 503 } : undefined;
    await stage.pass(hourMs);
    own.name = lost.name;
    lost.name = 'by hand';
    await stage.pass(hourMs);
    stage.faults.ofProvider = undefined;
    await stage.pass(6 * hourMs);
    return deadOf({ 'the key of pay': own });
  },
});
