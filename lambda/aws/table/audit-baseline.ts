// What people were told of by audits that ran by themselves: one item, which the audit function alone writes. It decides what counts as new
// and as gone, and never what is counted: whoever changes it can hide nothing from `keyturn audit`, and nothing from the counts.
import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import type { KnownFinding } from '../../../core/audit/news';
import { type RuleId, ruleIds } from '../../../core/audit/rules';
import type { LastAuditNotice } from '../../../core/notices/audit-notice';
import { minuteMs } from '../../../core/time';
import { logger } from '../runtime/logger';
import { auditKey, type Item, number, type Table, text } from './table';

export interface AuditBaseline {
  /** When the last audit looked. */
  lookedAt: Date;
  /** It saw all that it was to look at. */
  isWhole: boolean;
  known: KnownFinding[];
  /** @default - people were told nothing yet, since there was nothing to tell */
  last?: LastAuditNotice;
}

/** What stands there, and the one way to change it. */
export interface AuditRecord {
  /** Absent before the first audit, and where what stands there cannot be from Keyturn: then all is new. */
  baseline?: AuditBaseline;
  /**
   * Tells people, if they are to be told, and notes it. Of two audits that began with the same record one does.
   * @param tell absent where there is nothing to tell
   * @returns false where the other one did, or is at it
   */
  note(told: AuditBaseline, tell?: () => Promise<void>): Promise<boolean>;
}

/** After so long whoever was telling has died at it. */
const tellingMs = minuteMs;
/** DynamoDB takes 400 KB in an item; compressed, so many need half of it. */
const keptAtMost = 20_000;

const knownShape = z.array(z.tuple([z.string(), z.string(), z.string()]));
const stateShape = z.object({
  lookedAt: z.iso.datetime(),
  isWhole: z.boolean(),
  last: z.optional(z.object({ at: z.iso.datetime(), missed: z.array(z.string()) })),
  known: knownShape,
});

export async function readAuditRecord(
  table: Pick<Table, 'get' | 'change'>,
  now: () => Date,
): Promise<AuditRecord> {
  const state = (await table.get(auditKey))?.state;
  const told = state && toldIn(state);
  return {
    ...(told && { baseline: told }),

    async note(next, tell) {
      if (!tell) return table.change(auditKey, { set: { state: stateOf(next) }, onlyIf: { state } });
      const other = await table.get(auditKey);
      const tellingForMs = Math.abs(now().getTime() - Number(other?.tellingSince?.N));
      if (other?.teller && tellingForMs < tellingMs) return false;
      const teller = text(randomUUID());
      const isMine = await table.change(auditKey, {
        set: { teller, tellingSince: number(now().getTime()) },
        onlyIf: { state, teller: other?.teller },
      });
      if (!isMine) return false;
      try {
        await tell();
      } catch (error) {
        await table.change(auditKey, { remove: ['teller', 'tellingSince'], onlyIf: { teller } });
        throw error;
      }
      // Told first: twice is better than not at all.
      await table.change(auditKey, {
        set: { state: stateOf(next) },
        remove: ['teller', 'tellingSince'],
        onlyIf: { teller },
      });
      return true;
    },
  };
}

function stateOf({ known, ...told }: AuditBaseline): Item[string] {
  const kept = known.slice(0, keptAtMost);
  if (kept.length < known.length)
    logger.warn(`only ${keptAtMost} findings are kept; the others will count as new again`);
  const written = JSON.stringify({
    ...told,
    known: kept.map(({ rule, subject, part }) => [rule, subject, part]),
  });
  return text(gzipSync(written).toString('base64'));
}

/** More than any state that fits into an item. */
const longestState = 64 * 1024 * 1024;

function toldIn({ S: packed = '' }: Item[string]): AuditBaseline | undefined {
  try {
    const written = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: longestState });
    const { lookedAt, isWhole, last, known } = stateShape.parse(JSON.parse(written.toString()));
    return {
      lookedAt: new Date(lookedAt),
      isWhole,
      ...(last && { last: { at: new Date(last.at), missed: last.missed } }),
      // A rule that a newer version has no more finds nothing, and nothing of it is gone.
      known: known.flatMap(([rule, subject, part]) => (isRule(rule) ? [{ rule, subject, part }] : [])),
    };
  } catch {
    // Its text could be anybody's.
    logger.error('the record of earlier audits cannot be from Keyturn; all findings count as new');
    return undefined;
  }
}

function isRule(rule: string): rule is RuleId {
  return (ruleIds as readonly string[]).includes(rule);
}
