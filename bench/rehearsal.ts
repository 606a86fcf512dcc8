// How long a rehearsal takes and how much memory, and how both grow with days and keys; each in a process of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../rehearsal/report/story';

const sizes: Record<string, string[]> = {
  '9 keys, 92 days': ['--days', '92'],
  '9 keys, 276 days': ['--days', '276'],
  '50 keys, 92 days': ['--keys', '50', '--days', '92'],
};

interface Taken {
  wallSeconds: number;
  peakMemoryMb: number;
  msPerRotation: number;
  msPerRequest: number;
}

export async function benchRehearsal(): Promise<Record<string, Taken>> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-'));
  try {
    const taken: Record<string, Taken> = {};
    for (const [size, options] of Object.entries(sizes))
      taken[size] = takenBy(await rehearse([...options, '--page', join(folder, 'page.html')]));
    return taken;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function rehearse(options: string[]): Promise<Summary> {
  const program = ['--import', 'tsx', join(__dirname, '../rehearsal/main.ts'), '--json', ...options];
  return new Promise((resolve, reject) => {
    // A rehearsal that found something ends with 1, and its figures count all the same.
    execFile(process.execPath, program, (_error, stdout, stderr) => {
      if (stdout) resolve(JSON.parse(stdout) as Summary);
      else reject(new Error(`a rehearsal failed:\n${stderr}`));
    });
  });
}

function takenBy({ wallSeconds, peakMemoryMb, rotations, requests }: Summary): Taken {
  return {
    wallSeconds: Math.round(wallSeconds),
    peakMemoryMb,
    msPerRotation: Math.round((wallSeconds * 1000) / rotations.started),
    msPerRequest: Number(((wallSeconds * 1000) / requests.total).toFixed(1)),
  };
}
