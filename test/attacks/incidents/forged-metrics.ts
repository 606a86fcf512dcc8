import { hourMs, minuteMs } from '../../../core/time';
import { mailOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import { forgeUse, hiddenTheft, oneEvidence, settleIn, theftKeys, toyKeys } from '../support/theft';

export const attack = rehearsedAttack({
  about:
    'somebody who may write metrics sets off the alarms of six other servers, until automatic containments stop, and then steals a key',
  keys: theftKeys,
  guards: [oneEvidence],
  async play(context) {
    await settleIn(context);
    const hasStopped = () => mailOf(context).some(({ subject }) => subject.includes('too many'));
    for (let minute = 0; minute < 90 && !hasStopped(); minute++) await forgeUse(context, toyKeys, 1e6, 1);
    if (!hasStopped()) throw new Error('the forged metrics stopped nothing');
    return hiddenTheft(context, { toldMs: 15 * minuteMs, deadMs: hourMs / 2 });
  },
});
