// A rehearsal of a few days with a provider that fails for longer than anybody tries: nothing breaks, and people hear of it.

import { dayMs, hourMs } from '../../core/time';
import type { Rehearsal } from '../../rehearsal/world/rehearse';
import { alarmsIn, play, toldIn } from './few-days';

let stalled: Rehearsal;
let undying: Rehearsal;
let outageEnds = 0;

beforeAll(async () => {
  stalled = await play(
    ({ faults, world }) => {
      // From its next rotation on, for longer than its window and all tries of AWS.
      faults.ofProvider = ({ kind }) => {
        if (kind !== 'create') return undefined;
        const now = world.clock.now().getTime();
        outageEnds ||= now + 7 * dayMs;
        return now < outageEnds ? { kind: 'status', status: 503 } : undefined;
      };
    },
    undefined,
    17,
  );
  undying = await play(({ faults }) => {
    faults.ofProvider = ({ kind }) => (kind === 'revoke' ? { kind: 'status', status: 503 } : undefined);
  });
});

test('an old key that the provider does not end is an alarm', () => {
  const retired = undying.story.events.filter(({ kind }) => kind === 'retired').map(({ text }) => text);
  expect(retired.filter(text => text.includes('sendgrid'))).toEqual([]);
  expect(retired.filter(text => text.includes('auth0'))).not.toEqual([]);
  expect(alarmsIn(undying)).toEqual(['keyturn-dev-bot-sendgrid-retire-failed went off']);
});

test('a provider that makes no keys for days costs no request and leaves no orphan; a rotation goes through within a day of its end', () => {
  const { summary, lanes } = stalled.story;
  expect(summary).toMatchObject({ requests: { failed: 0 }, orphans: 0, currentDeadMs: {} });
  // After two hours, four, eight, ... and then every day another was started.
  expect(summary.rotations.failed).toBeGreaterThan(5);
  expect(summary.rotations.failed).toBeLessThan(13);
  const { promotions } = lanes.find(({ key }) => key === 'dev/sendgrid/bot')!;
  const after = promotions.find(at => at.getTime() > outageEnds)!;
  expect(after.getTime() - outageEnds).toBeLessThan(dayMs + 2 * hourMs);
});

test('a key whose rotations go on failing is overdue some hours later, and on-call hears of it', () => {
  expect(alarmsIn(stalled)).toEqual(['keyturn-dev-overdue went off']);
  expect(toldIn(stalled).join('\n')).toContain('keys should have been rotated hours ago, and were not');
  // Of an alarm that is about no key, the emergency function hears nothing: it would take it for a forgery.
  expect(toldIn(stalled).join('\n')).not.toContain('not genuine');
});
