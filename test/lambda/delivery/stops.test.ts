// The deliver function is stopped at every one of its calls, before and after AWS has carried it out, and runs again by the hour: in the end
// the service has what is current, and no key has ended under it.
import type { Fault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { hourMs } from '../../../core/time';
import { openDeliverSetup } from './deliver-setup';

const place = { to: 'ecs', cluster: 'mcp', service: 'bot' };
/** Until it looks, again and again, how far the service is. */
const callsOfDelivery = 16;

async function rotateWithStop(stopAt: number, kind: 'refuse-before' | 'lose-answer') {
  let calls = Number.NEGATIVE_INFINITY;
  const intercept = ({ caller }: InterceptedCall): Fault | undefined => {
    if (caller.sessionName !== 'keyturn-prod-deliver') return undefined;
    calls++;
    return calls === stopAt ? { kind } : undefined;
  };
  const setup = await openDeliverSetup([place], { intercept, overlapHours: 1 });
  try {
    setup.addService();
    await setup.rotated(await setup.promote('one'));
    await setup.hourly();
    const second = await setup.promote('two');
    calls = 0;
    // What Lambda does with an event that failed.
    await setup.rotated(second).catch(() => setup.rotated(second));
    const made = calls;
    const ended: { retired: boolean; running: string | undefined }[] = [];
    for (let hour = 0; hour < 4; hour++) {
      await setup.rig.passMs(hourMs);
      await setup.hourly().catch(() => {});
      const retired = (await setup.retire()).length > 0;
      if (retired) ended.push({ retired, running: setup.taken.at(-1) });
    }
    return { made, ended, running: setup.taken.at(-1), told: setup.notices.map(({ state }) => state) };
  } finally {
    await setup.close();
  }
}

test.each(
  (['refuse-before', 'lose-answer'] as const).flatMap(kind =>
    Array.from({ length: callsOfDelivery }, (_, at) => [kind, at + 1] as const),
  ),
)('stopped by %s at call %i', async (kind, stopAt) => {
  const { ended, running, told } = await rotateWithStop(stopAt, kind);
  expect(running).toBe('bot: two');
  // The first key ends, and never before the service runs with the second.
  expect(ended).toContainEqual({ retired: true, running: 'bot: two' });
  expect(ended.filter(each => each.running !== 'bot: two')).toEqual([]);
  // Whatever was told is over.
  expect(told.filter(state => state === 'begins').length).toBe(told.filter(state => state === 'over').length);
});

test('a delivery that is not stopped takes more calls than that, and the old key ends once', async () => {
  const { made, ended } = await rotateWithStop(Number.POSITIVE_INFINITY, 'refuse-before');
  expect(made).toBeGreaterThan(callsOfDelivery);
  expect(ended).toEqual([{ retired: true, running: 'bot: two' }]);
});
