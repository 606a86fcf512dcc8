// How long a rehearsal takes and how much memory, and how both grow with days and keys; each in a process of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Summary } from '../rehearsal/report/story';

export interface Size {
  /** 9 are those of the example; for any other number a configuration is made. */
  keys: number;
  days: number;
}

export interface Taken extends Size {
  wallSeconds: number;
  /** Of all threads: what else the machine does changes it less. */
  cpuSeconds: number;
  peakMemoryMb: number;
  rotations: number;
  requests: number;
  cpuMsPerRotation: number;
  cpuMsPerRequest: number;
  /** The same in an earlier measure. */
  before?: Pick<Taken, 'wallSeconds' | 'cpuSeconds' | 'peakMemoryMb'>;
}

export interface RehearsalBench {
  sizes: Taken[];
  /** Between the smallest and the largest of those that differ in nothing else. */
  growth: { perDay?: Growth; perKey?: Growth };
}

interface Growth {
  from: Size;
  to: Size;
  peakMemoryMb: number;
  cpuSeconds: number;
}

const exampleKeys = 9;
const usualSizes: readonly Size[] = [
  { keys: 9, days: 92 },
  { keys: 9, days: 276 },
  { keys: 50, days: 92 },
];

/**
 * @param sizes those three take minutes
 * @param before what an earlier run of the same printed as JSON
 */
export async function benchRehearsal(
  sizes: readonly Size[] = usualSizes,
  before?: RehearsalBench,
): Promise<RehearsalBench> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-'));
  try {
    const taken: Taken[] = [];
    for (const size of sizes) {
      const now = takenBy(size, await rehearse(size, join(folder, 'page.html')));
      const then = before?.sizes.find(({ keys, days }) => keys === now.keys && days === now.days);
      taken.push({ ...now, ...(then && { before: figures(then) }) });
    }
    return { sizes: taken, growth: growthOf(taken) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `9x92`, after those that were given before. @throws {InvalidArgumentError} where it is no size */
export function readSizes(text: string, before: readonly Size[] = []): Size[] {
  const [, keys, days] = /^([1-9]\d*)x([1-9]\d*)$/.exec(text) ?? [];
  if (!keys || !days) throw new InvalidArgumentError('Write keys and days, such as 9x92.');
  return [...before, { keys: Number(keys), days: Number(days) }];
}

function rehearse({ keys, days }: Size, page: string): Promise<Summary> {
  const program = [join(__dirname, '../rehearsal/start.mjs'), '--json', '--page', page];
  const options = ['--days', String(days), ...(keys === exampleKeys ? [] : ['--keys', String(keys)])];
  return new Promise((resolve, reject) => {
    // A rehearsal that found something ends with 1, and its figures count all the same.
    const child = execFile(process.execPath, [...program, ...options], (_error, stdout, stderr) => {
      if (stdout) resolve(JSON.parse(stdout) as Summary);
      else reject(new Error(`a rehearsal failed:\n${stderr}`));
    });
    // How far it is: ten years take a while.
    child.stderr?.pipe(process.stderr, { end: false });
  });
}

/** A quarter is played for 35 days at least, so the days are those that were played, and not those that were asked for. */
export function takenBy(
  { keys }: Pick<Size, 'keys'>,
  { simulatedDays, wallSeconds, cpuSeconds, peakMemoryMb, rotations, requests }: Summary,
): Taken {
  return {
    keys,
    days: simulatedDays,
    wallSeconds: Math.round(wallSeconds),
    cpuSeconds: Math.round(cpuSeconds),
    peakMemoryMb,
    rotations: rotations.started,
    requests: requests.total,
    cpuMsPerRotation: rounded((cpuSeconds * 1000) / rotations.started),
    cpuMsPerRequest: rounded((cpuSeconds * 1000) / requests.total),
  };
}

const figures = ({ wallSeconds, cpuSeconds, peakMemoryMb }: Taken) => ({
  wallSeconds,
  cpuSeconds,
  peakMemoryMb,
});

export function growthOf(taken: readonly Taken[]): RehearsalBench['growth'] {
  return { perDay: growthBy('days', 'keys', taken), perKey: growthBy('keys', 'days', taken) };
}

function growthBy(grows: keyof Size, stays: keyof Size, taken: readonly Taken[]): Growth | undefined {
  const sorted = [...taken].sort((a, b) => a[grows] - b[grows]);
  const groups = sorted.map(first => sorted.filter(other => other[stays] === first[stays]));
  const [from, to] = groups.map(group => [group.at(0), group.at(-1)]).find(([a, b]) => a !== b) ?? [];
  if (!from || !to) return undefined;
  const each = (figure: 'peakMemoryMb' | 'cpuSeconds') =>
    rounded((to[figure] - from[figure]) / (to[grows] - from[grows]), 3);
  return {
    from: { keys: from.keys, days: from.days },
    to: { keys: to.keys, days: to.days },
    peakMemoryMb: each('peakMemoryMb'),
    cpuSeconds: each('cpuSeconds'),
  };
}

/** The sizes as a table, with what was before where that is known. */
export function sizesTable({ sizes, growth }: RehearsalBench): string[] {
  const cell = (now: number, then?: number) => (then === undefined ? String(now) : `${then} -> ${now}`);
  const rows = sizes.map(({ keys, days, before, ...one }) => [
    `${keys}`,
    `${days}`,
    cell(one.wallSeconds, before?.wallSeconds),
    cell(one.cpuSeconds, before?.cpuSeconds),
    cell(one.peakMemoryMb, before?.peakMemoryMb),
    `${one.cpuMsPerRotation}`,
    `${one.cpuMsPerRequest}`,
  ]);
  const head = ['keys', 'days', 'wall s', 'CPU s', 'peak MB', 'CPU ms a rotation', 'CPU ms a request'];
  const lines = [head, ...rows].map(row => row.map(text => text.padStart(18)).join(''));
  const grown = Object.entries(growth).flatMap(([per, found]) =>
    found
      ? [
          `${per}: ${found.peakMemoryMb} MB, ${found.cpuSeconds} CPU s (from ${found.from.keys}x${found.from.days} to ${found.to.keys}x${found.to.days})`,
        ]
      : [],
  );
  return [...lines, ...grown];
}

function rounded(n: number, digits = 1): number {
  return Number(n.toFixed(digits));
}
