// The servers that lanes start where no published one will do, and what they are called with.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LaneCall } from './lane';
import type { ServerLane } from './run-lane';

/** In the package they lie beneath this file, and the client library for Python beside them. */
const isSource = __filename.endsWith('.ts');
const folder = join(__dirname, isSource ? 'servers' : 'lane-servers');
/** Needs Python alone; with the client library for Python, boto3 besides. */
export const pythonServer = join(folder, 'python_server.py');
/** Where Python finds the client library. */
export const pythonLibrary = isSource ? join(__dirname, '../../clients/python/src') : folder;

/** All of them are called the same. */
export const own = {
  variable: 'TEST_KEY',
  env: (origin: string) => ({ TEST_API: origin }),
  workers: 4,
};

/** TypeScript SDK 2, over HTTP, too. */
export const node2 = {
  ...own,
  command: async () => [process.execPath, join(folder, 'second-generation.mjs')],
  sdk: 2 as const,
};

/** Of a way that ends the server's process before it starts the next. */
export const downBetween: NonNullable<ServerLane['excuse']> = {
  why: 'the program is down from its end to its next start',
};

let named = 0;

/** Calls of the tool `echo`, and every so many of another: a mark of these calls alone shows whether one was carried out twice. */
export function echoes(others: Record<number, string> = {}): (n: number) => LaneCall {
  const lane = ++named;
  const every = Object.entries(others).map(([nth, tool]) => [Number(nth), tool] as const);
  return n => {
    const mark = `${lane}-echo-${n}-`;
    const tool = every.find(([nth]) => n % nth === 0)?.[1] ?? 'echo';
    return { tool, args: { mark }, mark, ...(tool === 'slow' && { hasProgress: true }) };
  };
}

/** Nothing is installed: what is missing is said. */
const python = process.env.KEYTURN_PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');
const pythonHas = {
  alone: 'import sys; print(sys.version_info >= (3, 10))',
  boto3: 'import boto3; print(True)',
};

/** @returns the command of a server in Python, or in words why there is none @param needs besides Python itself */
export async function pythonCommand(file: string, needs?: 'boto3'): Promise<string[] | { skipped: string }> {
  if (!(await isTrue(pythonHas.alone))) return { skipped: `${python} of version 3.10 or later is not there` };
  if (needs && !(await isTrue(pythonHas[needs]))) return { skipped: `${python} has no ${needs}` };
  return [python, file];
}

/** @param program that prints `True` */
async function isTrue(program: string): Promise<boolean> {
  const ended = await promisify(execFile)(python, ['-c', program], { timeout: 60_000 }).catch(
    () => undefined,
  );
  return ended?.stdout.trim() === 'True';
}
