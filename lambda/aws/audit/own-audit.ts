// An audit that runs by itself. The function is started every day and looks once a week: what could not be looked at is tried again the next
// day, and a start that stays away is noticed within two days, which no alarm could do for one start a week.
import { randomBytes } from 'node:crypto';
import type { PartAnswer } from '../../../core/audit/finding';
import { type AuditNews, countsByRule, newsOf, type PartLook } from '../../../core/audit/news';
import { type AskPage, type PartRequest, pagesOf } from '../../../core/audit/parts';
import { reportsOf } from '../../../core/audit/report';
import { environmentMetricLine, findingsMetricLine } from '../../../core/metrics/metric-line';
import { auditNotice, isWorthTelling, type LastAuditNotice } from '../../../core/notices/audit-notice';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs } from '../../../core/time';
import type { Notify } from '../notify/notify';
import { describeError, logger } from '../runtime/logger';
import { type AuditBaseline, readAuditRecord } from '../table/audit-baseline';
import type { Table } from '../table/table';

export interface OwnAudit {
  environment: string;
  /** In the order in which they are looked at. */
  parts: readonly string[];
  table: Pick<Table, 'get' | 'change'>;
  notify: Notify;
  clock: Clock;
}

/** A day's start may come some minutes earlier than the last one. */
const everyMs = 7 * dayMs - hourMs;

/** @returns what it came to, for the log */
export async function auditByItself(
  { environment, parts, table, notify, clock }: OwnAudit,
  look: AskPage,
  isTimeUp: () => boolean,
): Promise<Record<string, unknown>> {
  const record = await readAuditRecord(table, () => clock.now());
  const before = record.baseline;
  if (before && !isDue(before, clock.now())) return { nextAfter: before.lookedAt, isDue: false };
  const salt = randomBytes(32).toString('hex');
  const looks: PartLook[] = [];
  for (const part of parts) looks.push(await lookAt({ part, salt }, look, isTimeUp));
  const at = clock.now();
  const answers = looks.flatMap(one => [...one.answers]);
  const [report] = reportsOf([{ environment, answers }], at);
  const news = newsOf(before?.known, report ?? { findings: [] }, looks);
  const { high, medium, low } = news.counts;
  for (const [rule, count] of countsByRule(news.known))
    process.stdout.write(`${findingsMetricLine(environment, rule, count, at)}\n`);
  const totals = { AuditHigh: high, AuditMedium: medium, AuditLow: low, AuditMissed: news.missed.length };
  process.stdout.write(`${environmentMetricLine(environment, totals, at)}\n`);
  const isTold = isWorthTelling(news, before?.last, at);
  const last = lastAfter(news, before?.last, isTold, at);
  const isMine = await record.note(
    { lookedAt: at, isWhole: !news.missed.length, known: news.known, ...(last && { last }) },
    isTold ? () => notify(auditNotice(environment, news)) : undefined,
  );
  const { added, gone, missed } = news;
  return { ...news.counts, added: added.length, gone: gone.length, missed, isTold: isTold && isMine };
}

/** What was seen meanwhile is told of again, if it is missed again. */
function lastAfter(
  { missed }: AuditNews,
  before: LastAuditNotice | undefined,
  isTold: boolean,
  at: Date,
): LastAuditNotice | undefined {
  const places = missed.map(({ what }) => what);
  if (isTold) return { at, missed: places };
  return before && { at: before.at, missed: before.missed.filter(place => places.includes(place)) };
}

/** A time that is still to come is of a clock that was wrong, or of nobody's run. */
function isDue({ lookedAt, isWhole }: AuditBaseline, now: Date): boolean {
  const ageMs = now.getTime() - lookedAt.getTime();
  return ageMs < -hourMs || ageMs >= (isWhole ? everyMs : dayMs - hourMs);
}

async function lookAt(
  request: Pick<PartRequest, 'part' | 'salt'>,
  look: AskPage,
  isTimeUp: () => boolean,
): Promise<PartLook> {
  const { part } = request;
  const answers: PartAnswer[] = [];
  const tooLate = { part, answers, failed: 'there was no time left for it' };
  if (isTimeUp()) return tooLate;
  try {
    for await (const answer of pagesOf(look, request)) {
      answers.push(answer);
      if (answer.next !== undefined && isTimeUp()) return tooLate;
    }
    return { part, answers };
  } catch (error) {
    const { message } = describeError(error);
    logger.error(`could not look at ${part}`, { error: describeError(error) });
    return { part, answers, failed: message };
  }
}
