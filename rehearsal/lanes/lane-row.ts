// What is told of a lane of `npm start`, in the summary and on the page.

import type { LaneTitle } from './default-lanes';
import type { LaneResult, SkippedLane } from './lane';

export type LaneRow = LaneTitle & ({ skipped: string } | LaneCounts);

export interface LaneCounts {
  calls: number;
  rotations: number;
  /** Answered with an error or with something else than was asked, not answered at all, and answered or carried out twice. */
  failed: number;
  lost: number;
  duplicated: number;
  /** Calls that failed and may, and why they may. */
  excused: number;
  excuse?: string;
  /** From the moment in which a key is the current one to the first call with it: the median. Absent where no new key was used. */
  firstUseMs?: number;
  /** The first things that went wrong. */
  problems: string[];
}

const problemsAtMost = 5;

export function rowOf(title: LaneTitle, result: LaneResult | SkippedLane): LaneRow {
  if ('skipped' in result) return { ...title, skipped: result.skipped };
  const { calls, rotations, failed, lost, duplicated, excused, excuse, firstUseMs, failures } = result;
  const sorted = [...firstUseMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return {
    ...{ ...title, calls, rotations, failed, lost, duplicated, excused },
    ...(excused && excuse && { excuse }),
    ...(median !== undefined && { firstUseMs: median }),
    problems: failures.slice(0, problemsAtMost),
  };
}

export function titleOf({ way, transport, language }: LaneTitle): string {
  return `${way}, ${transport}, ${language}`;
}

/** Whether it has kept what its way promises. One that was skipped has not broken it. */
export function isBroken(row: LaneRow): boolean {
  return !('skipped' in row) && row.failed + row.lost + row.duplicated + row.problems.length > 0;
}

export function problemsOf(row: LaneRow): string[] {
  return 'skipped' in row ? [] : row.problems;
}

/** What was counted, in a line. */
export function rowText(row: LaneRow): string {
  if ('skipped' in row) return `skipped: ${row.skipped}`;
  const { calls, rotations, failed, lost, duplicated, firstUseMs } = row;
  const wrong = `${failed} failed, ${lost} lost, ${duplicated} doubled`;
  const use = firstUseMs === undefined ? 'no new key in use' : `new key in use after ${seconds(firstUseMs)}`;
  return `${calls} calls over ${rotations} rotations: ${wrong}${expectedFailures(row)}; ${use}`;
}

/** Beside what failed: calls that fail by the nature of the way, as at a server that is restarted. */
export function expectedFailures({ excused, excuse }: Pick<LaneCounts, 'excused' | 'excuse'>): string {
  if (!excuse) return '';
  return `, and ${excused} expected ${excused === 1 ? 'failure' : 'failures'} (${excuse})`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
