import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import {
  deadOf,
  foreignKey,
  keyOf,
  loseOne,
  pay,
  recordIsEnough,
  retriedWithinMs,
} from '../support/renaming';

export const attack = rehearsedAttack({
  about:
    'who may rename keys gives a live key of another team the exact name of a key that a rotation has just lost',
  guards: [recordIsEnough],
  async play(context) {
    await makeFirstKeys(context);
    const foreign = foreignKey(context, 'our own newsletter');
    const own = keyOf(context, pay);
    await context.pass(hourMs);
    const lost = await loseOne(context);
    own.name = lost.name;
    lost.name = 'by hand';
    await context.pass(retriedWithinMs);
    const again = await loseOne(context);
    foreign.name = again.name;
    again.name = 'by hand, too';
    await context.pass(retriedWithinMs);
    return deadOf({ 'the key of pay': own, 'a foreign key': foreign });
  },
});
