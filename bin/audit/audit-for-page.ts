// The audit as a part of a page, which is worth having without it: what keeps the audit from looking is said there.
import { KeyturnError } from '../../core/errors';
import type { AuditResult } from '../report/findings';
import { type AuditSelection as AuditedKeys, auditAll, type RunOptions } from './audit-run';

export async function auditForPage(
  keys: AuditedKeys,
  options: Omit<RunOptions, 'unusedDays'>,
): Promise<AuditResult> {
  try {
    const [report] = await auditAll([keys], { ...options, unusedDays: 90 });
    return report ? { report } : { missing: 'The audit told nothing.' };
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    return { missing: `The audit failed: ${error.message}` };
  }
}
