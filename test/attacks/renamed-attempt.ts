import { hourMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/first-keys';
import { rehearsedAttack } from './attack';
import { deadOf, foreignKey, keyOf, loseOne, pay, recordIsEnough, retriedWithinMs } from './support/renaming';

export const attack = rehearsedAttack({
  about:
    'who may rename keys gives a live key of another team the exact name of a key that a rotation has just lost',
  guards: [recordIsEnough],
  async play(stage) {
    await makeFirstKeys(stage);
    const foreign = foreignKey(stage, 'our own newsletter');
    const own = keyOf(stage, pay);
    await stage.pass(hourMs);
    const lost = await loseOne(stage);
    own.name = lost.name;
    lost.name = 'by hand';
    await stage.pass(retriedWithinMs);
    const again = await loseOne(stage);
    foreign.name = again.name;
    again.name = 'by hand, too';
    await stage.pass(retriedWithinMs);
    return deadOf({ 'the key of pay': own, 'a foreign key': foreign });
  },
});
