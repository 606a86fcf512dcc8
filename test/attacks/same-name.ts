import { minuteMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/first-keys';
import { rehearsedAttack } from './attack';
import { deadOf, foreignKey, loseOne, nameIsEnough, retriedWithinMs } from './support/renaming';

export const attack = rehearsedAttack({
  about: 'a key that was made after the attempt began gets the name of the lost one beside that',
  guards: nameIsEnough,
  async play(stage) {
    await makeFirstKeys(stage);
    await stage.pass(10 * minuteMs);
    const lost = await loseOne(stage);
    const newer = foreignKey(stage, lost.name);
    await stage.pass(retriedWithinMs);
    return deadOf({ 'a key that came a moment later': newer });
  },
});
