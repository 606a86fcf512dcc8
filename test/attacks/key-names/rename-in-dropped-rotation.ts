import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { deadOf, keyOf, loseOne, pay, recordIsEnough } from '../support/renaming';

export const attack = rehearsedAttack({
  about: 'a live key of another team gets the name of the key of a rotation that is given up',
  guards: [recordIsEnough],
  async play(context) {
    await makeFirstKeys(context);
    await context.pass(hourMs);
    const own = keyOf(context, pay);
    const lost = await loseOne(context);
    // Nothing comes through until the rotation is given up.
    context.faults.ofProvider = ({ path }) =>
      path.startsWith('/v3/') ? { kind: 'status', status: 503 } : undefined;
    await context.pass(hourMs);
    own.name = lost.name;
    lost.name = 'by hand';
    await context.pass(hourMs);
    context.faults.ofProvider = undefined;
    await context.pass(6 * hourMs);
    return deadOf({ 'the key of pay': own });
  },
});
