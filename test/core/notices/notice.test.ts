import { fold } from '../../../bin/terminal/folding';
import type { ClosedOutcome, Incident, IncidentOutcome } from '../../../core/incident/incident';
import { buildReport, type IncidentEvidence } from '../../../core/incident/report/investigation';
import { reportMarkdown, reportTerminalText } from '../../../core/incident/report/report-forms';
import { mailOf } from '../../../core/notices/forms/mail';
import { pagerDutyOf } from '../../../core/notices/forms/message';
import { slackOf } from '../../../core/notices/forms/slack';
import { teamsOf } from '../../../core/notices/forms/teams';
import {
  breakerNotice,
  incidentNotice,
  isTold,
  unfinishedNotice,
} from '../../../core/notices/incident-notice';
import { type Severity, subjectOf } from '../../../core/notices/notice';
import { issuerReadNotice, refusedNotice } from '../../../core/notices/other-notices';

const at = (time: string) => `2026-11-23T${time}Z`;
const incident: Incident = {
  incidentId: '20261123T031407Z-1a2b3c4d',
  address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' },
  cause: {
    by: 'watch',
    signal: 'new-address',
    principal: 'arn:aws:iam::333333333333:role/support-bot',
    source: '198.51.100.23',
  },
  at: new Date(at('03:14:07')),
  openedAt: new Date(at('03:14:08')),
  drill: false,
  dryRun: false,
  status: 'closed',
  outcome: 'contained',
  steps: [
    { at: at('03:14:08.100'), what: 'decided', response: 'replace-first' },
    { at: at('03:14:08.200'), what: 'found', versionId: 'v1', keyId: 'key-1', issuedAt: at('01:00:00') },
    { at: at('03:14:08.900'), what: 'promoted', versionId: 'v2', keyId: 'key-2' },
    { at: at('03:14:09.000'), what: 'announced' },
    { at: at('03:14:14.000'), what: 'revoked', versionId: 'v1', keyId: 'key-1' },
    {
      at: at('03:14:24.200'),
      what: 'rejected',
      versionId: 'v1',
      keyId: 'key-1',
      proof: 'rejected',
      firstAt: at('03:14:14.100'),
    },
  ],
};
const evidence: IncidentEvidence = {
  reads: [
    {
      at: new Date(at('02:00:00')),
      principal: 'arn:aws:iam::333333333333:role/support-bot',
      source: '10.0.1.7',
    },
    {
      at: new Date(at('02:05:00')),
      principal: 'arn:aws:iam::333333333333:role/support-bot',
      source: '10.0.1.7',
    },
    {
      at: new Date(at('03:12:00')),
      principal: 'arn:aws:iam::333333333333:role/support-bot',
      source: '198.51.100.23',
    },
  ],
  usage: [
    { from: new Date(at('02:00:00')), requests: 12, authFailures: 0 },
    { from: new Date(at('03:00:00')), requests: 480, authFailures: 3 },
  ],
  problems: [],
};
const report = buildReport(incident, evidence);
const notice = incidentNotice(incident, 'replace-first', report)!;

test('the e-mail that wakes somebody up says what happened, what was done and what comes next', () => {
  expect(subjectOf(notice)).toMatchInlineSnapshot(
    `"Keyturn (prod): prod/sendgrid/support-bot was replaced, and its old key is revoked and rejected"`,
  );
  expect(mailOf(notice)).toMatchInlineSnapshot(`
"Keyturn (prod): prod/sendgrid/support-bot was replaced, and its old key is
revoked and rejected.

Key:            prod/sendgrid/support-bot
Server:         support-bot
Noticed:        2026-11-23T03:14:07.000Z: its secret was read with a known
                role, from an address that this role never used before:
                arn:aws:iam::333333333333:role/support-bot from
                198.51.100.23
Policy:         replace-first. Stolen role credentials look like this, and
                so does a move to another network.
Incident:       20261123T031407Z-1a2b3c4d
Replaced after: 1.9 s
Revoked after:  7 s
Rejected:       after 7.1 s, and every time until 17.2 s
Certificate:    npx keyturn proof key-1 --env prod

What Keyturn has done:
  - Issued a new key, made it current, notified the servers, revoked every
    older key, and saw the provider reject it several times in a row. A
    second look follows in two hours, and you are told if it is accepted
    then.

What to do now:
  - Find out who used arn:aws:iam::333333333333:role/support-bot from
    198.51.100.23; if no one can explain it, revoke that access first.
  - Check the audit log of sendgrid for what the old key was used for.
  - Check that support-bot works with its new key:
      npx keyturn status --env prod --server support-bot
  - Read the timeline:
      npx keyturn incidents show 20261123T031407Z-1a2b3c4d --env prod

Runbook: docs/runbook.md#new-address

Timeline (UTC):
  2026-11-23 01:00:00  the key key-1 was issued
  2026-11-23 02:00:00  arn:aws:iam::333333333333:role/support-bot read the
                       secret from 10.0.1.7, 2 times until
                       2026-11-23T02:05:00.000Z
  2026-11-23 02:00:00  12 requests in the following hour
  2026-11-23 03:00:00  480 requests in the following hour, 3 of them refused
  2026-11-23 03:12:00  arn:aws:iam::333333333333:role/support-bot read the
                       secret from 198.51.100.23, once
  2026-11-23 03:14:07  what set this off: its secret was read with a known
                       role, from an address that this role never used
                       before: arn:aws:iam::333333333333:role/support-bot
                       from 198.51.100.23
  2026-11-23 03:14:08  Keyturn decided: replace-first
  2026-11-23 03:14:08  Keyturn found key-1 current
  2026-11-23 03:14:08  its replacement key-2 became current
  2026-11-23 03:14:09  servers were notified on the event bus
  2026-11-23 03:14:14  key-1 was revoked
  2026-11-23 03:14:14  key-1 was rejected for the first time, and then every
                       time until 2026-11-23T03:14:24.200Z

Open questions:
  - Is arn:aws:iam::333333333333:role/support-bot at 198.51.100.23 known to
    the team?
  - Can the principal that read the secret also read the new key? A
    replacement does not take away its access.
  - What was the key used for between the leak and its revocation? Only the
    provider's audit log shows it.
"
`);
});

test('the report reads well as Markdown', () => {
  expect(reportMarkdown(report, 'docs/runbook.md#new-reader')).toMatchSnapshot();
});

test('the report, as a terminal of 80 columns shows it: every command whole in a line of its own', () => {
  const shown = fold(reportTerminalText(report, 'docs/runbook.md#new-reader'), 80);
  expect(shown).toMatchSnapshot();
  const commands = report.nextSteps.flatMap(({ command }) => (command ? [command] : []));
  expect(commands.length).toBeGreaterThan(0);
  expect(shown.split('\n').map(line => line.trim())).toEqual(expect.arrayContaining(commands));
  expect(shown).not.toMatch(/[|`#]{1} /);
});

test('Slack, Teams and PagerDuty each get a message of their own form', () => {
  expect({
    slack: slackOf(notice),
    teams: teamsOf(notice),
    pagerDuty: pagerDutyOf(notice),
  }).toMatchSnapshot();
});

test.each<[ClosedOutcome, string]>([
  ['contained', 'over'],
  ['late', 'over'],
  ['told', 'happened'],
  ['silenced', 'happened'],
])('after a try that failed, %s is %s', (outcome, state) => {
  const failed = { at: at('03:14:08'), what: 'failed', text: 'no answer' } as const;
  const ended: Incident = { ...incident, outcome, steps: [failed] };
  expect(incidentNotice(ended, 'replace-first', report)?.state).toBe(state);
});

test('a drill says so everywhere, and wakes nobody', () => {
  const drill = { ...notice, drill: true };
  expect(subjectOf(drill)).toMatch(/^DRILL Keyturn/);
  expect(mailOf(drill)).toContain('This is a fire drill: nothing was revoked.');
  expect(pagerDutyOf(drill)).toMatchObject({ payload: { severity: 'info' } });
});

test.each([
  ['breaker', breakerNotice(incident, 'environment')],
  ['unfinished', unfinishedNotice(incident, 'SendGrid answered 503 to POST /v3/api_keys')],
  ['refused', refusedNotice('prod', 'the message is not JSON', 'invocation 1')],
  [
    'issuer-read',
    issuerReadNotice('prod', 'sendgrid', {
      principal: 'arn:aws:iam::333333333333:user/mallory',
      source: '198.51.100.23',
      at: new Date(at('03:00:00')),
    }),
  ],
])('%s: what happened, what was done, what to do', (section, other) => {
  expect(other.runbook).toBe(`docs/runbook.md#${section}`);
  expect(mailOf(other)).toMatchSnapshot();
  // What matters is still in the subject of a mail.
  expect(subjectOf(other)).not.toMatch(/\.\.\.$/);
});

describe('what others wrote is shown, and never acted on', () => {
  const nasty =
    '<!channel> <https://evil.example|click> **bold** `code` [link](https://evil.example) | cell\n# heading\r\n\u202Eevil @here \u2028 <script>';
  const injected: Incident = {
    ...incident,
    cause: { by: 'person', requestedBy: nasty, reason: nasty, response: 'replace-first', graceSeconds: 5 },
    steps: [...incident.steps, { at: at('03:15:00'), what: 'failed', text: nasty }],
  };
  const told = incidentNotice(injected, 'replace-first', buildReport(injected, evidence))!;

  test('in Slack', () => {
    const text = JSON.stringify(slackOf(told));
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https:');
    expect(text).not.toContain('https://evil');
  });

  test('in Markdown', () => {
    const text = reportMarkdown(buildReport(injected, evidence), told.runbook);
    expect(text).not.toMatch(/(?<!\\)\[link/);
    expect(text).not.toMatch(/(?<!\\)<script/);
    expect(text).not.toContain('https://evil');
    expect(text).not.toMatch(/^# heading/m);
    // A row of the table stays one row, with as many cells as its head.
    const rows = text.split('\n').filter(line => line.startsWith('| 2026'));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
  });

  test('in an e-mail: one line stays one line, and the subject is what SNS takes', () => {
    expect(mailOf(told)).not.toMatch(/^# heading/m);
    expect(mailOf(told)).not.toContain('\u202E');
    expect(mailOf(told)).not.toContain('https://evil');
    const subject = subjectOf({ ...told, headline: nasty.repeat(5) });
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });
});

test('evidence that could not be had is an open question', () => {
  const without = buildReport(incident, {
    problems: ['Who read the secret could not be determined (ThrottlingException).'],
  });
  expect(without.openQuestions[0]).toBe('Who read the secret could not be determined (ThrottlingException).');
});

type Told = Severity | 'nobody is disturbed';

test.each<[IncidentOutcome, ofMetrics: Told, ofTrail: Told]>([
  ['contained', 'critical', 'critical'],
  ['told', 'warning', 'warning'],
  ['key-works', 'warning', 'warning'],
  ['unissued', 'info', 'info'],
  ['late', 'nobody is disturbed', 'warning'],
  ['covered', 'nobody is disturbed', 'critical'],
  ['silenced', 'nobody is disturbed', 'critical'],
  ['cooling-down', 'warning', 'warning'],
  ['breaker-open', 'nobody is disturbed', 'critical'],
  ['dry-run', 'info', 'critical'],
  ['drill', 'info', 'info'],
  ['rolled-back', 'critical', 'critical'],
])('%s: %s where metrics tell, %s where CloudTrail saw it', (outcome, ofMetrics, ofTrail) => {
  const ended = (cause: Incident['cause']): Incident => {
    const { status: _, outcome: __, coveredBy: ___, ...rest } = { ...incident, cause };
    if (outcome === 'covered')
      return { ...rest, status: 'waiting', outcome, coveredBy: '20261123T031400Z-00000000' };
    if (outcome === 'breaker-open') return { ...rest, status: 'waiting', outcome };
    return { ...rest, status: 'closed', outcome };
  };
  const severityOf = (cause: Incident['cause']) => {
    const notice = incidentNotice(ended(cause), 'replace-first', report);
    expect(isTold(ended(cause))).toBe(notice !== undefined);
    return notice?.severity ?? 'nobody is disturbed';
  };
  expect(severityOf({ by: 'alarm', signal: 'off-hours', alarmArn: 'arn' })).toBe(ofMetrics);
  expect(severityOf(incident.cause)).toBe(ofTrail);
});

test('the breaker of one server is about that server, and its page is put together with no other', () => {
  const [ofServer, ofAll] = [breakerNotice(incident, 'server'), breakerNotice(incident, 'environment')];
  expect(ofServer.headline).toContain('keys of support-bot');
  expect(ofServer.about).not.toBe(ofAll.about);
});
