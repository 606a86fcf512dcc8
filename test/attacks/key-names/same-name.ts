import { minuteMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { deadOf, foreignKey, loseOne, nameIsEnough, retriedWithinMs } from '../support/renaming';

export const attack = rehearsedAttack({
  about: 'a key that was made after the attempt began gets the name of the lost one beside that',
  guards: nameIsEnough,
  async play(context) {
    await makeFirstKeys(context);
    await context.pass(10 * minuteMs);
    const lost = await loseOne(context);
    const newer = foreignKey(context, lost.name);
    await context.pass(retriedWithinMs);
    return deadOf({ 'a key that came a moment later': newer });
  },
});
