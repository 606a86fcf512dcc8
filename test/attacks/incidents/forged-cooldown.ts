import { hourMs, minuteMs } from '../../../core/time';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import { forgeUse, hiddenTheft, oneEvidence, settleIn, theftKeys, vip } from '../support/theft';

export const attack = rehearsedAttack({
  about:
    'somebody forges use at night, so that a key is replaced, and steals the replacement before and while the key cools down',
  keys: theftKeys,
  guards: [oneEvidence],
  async play(context) {
    await settleIn(context);
    const isReplaced = () =>
      incidentsOf(context).some(({ steps }) => steps.some(({ what }) => what === 'promoted'));
    for (let minute = 0; minute < 30 && !isReplaced(); minute++) await forgeUse(context, [vip], 60, 1);
    if (!isReplaced()) throw new Error('the forged metrics replaced nothing');
    // Its servers still have their grace, and the containment has not ended.
    const before = await hiddenTheft(context, { toldMs: 15 * minuteMs, deadMs: hourMs / 2 });
    return (
      before ?? (await hiddenTheft(context, { toldMs: 15 * minuteMs, deadMs: hourMs / 2 }, '203.0.113.77'))
    );
  },
});
