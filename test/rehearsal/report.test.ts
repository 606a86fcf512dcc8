// The page and the text of a rehearsal, over one small story.
import type { Report } from '../../core/incident/investigation';
import { reportPage } from '../../rehearsal/report/report-page';
import type { Story, StoryEvent, Summary } from '../../rehearsal/report/story';
import { eventLine, findingsText, mustBeZero, summaryTable } from '../../rehearsal/report/summary-text';

const at = (text: string) => new Date(`2027-01-${text}Z`);
const summary: Summary = {
  scenario: 'leak',
  simulatedDays: 9,
  keys: 2,
  rotations: { started: 3, succeeded: 3, failed: 1, recovered: 1 },
  retired: 2,
  requests: {
    total: 4321,
    failed: 0,
    lanes: { client: { total: 4000, failed: 0 }, run: { total: 321, failed: 0 } },
  },
  orphans: 0,
  secretsInOutput: 0,
  iam: { checkedCalls: 900, denied: 0, unusedGrants: [], excusedGrants: 7 },
  providers: ['auth0', 'sendgrid'],
  rollWindowMs: { auth0: 1234 },
  currentDeadMs: {},
  awsCallsPerRotation: 8,
  violations: [],
  wallSeconds: 12.34,
  cpuSeconds: 15,
  peakMemoryMb: 345,
};
const report: Report = {
  incidentId: '20270109T020000Z-d24dc73b',
  key: 'prod/sendgrid/bot',
  cause: 'its secret was read by <b>somebody</b>',
  outcome: 'contained',
  timeline: [{ at: '2027-01-09T02:00:00.000Z', text: 'k2 is proven dead (rejected)' }],
  openQuestions: ['Who was it?'],
  nextSteps: [{ text: 'Look into the audit log.' }],
};
const events: StoryEvent[] = [
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
const story: Story = {
  start: at('01T00:00:00'),
  end: at('10T00:00:00'),
  lanes: [
    {
      key: 'prod/sendgrid/bot',
      promotions: [],
      lives: [
        { keyId: 'k1', from: at('01T01:00:00'), to: at('05T00:00:00') },
        { keyId: 'k2', from: at('04T00:00:00') },
      ],
    },
    { key: 'prod/auth0/bot', promotions: [], lives: [{ keyId: 'k3', from: at('01T01:00:00') }] },
  ],
  events,
  reports: [report],
  isOrdinary: false,
  summary,
};

describe('the page', () => {
  const page = reportPage(story);

  test('has a lane for each key, and a bar for each life', () => {
    for (const { key } of story.lanes) expect(page).toContain(`>${key}</text>`);
    expect(page.match(/<rect /g)).toHaveLength(3);
    expect(page).toContain('<title>k1: 2027-01-01 01:00 to 2027-01-05 00:00</title>');
    expect(page).toContain('<title>k2: 2027-01-04 00:00 to the end</title>');
  });

  test('draws what is about one key on its lane, and the rest across all, numbered as in the list', () => {
    expect(page.match(/<line class="fault"[^>]*><title>1: 2027-01-04 01:00/g)).toHaveLength(1);
    expect(page.match(/<circle class="alarm"[^>]*><title>2: 2027-01-09 02:00/g)).toHaveLength(1);
    expect(page).toContain('<td class="number">3</td>');
    expect(page).not.toContain('first key');
  });

  test('explains the marks that are there, and no others', () => {
    expect(page).toContain('<i class="dot alarm">');
    expect(page).not.toContain('<i class="dot recovered">');
  });

  test('shows the incident as text, whatever its words are', () => {
    expect(page).toContain('read by &#60;b&#62;somebody&#60;/b&#62;');
    expect(page).toContain('k2 is proven dead (rejected)');
    expect(page).not.toContain('<script');
  });

  test('asks nothing of anybody: no script, no outside resource', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:/);
  });

  test('says at the top that all went well, or what did not', () => {
    expect(page).toContain('4,321 requests of MCP servers, none failed');
    const bad = reportPage({ ...story, summary: { ...summary, orphans: 2 } });
    expect(bad).toContain('<p class="verdict bad">orphan keys at providers: 2.</p>');
    expect(bad).toContain('<dd class="bad">2</dd>');
    expect(bad).not.toContain('none failed');
  });
});

test.each([
  ['failed requests', { requests: { ...summary.requests, failed: 3 } }],
  ['orphan keys at providers', { orphans: 3 }],
  ['secrets in any output', { secretsInOutput: 3 }],
  ['denied calls', { iam: { ...summary.iam, denied: 3 } }],
  ['unused grants', { iam: { ...summary.iam, unusedGrants: ['a', 'b', 'c'] } }],
  ['not understood by the rehearsal', { violations: ['a', 'b', 'c'] }],
])('%s must be zero', (name, change) => {
  const wrong = mustBeZero({ ...summary, ...change }, true).filter(({ count }) => count > 0);
  expect(wrong).toEqual([{ name, count: 3 }]);
});

test('a short scene need not use every grant', () => {
  const short = { ...summary, iam: { ...summary.iam, unusedGrants: ['a'] } };
  expect(mustBeZero(short, false).filter(({ count }) => count > 0)).toEqual([]);
  expect(summaryTable(short, false)).toContain('1 grants not needed by so short a scene');
});

test('an event is one line, colored only where that is asked for', () => {
  const plain = '2027-01-04 01:00  fault      sendgrid';
  expect(eventLine(events[1]!)).toContain(plain);
  expect(eventLine(events[1]!, true)).toContain('[31mfault');
});

test('findings read as words', () => {
  expect(
    findingsText({
      provenDead: true,
      detectedMs: 120_280,
      mendedMs: 1500,
      missing: undefined,
      wallMs: { revoked: 785 },
      told: ['one', 'two'],
      lateDid: [],
      report,
    }),
  ).toMatchInlineSnapshot(`
"proven dead               yes
noticed, after the theft  120.28 s
mended after              1.50 s
late did                  none
in real time, without the grace:
  revoked  0.79 s
told:
  one
  two
incident 20270109T020000Z-d24dc73b, prod/sendgrid/bot: its secret was read by <b>somebody</b>
    2027-01-09 02:00:00  k2 is proven dead (rejected)
  open questions
    - Who was it?
  next steps
    - Look into the audit log."
`);
});
