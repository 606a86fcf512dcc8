// The page and the text of a rehearsal, over one small story.
import { sections } from '../../bin/report/overview';
import type { LaneRow } from '../../rehearsal/lanes/lane-row';
import { reportPage } from '../../rehearsal/report/report-page';
import { eventLine, findingsText, mustBeZero, summaryTable } from '../../rehearsal/report/summary-text';
import { events, report, story, summary } from './story';

const played: LaneRow = {
  ...{ way: 'keyturn agent -- <command>', transport: 'HTTP', language: 'Node' },
  ...{ calls: 1234, rotations: 3, failed: 0, lost: 0, duplicated: 0, problems: [] },
  ...{ excused: 7, excuse: 'the program is down', firstUseMs: 512 },
};
const skipped: LaneRow = {
  ...{ way: 'the client library for Python', transport: 'stdio', language: 'Python' },
  skipped: 'python3 has no boto3',
};
const { excuse: _, ...rest } = played;
const broken: LaneRow[] = [
  { ...rest, excused: 0, lost: 1 },
  { ...rest, excused: 0, duplicated: 1 },
  { ...rest, excused: 0, problems: ['not within 60 s: <the new key> is used'] },
];
const withLanes = { ...summary, realTimeLanes: [played, skipped, ...broken] };

describe('the page', () => {
  const page = reportPage(story);

  test('has a lane for each key, and a bar for each life', () => {
    for (const { key } of story.lanes)
      expect(page).toContain(`<div class="lane" data-row><div class="name">${key}</div>`);
    expect(page.match(/<g class="life"/g)).toHaveLength(3);
  });

  test('tells the story of each life, to eyes and to screen readers', () => {
    const first =
      'k1: from 2027-01-01 01:00 to 2027-01-05 00:00, when its provider no longer accepted it, retired: 4 days.';
    const second =
      'k2: from 2027-01-04 00:00 to the end, still accepted. While it lived: 2: 2027-01-09 02:00 prod/sendgrid/bot: &#60;script&#62;.';
    for (const told of [first, second]) {
      expect(page).toContain(`<g class="life" tabindex="0" role="img" aria-label="${told}">`);
      expect(page).toContain(`<p class="tip">${told}</p>`);
    }
  });

  test('draws what is about one key on its lane, and the rest across all, numbered as in the list', () => {
    expect(page.match(/<line class="across fault"[^>]*><title>1: 2027-01-04 01:00/g)).toHaveLength(1);
    expect(page.match(/<g class="alarm"><title>2: 2027-01-09 02:00/g)).toHaveLength(1);
    expect(page).toContain('<td class="number">3</td>');
    expect(page).not.toContain('first key');
  });

  test('explains the marks that are there, and no others', () => {
    expect(page).toContain('</svg>alarm</li>');
    expect(page).not.toContain('its retry succeeded');
  });

  test('shows the incident as text, whatever its words are', () => {
    expect(page).toContain('read by &#60;b&#62;somebody&#60;/b&#62;');
    expect(page).toContain('k2 is proven dead (rejected)');
    expect(page).toContain('prod/sendgrid/bot: &#60;script&#62;');
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  test('has the parts that every page about keys has', () => {
    for (const title of Object.values(sections)) expect(page).toContain(`>${title}</h2>`);
  });

  test.each([20, 21])('folds what comes after the first 20 of %i events, and says what it is', count => {
    const many = Array.from({ length: count }, () => events[1]!);
    const html = reportPage({ ...story, events: many });
    expect(html.match(/<td class="number">/g)).toHaveLength(count);
    expect(html.includes('<summary>1 more event: 1 fault</summary>')).toBe(count === 21);
  });

  test('says what was left out, and why, where something was', () => {
    const leftOut = ['the theft of a key: <prod> has no trail'];
    const html = reportPage({ ...story, summary: Object.assign({ ...summary }, { leftOut }) });
    expect(html).toContain(
      '<h2>Left out</h2><ul><li>the theft of a key: &#60;prod&#62; has no trail</li></ul>',
    );
    expect(page).not.toContain('Left out');
  });

  test('has a row for each lane in real time, where any was played', () => {
    const html = reportPage({ ...story, summary: withLanes });
    const rows = html.match(/<tr><td class="kind">.*?<\/tr>/g) ?? [];
    expect(rows[0]).toContain('keyturn agent -- &#60;command&#62;</td> <td class="when">HTTP</td>');
    expect(rows[0]).toContain('data-label="Calls">1,234</td>');
    expect(rows[0]).toContain('<td class="state good" data-label="Failed">0</td>');
    expect(rows[0]).toContain('<td class="what">7 more failed, as expected: the program is down</td>');
    expect(rows[1]).toContain('skipped: python3 has no boto3');
    expect(rows[2]).toContain('<td class="state bad" data-label="Failed">1</td>');
    expect(rows[4]).toContain('<td class="what">not within 60 s: &#60;the new key&#62; is used</td>');
    expect(html).toContain('<p class="verdict bad">lanes that failed: 3.</p>');
    expect(page).not.toContain('Lanes in real time');
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
  ['lanes that failed', { realTimeLanes: [...broken, played, skipped] }],
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

test('the ways to get a key that were played are named, and those that were not', () => {
  const lines = summaryTable(summary, true).split('\n');
  expect(lines.find(line => line.includes('with the client library '))).toContain('4000, 0 failed');
  expect(lines.find(line => line.includes('behind npx keyturn run'))).toContain('321, 0 failed');
  // No server of this environment has one.
  expect(lines.join()).not.toContain('short-lived tokens');
  expect(lines.join()).toContain('run --broker');
});

test('lanes in real time have a line each', () => {
  const lines = summaryTable(withLanes, true).split('\n');
  const lineOf = (start: string) => lines.find(line => line.startsWith(start))?.replace(/ {2,}/g, ' ');
  expect(lineOf('lanes in real time')).toBe('lanes in real time 5, 3 failed');
  expect(lineOf('  keyturn agent')).toBe(
    ' keyturn agent -- <command>, HTTP, Node 1234 calls over 3 rotations: 0 failed, 0 lost, 0 doubled, and 7 expected failures (the program is down); new key in use after 0.51 s',
  );
  expect(lineOf('  the client library for Python')).toContain('skipped: python3 has no boto3');
  expect(lines.join()).not.toContain('not played');
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
