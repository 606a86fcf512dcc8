// Long answers in pages. An answer is kept for some minutes, so that its pages belong together, and AWS is asked once for all.
import { randomBytes } from 'node:crypto';
import { KeyturnError } from '../../core/errors';
import type { Clock } from '../../core/provider';
import { minuteMs } from '../../core/time';

export interface Paged<Answer> {
  total(answer: Answer): number;
  /** The answer with only those of its list, and what belongs to them. */
  slice(answer: Answer, from: number, to: number): Answer;
}

export interface PageInfo {
  total: number;
  from: number;
  shown: number;
  nextCursor?: string;
}

interface CachedAnswer {
  answer: unknown;
  /** Which tool and arguments it answers. */
  of: string;
  until: number;
}

const keptMs = 10 * minuteMs;
/** Memory is bounded, whatever is asked. */
const keptAtMost = 8;
const cursorShape = /^([0-9a-f]{16})-(\d{1,9})$/;

export function createPages(clock: Pick<Clock, 'now'>) {
  const kept = new Map<string, CachedAnswer>();

  function keep(of: string, answer: unknown): string {
    const id = randomBytes(8).toString('hex');
    kept.set(id, { of, answer, until: clock.now().getTime() + keptMs });
    const [oldest] = kept.keys();
    if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest);
    return id;
  }

  return {
    /** @throws {KeyturnError} usage */
    async page<Answer>(
      { of, cursor, limit }: { of: string; cursor: string | undefined; limit: number },
      paged: Paged<Answer>,
      look: () => Promise<Answer>,
    ): Promise<{ answer: Answer; page: PageInfo }> {
      const [, id = '', start = '0'] = cursor === undefined ? [] : (cursorShape.exec(cursor) ?? [cursor]);
      const before = kept.get(id);
      const isKept = before?.of === of && before.until > clock.now().getTime();
      if (cursor !== undefined && !isKept)
        throw new KeyturnError(
          'usage',
          `cursor: "${cursor.slice(0, 40)}" is not one of this list, or is older than ${keptMs / minuteMs} minutes; ask again without it`,
        );
      const answer = isKept ? (before.answer as Answer) : await look();
      const total = paged.total(answer);
      const from = Math.min(Number(start), total);
      const to = Math.min(from + limit, total);
      const next = to < total ? `${isKept ? id : keep(of, answer)}-${to}` : undefined;
      return {
        answer: paged.slice(answer, from, to),
        page: { total, from, shown: to - from, ...(next && { nextCursor: next }) },
      };
    },
  };
}

export type Pages = ReturnType<typeof createPages>;
