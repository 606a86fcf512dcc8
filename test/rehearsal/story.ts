// A small story of nine days, with two keys, a fault and a leak.
import type { ReportedIncident } from '../../bin/report/incidents';
import type { StoryEvent } from '../../bin/report/lives';
import type { IncidentReport } from '../../core/incident/report/investigation';
import type { Story, Summary } from '../../rehearsal/report/story';

const at = (text: string) => new Date(`2027-01-${text}Z`);
export const summary: Summary = {
  scenario: 'leak',
  simulatedDays: 9,
  keys: 2,
  rotations: { started: 3, succeeded: 3, failed: 1, recovered: 1 },
  retired: 2,
  requests: {
    total: 4321,
    failed: 0,
    lanes: {
      federated: { total: 0, failed: 0 },
      client: { total: 4000, failed: 0 },
      tokens: { total: 0, failed: 0 },
      run: { total: 321, failed: 0 },
    },
  },
  realTimeLanes: [],
  orphans: 0,
  secretsInOutput: 0,
  iam: { checkedCalls: 900, denied: 0, unusedGrants: [], excusedGrants: 7 },
  providers: ['auth0', 'sendgrid'],
  rollWindowMs: { auth0: 1234 },
  currentDeadMs: {},
  awsCallsPerRotation: 8,
  violations: [],
  leftOut: [],
  wallSeconds: 12.34,
  cpuSeconds: 15,
  peakMemoryMb: 345,
};
export const report: IncidentReport = {
  incidentId: '20270109T020000Z-d24dc73b',
  key: 'prod/sendgrid/bot',
  cause: 'its secret was read by <b>somebody</b>',
  outcome: 'contained',
  timeline: [{ at: '2027-01-09T02:00:00.000Z', text: 'k2 is proven dead (rejected)' }],
  openQuestions: ['Who was it?'],
  nextSteps: [{ text: 'Look into the audit log.' }],
};
const incident: ReportedIncident = {
  incidentId: report.incidentId,
  address: { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' },
  cause: { by: 'watch', signal: 'new-reader', principal: 'somebody', source: '203.0.113.7' },
  at: at('09T02:00:00'),
  openedAt: at('09T02:00:00'),
  drill: false,
  dryRun: false,
  status: 'closed',
  outcome: 'contained',
  steps: [],
  report,
};
export const events: StoryEvent[] = [
  {
    at: at('01T01:00:00'),
    kind: 'issued',
    text: 'prod/sendgrid/bot: first key, now k1',
    key: 'prod/sendgrid/bot',
  },
  { at: at('04T01:00:00'), kind: 'fault', text: "sendgrid's key API is down" },
  { at: at('09T02:00:00'), kind: 'alarm', text: 'prod/sendgrid/bot: <script>', key: 'prod/sendgrid/bot' },
  { at: at('09T02:02:00'), kind: 'told', text: 'mail to on-call: replaced' },
];
export const story: Story = {
  start: at('01T00:00:00'),
  end: at('10T00:00:00'),
  lanes: [
    {
      key: 'prod/sendgrid/bot',
      promotions: [],
      lives: [
        { keyId: 'k1', from: at('01T01:00:00'), ended: { at: at('05T00:00:00'), how: 'retired' } },
        { keyId: 'k2', from: at('04T00:00:00') },
      ],
    },
    { key: 'prod/auth0/bot', promotions: [], lives: [{ keyId: 'k3', from: at('01T01:00:00') }] },
  ],
  events,
  incidents: [incident],
  environment: { servers: [], admins: [], notify: { emails: [] } },
  keys: [],
  schedules: [],
  audited: { missing: 'No audit was played.' },
  now: at('10T00:00:00'),
  isOrdinary: false,
  summary,
};
