import { minuteMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import { orderOf, send } from '../support/orders';
import { readAs, theftKeys } from '../support/theft';

export const attack = rehearsedAttack({
  about:
    'orders whose incident id is of no day that there is, or whose fields are not theirs, are carried out',
  keys: theftKeys,
  guards: [
    {
      module: 'lambda/aws/emergency/orders.ts',
      exports: { readOrder: '(event: unknown) => ({ order: event })' },
    },
  ],
  async play(context) {
    await makeFirstKeys(context);
    const before = await readAs(context);
    const wrong = [
      { incidentId: '99999999T999999Z-00000000' },
      { incidentId: '20270230T000000Z-00000000' },
      { incidentId: 'x#y' },
      { graceSeconds: -1 },
      { force: true },
      { reason: { text: 'an object' } },
    ];
    const obeyed: string[] = [];
    for (const changes of wrong) {
      const { crashed, refused } = await send(context, { ...orderOf(context), ...changes });
      if (crashed || !refused) obeyed.push(JSON.stringify(changes));
    }
    await context.pass(5 * minuteMs);
    const after = await readAs(context);
    if (obeyed.length) return `orders with ${obeyed.join(', ')} were taken`;
    return after !== before || incidentsOf(context).length ? 'a refused order changed something' : undefined;
  },
});
