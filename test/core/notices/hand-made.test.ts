// What people read of keys that only they can make.
import type { Incident } from '../../../core/incident/incident';
import { buildReport } from '../../../core/incident/report/investigation';
import { incidentNotice } from '../../../core/notices/incident-notice';
import { reminderNotice } from '../../../core/notices/reminder-notice';

const address = { environment: 'prod', provider: 'anthropic', server: 'bot', purpose: 'main' };
const make = 'create a key in the Claude Console';
const at = new Date('2026-11-23T03:14:07Z');
const incident: Incident = {
  incidentId: '20261123T031407Z-0123abcd',
  address,
  cause: {
    by: 'person',
    reason: 'pasted into a chat',
    response: 'revoke-first',
    graceSeconds: 0,
    requestedBy: 'arn:aws:iam::111122223333:role/on-call',
  } as Incident['cause'],
  at,
  drill: false,
  dryRun: false,
  openedAt: at,
  status: 'closed',
  outcome: 'not-replaced',
  steps: [{ at: '2026-11-23T03:14:40Z', what: 'not-replaced', versionId: 'v1', make }],
};

test('that nothing replaced a revoked key stands in the headline, and what to do is the first step', () => {
  const report = buildReport(incident, { problems: [] });
  const notice = incidentNotice(incident, 'revoke-first', report);
  expect(notice).toMatchObject({ severity: 'critical' });
  expect(notice?.headline).toContain('NOTHING replaced it');
  const [first] = notice?.next ?? [];
  expect(JSON.stringify(first)).toContain(make);
  expect(JSON.stringify(first)).toContain('keyturn adopt prod/anthropic/bot --replace');
  expect(report.timeline.map(({ text }) => text)).toContain(
    'nothing replaced it: only a person can create another key',
  );
});

test.each([
  [{ at: new Date('2026-11-30T03:14:07Z'), by: 'provider' } as const, 7, 'expires in 7 days at its provider'],
  [{ at: new Date('2026-11-24T03:14:07Z'), by: 'provider' } as const, 1, 'expires in 1 day at its provider'],
  [{ at, by: 'provider' } as const, 0, 'has expired at its provider'],
  [{ at, by: 'policy' } as const, 0, 'has to be replaced now under its policy'],
])('a reminder says what ends, and when: %j', (end, day, words) => {
  const notice = reminderNotice(address, 'apikey_1', end, day, { steps: { make, end: 'disable it' } }, at);
  expect(notice.headline).toContain(words);
  expect(notice.severity).toBe(day <= 3 ? 'critical' : 'warning');
});
