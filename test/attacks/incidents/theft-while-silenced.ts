import { minuteMs } from '../../../core/time';
import { rehearsedAttack } from '../attack';
import { elsewhere, oneEvidence, readAs, settleIn, theftKeys, toldSince } from '../support/theft';

export const attack = rehearsedAttack({
  about: 'a key is stolen while its alarms are silenced for a load test, and nobody hears of it',
  keys: theftKeys,
  guards: [oneEvidence],
  async play(context) {
    await settleIn(context);
    const code = await context.keyturn([
      'silence',
      'prod/sendgrid/vip',
      '--for',
      '72h',
      '--reason',
      'load test',
    ]);
    if (code !== 0) throw new Error(`the silence ended with ${code}`);
    const since = context.world.clock.now();
    await readAs(context, elsewhere);
    await context.pass(15 * minuteMs);
    return toldSince(context, since).length
      ? undefined
      : 'nobody was told of a theft while the key is silenced';
  },
});
