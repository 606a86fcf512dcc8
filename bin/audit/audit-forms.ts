// An audit as a terminal shows it, as a spreadsheet takes it, and as a page for people who have no terminal.
import {
  type AuditFinding,
  type AuditReport,
  type FindingSeverity,
  keysBeside,
} from '../../core/audit/finding';
import { ruleOf } from '../../core/audit/rules';
import { oneLine } from '../../core/text/safe-text';
import { pageOf } from '../report/document';
import { findingList } from '../report/findings';
import { escapeHtml } from '../report/page-text';
import { csv } from '../terminal/csv';
import { count } from '../terminal/table';

export function auditText(reports: readonly AuditReport[]): string {
  return reports.map(reportText).join('\n');
}

function reportText(report: AuditReport): string {
  const { environment, findings, notCovered, couldDoWithout = [] } = report;
  const head = `${environment}: ${findingCounts(findings)}\n`;
  const open = notCovered.map(({ what, why }) => `  ${oneLine(what)}: ${oneLine(why)}\n`);
  return [
    head,
    `${lookedInWords(report)}\n`,
    ...findings.map(findingText),
    ...(open.length ? [`\n${environment}: not looked at\n`, ...open] : []),
    ...(couldDoWithout.length ? [`\n${environment}: keys that servers could do without\n`] : []),
    ...couldDoWithout.map(({ key, how }) => `  ${key}: you could ${oneLine(how)}\n`),
  ].join('');
}

function findingText({ rule, severity, subject, keys, evidence, fix }: AuditFinding): string {
  const others = keysBeside({ subject, keys });
  const lines = [...evidence, ...(others.length ? [`Keys: ${others.join(', ')}`] : [])];
  return [
    `\n${severity.toUpperCase()}  ${ruleOf(rule).title}: ${oneLine(subject)} (${rule})\n`,
    ...lines.map(line => `  ${oneLine(line)}\n`),
    `  Fix: ${fix}\n`,
  ].join('');
}

/** `2 findings: 1 high, 1 low` */
function findingCounts(findings: readonly AuditFinding[]): string {
  if (!findings.length) return 'no findings';
  const of = (severity: FindingSeverity) => findings.filter(each => each.severity === severity).length;
  const counts = (['high', 'medium', 'low'] as const).flatMap(severity =>
    of(severity) ? [`${of(severity)} ${severity}`] : [],
  );
  return `${count(findings.length, 'finding')}: ${counts.join(', ')}`;
}

/** `Looked at 12 keys, 3 places at providers.` */
export function lookedInWords({ looked }: Pick<AuditReport, 'looked'>): string {
  const parts = Object.entries(looked).map(
    ([what, number]) => `${number.toLocaleString('en')} ${number === 1 ? singular(what) : what}`,
  );
  return parts.length ? `Looked at ${parts.join(', ')}.` : 'Looked at nothing.';
}

/** Of `keys at providers`: `key at providers` */
function singular(what: string): string {
  return what.replace(/s(?= at | with |$)/, '');
}

/** A row for each finding. */
export function auditCsv(reports: readonly AuditReport[]): string {
  const rows = reports.flatMap(({ environment, findings }) =>
    findings.map(({ rule, severity, subject, keys, evidence, fix }) => [
      environment,
      severity,
      rule,
      subject,
      keys.join(' '),
      evidence.join(' '),
      fix,
    ]),
  );
  return csv(['environment', 'severity', 'rule', 'subject', 'keys', 'evidence', 'fix'], rows);
}

/** Findings look as they do on every other page about keys. */
export function auditPage(reports: readonly AuditReport[]): string {
  const title = `Keyturn audit: ${reports.map(({ environment }) => environment).join(', ')}`;
  const body = `<main><h1>${escapeHtml(title)}</h1>${reports.map(pageSection).join('')}</main>`;
  return pageOf({ title, body }).html;
}

function pageSection(report: AuditReport): string {
  const { environment, findings } = report;
  return `<section><h2>${escapeHtml(environment)}</h2><p>${findingCounts(findings)}.</p>${findingList({ report })}</section>`;
}
