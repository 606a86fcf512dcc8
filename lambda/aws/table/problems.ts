// Tells people once that something is wrong, and once that it is over, in this order, however often either is met; and of many
// alike at once only with one message.
import type { Notice } from '../../../core/notices/notice';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs } from '../../../core/time';
import type { Notify } from '../notify/notify';
import { describeError, logger } from '../runtime/logger';
import { type Item, number, problemGroupKey, problemKey, problems, type Table } from './table';

/** Where something like it is wrong with others, too. */
export interface ProblemGroup {
  name: string;
  /** Which of them this one is. */
  member: string;
  /** One message for all. @param members that are known by now, the newest first */
  notice(members: readonly string[], isOver: boolean): Notice;
}

export interface ProblemReport {
  /** What is told of it; its `about` says which problem it is. */
  notice: Notice;
  /** When it changed, by the clock of whoever noticed. */
  at: Date;
  /** True where nobody tells of it twice: if it is on already, it was over in between. @default false */
  isChange?: boolean;
  group?: ProblemGroup;
}

export interface Problems {
  begin(problem: ProblemReport): Promise<void>;
  /** Of one that nobody was told of, nobody is told that it is over. */
  end(problem: ProblemReport): Promise<void>;
  /** What `about` says of each that began and is not over. */
  listOn(): Promise<ReadonlySet<string>>;
}

/** More alike at once are told of together. */
export const toldOneByOneAtMost = 3;

/** For so long one message stands for all that join them. */
const togetherMs = hourMs;
/** Then it is told again: its end may have been lost, or will never come, since the key was taken away. */
const toldAgainMs = 30 * dayMs;
const keptOnMs = 365 * dayMs;
const keptOffMs = 7 * dayMs;

export interface ProblemState {
  isOn: boolean;
  /** False where it was one of many. */
  isTold: boolean;
  at: number;
}

/** What people were told of a matter last. */
export async function readProblem(
  table: Pick<Table, 'get'>,
  about: string,
): Promise<ProblemState | undefined> {
  const item = await table.get(problemKey(about));
  return (
    item && { isOn: item.isOn?.BOOL === true, isTold: item.isTold?.BOOL === true, at: Number(item.at?.N) }
  );
}

export function createProblems({
  table,
  notify,
  clock,
}: {
  table: Table;
  notify: Notify;
  clock: Clock;
}): Problems {
  const expiry = (keptMs: number) => number(Math.floor((clock.now().getTime() + keptMs) / 1000));

  async function write(about: string, { isOn, isTold, at }: ProblemState): Promise<void> {
    await table.change(problemKey(about), {
      set: {
        isOn: { BOOL: isOn },
        isTold: { BOOL: isTold },
        at: number(at),
        expiresAt: expiry(isOn ? keptOnMs : keptOffMs),
      },
    });
  }

  /** @returns false where one message for all has been sent instead */
  async function isToldAlone({ name, member, notice }: ProblemGroup): Promise<boolean> {
    const key = problemGroupKey(name);
    const now = clock.now().getTime();
    await table.change(key, { add: { members: [member] }, set: { expiresAt: expiry(toldAgainMs) } });
    const group = await table.get(key);
    const members = membersOf(group);
    if (members.length <= toldOneByOneAtMost) return true;
    const toldAt = group?.toldAt;
    if (toldAt && now < Number(toldAt.N) + togetherMs) return false;
    // Whoever claims it first tells; if it cannot, another one may.
    if (!(await table.change(key, { set: { toldAt: number(now) }, onlyIf: { toldAt } }))) return false;
    try {
      await notify(notice([member, ...members.filter(other => other !== member)], false));
    } catch (error) {
      await table.change(key, toldAt ? { set: { toldAt } } : { remove: ['toldAt'] });
      throw error;
    }
    return false;
  }

  async function leave({ name, member, notice }: ProblemGroup): Promise<void> {
    const key = problemGroupKey(name);
    await table.change(key, { takeOut: { members: [member] } });
    const group = await table.get(key);
    if (!group?.toldAt || membersOf(group).length) return;
    const isMine = await table.change(key, { remove: ['toldAt'], onlyIf: { toldAt: group.toldAt } });
    if (isMine) await notify(notice([], true));
  }

  return {
    async listOn() {
      const items = await table.query(problems);
      return new Set(items.flatMap(({ sk, isOn }) => (isOn?.BOOL && sk?.S ? [sk.S] : [])));
    },

    /** A table that does not answer keeps nothing from people. */
    async begin({ notice, at, isChange = false, group }) {
      const { about } = notice;
      let isAlone = true;
      try {
        const known = await readProblem(table, about);
        const isKnown = known?.isOn && !isChange && at.getTime() < known.at + toldAgainMs;
        if (known && (isKnown || at.getTime() <= known.at)) return;
        if (group) isAlone = await isToldAlone(group);
      } catch (error) {
        logger.error(`does not know whether people were told of ${about}`, { error: describeError(error) });
      }
      if (isAlone) await notify(notice);
      // Told first: twice is better than not at all.
      await write(about, { isOn: true, isTold: isAlone, at: at.getTime() }).catch(error =>
        logger.error(`could not note that people were told of ${about}`, { error: describeError(error) }),
      );
    },

    async end({ notice, at, group }) {
      const { about } = notice;
      const known = await readProblem(table, about);
      if (known && at.getTime() <= known.at) return;
      if (known?.isOn && known.isTold) await notify(notice);
      if (known?.isOn && group) await leave(group);
      // Also of one that nobody knows: an older message that comes later must not begin it.
      await write(about, { isOn: false, isTold: false, at: at.getTime() });
    },
  };
}

function membersOf(item: Item | undefined): string[] {
  return item?.members?.SS ?? [];
}
