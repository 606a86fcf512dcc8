import { hourMs, minuteMs } from '../../../core/time';
import { mailOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import {
  elsewhere,
  hiddenTheft,
  manyKeys,
  manyTheftsKeys,
  oneEvidence,
  readAs,
  settleIn,
  vip,
} from '../support/theft';

export const attack = rehearsedAttack({
  about:
    'somebody steals eleven keys of eleven servers, so that automatic containments stop, and with them the answer to the twelfth',
  keys: manyTheftsKeys,
  guards: [oneEvidence],
  async play(context) {
    await settleIn(context, [vip, ...manyKeys]);
    for (const key of manyKeys) await readAs(context, elsewhere, key);
    await context.pass(10 * minuteMs);
    if (!mailOf(context).some(({ subject }) => subject.includes('too many')))
      throw new Error('eleven thefts stopped nothing');
    // It is taken up by the first hourly run after the breaker has closed.
    return hiddenTheft(context, { toldMs: 15 * minuteMs, deadMs: 2 * hourMs });
  },
});
