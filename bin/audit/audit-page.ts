// The findings of an audit as a page, for people who have no terminal; they look as they do on every other page about keys.
import type { AuditReport } from '../../core/audit/finding';
import { pageOf } from '../report/document';
import { findingList } from '../report/findings';
import { escapeHtml } from '../report/page-text';
import { findingCounts } from './audit-text';

export function auditPage(reports: readonly AuditReport[]): string {
  const title = `Keyturn audit: ${reports.map(({ environment }) => environment).join(', ')}`;
  const body = `<main><h1>${escapeHtml(title)}</h1>${reports.map(section).join('')}</main>`;
  return pageOf({ title, body }).html;
}

function section(report: AuditReport): string {
  const { environment, findings } = report;
  return `<section><h2>${escapeHtml(environment)}</h2><p>${findingCounts(findings)}.</p>${findingList({ report })}</section>`;
}
