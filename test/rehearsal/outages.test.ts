// A rehearsal of a few days with a provider that fails for longer than anybody tries: nothing breaks, and people hear of it.

import { dayMs } from '../../core/time';
import type { Rehearsal } from '../../rehearsal/world/rehearse';
import { alarmsIn, play, toldIn } from './few-days';

let stalled: Rehearsal;
let undying: Rehearsal;

beforeAll(async () => {
  stalled = await play(
    ({ faults, world }) => {
      let until = 0;
      // From its next rotation on, for longer than its window and all tries of AWS.
      faults.ofProvider = ({ kind }) => {
        if (kind !== 'create') return undefined;
        const now = world.clock.now().getTime();
        until ||= now + 3 * dayMs;
        return now < until ? { kind: 'status', status: 503 } : undefined;
      };
    },
    undefined,
    17,
  );
  undying = await play(({ faults }) => {
    faults.ofProvider = ({ kind }) => (kind === 'revoke' ? { kind: 'status', status: 503 } : undefined);
  });
}, 600_000);

test('an old key that the provider does not end is an alarm', () => {
  const retired = undying.story.events.filter(({ kind }) => kind === 'retired').map(({ text }) => text);
  expect(retired.filter(text => text.includes('sendgrid'))).toEqual([]);
  expect(retired.filter(text => text.includes('auth0'))).not.toEqual([]);
  expect(alarmsIn(undying)).toEqual(['keyturn-dev-bot-sendgrid-retire-failed went off']);
});

test('a provider that is down for a whole window costs a rotation: no request, no orphan; and the next one goes through', () => {
  const { summary, lanes } = stalled.story;
  expect(summary).toMatchObject({ requests: { failed: 0 }, orphans: 0, currentDeadMs: {} });
  expect(summary.rotations.failed).toBe(1);
  const { promotions } = lanes.find(({ key }) => key === 'dev/sendgrid/bot')!;
  const gaps = promotions.slice(1).map((at, n) => (at.getTime() - promotions[n]!.getTime()) / dayMs);
  expect(Math.max(...gaps)).toBeGreaterThan(7);
  expect(promotions.at(-1)!.getTime()).toBeGreaterThan(stalled.story.start.getTime() + 9 * dayMs);
});

test('a key whose rotations go on failing is overdue some hours later, and on-call hears of it', () => {
  expect(alarmsIn(stalled)).toEqual(['keyturn-dev-overdue went off']);
  expect(toldIn(stalled).join('\n')).toContain('ALARM: "keyturn-dev-overdue"');
  // Of an alarm that is about no key, the emergency function hears nothing: it would take it for a forgery.
  expect(toldIn(stalled).join('\n')).not.toContain('not genuine');
});
