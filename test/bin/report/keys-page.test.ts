// The page of `keyturn report` as text: all keys are on it, nothing that others wrote is markup, and its size is bounded.

import { keysPage } from '../../../bin/report/keys-page';
import { lanesSince } from '../../../bin/report/lives';
import { hostile, madeUpReport } from './made-up';

const page = keysPage(madeUpReport(3));

test('one script and one style, which its policy names, and no outside resource', () => {
  expect(page.match(/<script|<style/g)).toHaveLength(2);
  expect(page.match(/'sha256-[\w+/=]{44}'/g)).toHaveLength(2);
  expect(page).toContain("content=\"default-src 'none'; ");
  expect(page).not.toMatch(
    /<img|<iframe|@import|url\(|https?:| on\w+="| style="|src="|<link(?! rel="icon" href="data:,">)/,
  );
});

test('what others wrote is text, and turns no direction of writing', () => {
  expect(hostile).toContain('\u202e');
  expect(page).not.toContain('\u202e');
  // The id of a key, a reader, what a provider answered, a finding and what it does not cover.
  expect(page.match(/&#60;img src=x onerror=&#34;/g)!.length).toBeGreaterThanOrEqual(8);
});

test.each([40, 41])(
  'of %i keys draws each life, or all lives of a secret in one shape, folded by provider',
  count => {
    const html = keysPage(madeUpReport(count));
    const lives = html.match(/<g class="life"/g) ?? [];
    const rows = html.match(/<div class="lane" data-row>/g);
    expect(rows).toHaveLength(count);
    expect(lives).toHaveLength(count === 40 ? 3 * 40 : 0);
    const sum = 'openai: keys that it accepts, 0 at first, 19 at most, 14 at the end';
    expect(html.includes(sum)).toBe(count === 41);
    expect(html.includes('<summary>openai: 14 secrets, one by one</summary>')).toBe(count === 41);
  },
);

test.each([3, 41])('of %i keys, each whose end is known says when it ends, and no other', count => {
  const html = keysPage(madeUpReport(count));
  expect(html.match(/team bench, ends 2027-06-01</g)).toHaveLength(Math.ceil(count / 2));
  expect(html.match(/, ends /g)).toHaveLength(Math.ceil(count / 2));
});

test('of 2,100 keys, 2,000 are drawn one by one, and the page says so', () => {
  const html = keysPage(madeUpReport(2_100));
  expect(html.match(/<div class="lane" data-row>/g)!.length).toBeLessThanOrEqual(2_003);
  expect(html).toContain('<summary>openai: 667 of 700 secrets, the most eventful, one by one</summary>');
  expect(html).toContain('100 more keys are not on this page');
  expect(html.length).toBeLessThan(3_000_000);
});

test('1,000 keys are all on it, in less than a megabyte and a half', () => {
  const report = madeUpReport(1_000);
  const html = keysPage(report);
  for (const { key } of report.lanes) {
    expect(html).toContain(`<div class="name">${key}<`);
    expect(html).toContain(`<tr data-row><th scope="row">${key}</th>`);
  }
  expect(html.length).toBeLessThan(1_500_000);
});

test('findings of one rule stand together, worst first, and lead from the matrix to what the audit found', () => {
  const order = [...page.matchAll(/<span class="severity (\w+)">/g)].map(([, severity]) => severity);
  expect(order).toEqual(['high', 'high', 'medium']);
  expect(page).toContain('id="rule-prod-readable-beyond-config"');
  expect(page.match(/<a href="#rule-prod-readable-beyond-config">1<\/a>/g)).toHaveLength(1);
});

test('says where nobody looked', () => {
  const html = keysPage({ ...madeUpReport(3), audited: { missing: 'No function audits <here>.' } });
  expect(html).toContain('No function audits &#60;here&#62;.');
  expect(html).toContain('No one looked beyond the configuration');
  expect(html).toContain('<td>?</td>');
  expect(html).not.toContain('No incident is open, and the audit found nothing of high severity');
});

test('an incident that is not finished comes first, and so does the verdict on it', () => {
  const report = madeUpReport(100);
  const html = keysPage({ ...report, incidents: [...report.incidents].reverse() });
  expect(html).toMatch(/<p class="verdict bad">1 incident not finished; \d+ high findings\.<\/p>/);
  expect(/<details class="incident".*?<\/summary>/.exec(html)![0]).toContain('not finished');
});

test('only the part of a life within the time is drawn', () => {
  const [lane] = madeUpReport(1).lanes;
  const [, , last] = lane!.lives;
  const [left] = lanesSince([lane!], new Date(last!.from.getTime() + 1));
  expect(left!.lives.map(({ keyId, from }) => [keyId, from.getTime() - last!.from.getTime()])).toEqual([
    ['<img src=x onerror="document.title=1">\u202egnirts', 1],
    ['new-0', 1],
  ]);
});
