import { dayMs, hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import {
  bot,
  deadOf,
  foreignKey,
  keyOf,
  nameIsEnough,
  pay,
  retriedWithinMs,
  rotate,
} from '../support/renaming';

export const attack = rehearsedAttack({
  about:
    'who may only rename keys at a provider gives live keys of others the visible tag of a server, and has it rotated',
  guards: nameIsEnough,
  async play(context) {
    await makeFirstKeys(context);
    const foreign = foreignKey(context, 'our own newsletter');
    const own = keyOf(context, pay);
    await context.pass(2 * dayMs);
    const copied = keyOf(context, bot).name;
    // One of a version that nobody knows, one of the current version.
    own.name = copied.replace(/[0-9a-f]{10}$/, '0123456789');
    foreign.name = copied.replace(/\.\d+\./, '.2701010300.');
    for (let n = 0; n < 2; n++) {
      await rotate(context, bot);
      await context.pass(retriedWithinMs + hourMs);
    }
    return deadOf({ 'the key of pay': own, 'a foreign key': foreign });
  },
});
