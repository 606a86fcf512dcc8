import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import { orderOf, send } from '../support/orders';
import { theftKeys, vip } from '../support/theft';

export const attack = rehearsedAttack({
  about: 'orders about keys that do not exist keep the emergency function busy for two weeks',
  keys: theftKeys,
  guards: [
    {
      module: 'core/errors.ts',
      exports: {
        hasCode:
          '(error: { code?: string }, ...codes: string[]) => codes.some(code => !/^not-(found|deployed)$/.test(code) && code === error?.code)',
      },
      functions: ['emergency-revoke'],
    },
  ],
  async play(context) {
    await makeFirstKeys(context);
    const keys = [
      { ...vip, server: 'nobody' },
      { ...vip, purpose: 'spare' },
      { ...vip, provider: 'gitlab' },
    ];
    const { refused } = await send(context, orderOf(context, { keys }));
    await context.pass(2 * hourMs);
    const silence = {
      kind: 'silence',
      key: { ...vip, server: 'nobody' },
      minutes: 60,
      reason: 'x',
      requestedBy: 'x',
    };
    if (!(await send(context, silence)).refused) return 'a silence of a key that does not exist was taken';
    if (!refused) return 'an order about keys that do not exist was taken';
    const open = incidentsOf(context).filter(({ status }) => status !== 'closed');
    return open.length ? `${open.length} incidents about keys that do not exist stay open` : undefined;
  },
});
