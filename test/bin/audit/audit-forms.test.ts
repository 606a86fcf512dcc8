// The forms of an audit, each against what reads it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { auditCsv, auditPage, auditText, lookedInWords } from '../../../bin/audit/audit-forms';
import { sarif } from '../../../bin/audit/sarif';
import { type AuditReport, finding } from '../../../core/audit/finding';
import { auditRules, ruleIds } from '../../../core/audit/rules';
import { root } from '../../docs/documents';

const hostile = '"><script>alert(1)</script>\u001b[2J\u202e';
const report: AuditReport = {
  environment: 'prod',
  at: new Date('2027-03-01T08:00:00Z'),
  findings: ruleIds.map((rule, n) =>
    finding(rule, {
      subject: n % 2 ? `sendgrid key ${n}` : 'prod/sendgrid/support-bot',
      keys: n % 2 ? [] : ['prod/sendgrid/support-bot'],
      evidence: [`Its name is ${hostile}.`, '=1+1'],
      fix: '`npx keyturn rotate prod/sendgrid/support-bot` mends it.',
    }),
  ),
  notCovered: [{ what: 'SendGrid: when keys were last used', why: hostile }],
  couldDoWithout: [{ key: 'prod/anthropic/bot', how: 'let the server sign in as its role' }],
  ends: [{ key: 'prod/notion/bot', at: '2027-03-01T00:00:00.000Z', by: 'policy' }],
  looked: { keys: 1_234 },
};
const reports = [report, { ...report, environment: 'dev', findings: [], notCovered: [], looked: {} }];

/** As published (draft 4): https://www.npmjs.com/package/@microsoft/jest-sarif 1.0.0-beta.0, lib/schemas/sarif-2.1.0-rtm.5.json. */
const {
  $schema: _,
  id: __,
  ...sarifSchema
} = JSON.parse(readFileSync(join(__dirname, 'sarif-2.1.0.json'), 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);

describe('SARIF', () => {
  const isValid = ajv.compile(sarifSchema);
  const log = JSON.parse(JSON.stringify(sarif(reports, './config/keys.ts')));

  it('is valid against the published schema, which refuses what is not', () => {
    expect(isValid(log) || isValid.errors).toBe(true);
    expect(isValid({ ...log, version: '2.0.0' })).toBe(false);
    expect(isValid({ ...log, runs: [{ results: [] }] })).toBe(false);
  });

  it('names each rule once, and each result by its rule, place and a fingerprint of its own', () => {
    const [run] = log.runs;
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(auditRules));
    const prints = run.results.map(({ partialFingerprints }: { partialFingerprints: object }) =>
      JSON.stringify(partialFingerprints),
    );
    expect(new Set(prints).size).toBe(run.results.length);
    for (const { ruleId, ruleIndex, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(locations[0].physicalLocation.artifactLocation.uri).toBe('config/keys.ts');
    }
  });
});

test('JSON is as its schema says, which refuses what is not', () => {
  const schema = JSON.parse(readFileSync(join(root, 'docs/audit.schema.json'), 'utf8'));
  const isValid = ajv.compile(schema);
  const printed = JSON.parse(JSON.stringify({ audits: reports }));
  expect(isValid(printed) || isValid.errors).toBe(true);
  expect(isValid({ audits: [{ ...printed.audits[0], findings: [{}] }] })).toBe(false);
});

test('the page shows what strangers wrote as text, loads nothing, and runs its own search alone', () => {
  const page = auditPage(reports);
  expect(page.match(/<section><h2>[^<]+<\/h2>/g)).toHaveLength(reports.length);
  expect(page.match(/<\/section>/g)).toHaveLength(reports.length);
  expect(page).toContain('&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;');
  expect(page.match(/<script/gi)).toHaveLength(1);
  expect(page).not.toMatch(/<img|\son\w+="|src="|href="(?!data:,")|url\(|@import|https?:/i);
  for (const hidden of ['\u001b', '\u202e']) expect(page).not.toContain(hidden);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('<code>npx keyturn rotate prod/sendgrid/support-bot</code>');
});

test('one of a kind is no plural', () => {
  const looked = {
    keys: 1,
    'task definitions': 1,
    'keys at providers': 1,
    'keys with a known end': 1,
    issuers: 2,
  };
  expect(lookedInWords({ looked })).toBe(
    'Looked at 1 key, 1 task definition, 1 key at providers, 1 key with a known end, 2 issuers.',
  );
});

test('a spreadsheet gets no formula, and a row for each finding', () => {
  const lines = auditCsv([{ ...report, findings: [{ ...report.findings[0]!, subject: '=1+1' }] }]).split(
    '\n',
  );
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain(",'=1+1,");
});

test('a terminal gets each finding with its evidence and its fix', () => {
  const text = auditText([{ ...report, findings: report.findings.slice(0, 1) }]);
  expect(text).toContain('prod: 1 finding: 1 high\nLooked at 1,234 keys.\n');
  expect(text).toContain(`HIGH  ${auditRules['same-key'].title}: prod/sendgrid/support-bot (same-key)`);
  expect(text).toContain('  Fix: `npx keyturn rotate prod/sendgrid/support-bot` mends it.');
  expect(text).toContain('prod: not looked at\n  SendGrid: when keys were last used');
});

test('the table of rules in the documentation is the one of the code', () => {
  const rows = readFileSync(join(root, 'docs/audit.md'), 'utf8').match(
    /^\| `[a-z-]+` \| (high|medium|low).*$/gm,
  );
  expect(rows).toEqual(
    Object.entries(auditRules).map(
      ([id, { severity, title, help }]) => `| \`${id}\` | ${severity} | ${title} | ${help} |`,
    ),
  );
});

test('a key is named beside a finding, though its name begins that of another key', () => {
  const found = {
    ...finding('overlapping-scopes', {
      subject: 'prod/sendgrid/shop/mail-eu, prod/sendgrid/shop/news',
      keys: ['prod/sendgrid/shop/mail', 'prod/sendgrid/shop/mail-eu', 'prod/sendgrid/shop/news'],
      evidence: [],
      fix: 'Narrow one.',
    }),
  };
  expect(auditText([{ ...report, findings: [found] }])).toContain('  Keys: prod/sendgrid/shop/mail\n');
});
