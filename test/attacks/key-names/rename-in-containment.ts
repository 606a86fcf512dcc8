import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { deadOf, keyOf, pay, recordIsEnough } from '../support/renaming';

export const attack = rehearsedAttack({
  about: 'a live key of another team gets the name of the replacement that a containment has just lost',
  guards: [recordIsEnough],
  async play(context) {
    await makeFirstKeys(context);
    await context.pass(hourMs);
    const own = keyOf(context, pay);
    const { keys } = context.world.providers.account('sendgrid');
    const known = keys.length;
    let renamed = false;
    context.faults.ofProvider = ({ method, path }) => {
      const lost = keys[known];
      if (lost && !renamed) {
        renamed = true;
        own.name = lost.name;
        lost.name = 'by hand';
      }
      return !lost && method === 'POST' && path.startsWith('/v3/api_keys')
        ? { kind: 'drop-after' }
        : undefined;
    };
    await context.keyturn(['revoke', 'prod/sendgrid/bot', '--reason', 'leaked', '--yes', '--env', 'prod']);
    await context.pass(3 * hourMs);
    if (!renamed) throw new Error('no replacement was lost');
    return deadOf({ 'the key of pay': own });
  },
});
