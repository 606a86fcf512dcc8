// One process of the MCP server, with everything that it starts: they form a process group of their own, so that none of
// them outlives the host, whatever wrapper (npx, uvx, sh) they were started through.
import type { ChildProcess } from 'node:child_process';
import type { Agent } from 'node:http';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
// `npx` is `npx.cmd` on Windows, which Node starts through a shell only.
import spawn from 'cross-spawn';
import { createLineReader, type OversizedLine, writeLines } from '../relay/lines';
import type { Reaper } from './reaper';
import type { ErrorPipe } from './server-errors';

export interface ServerProcess {
  /** @returns false where the caller should wait for `onRoom` before it writes more */
  write(lines: Buffer[]): boolean;
  /** What connects to where it listens. @default - it listens on this machine */
  agent?: Agent | undefined;
  pauseOutput(): void;
  resumeOutput(): void;
  signal(name: NodeJS.Signals): void;
  closeInput(): void;
  /** Closes its input; what is still there after `termMs` gets SIGTERM, and after as long again SIGKILL. */
  stop(termMs: number): void;
}

export interface ServerEvents {
  onLine(line: Buffer): void;
  onOversized(line: OversizedLine): void;
  onRoom(): void;
  /** All output has been read. `code` as a shell has it: 128 and the signal's number for a process that was killed. */
  onEnd(code: number): void;
  onSpawnError(error: NodeJS.ErrnoException): void;
  /** Its standard error. */
  passOnErrors(from: Readable): ErrorPipe;
}

/** How long the output of a process that has ended may still come. */
const lastWordsMs = 1000;

/** How a process is started, and which group of processes gets its signals. */
export type Spawn = (
  command: readonly string[],
  env: NodeJS.ProcessEnv,
) => {
  child: ChildProcess;
  group(): number | undefined;
  /** What connects to where it listens. @default - it listens on this machine */
  agent?: Agent;
};

const spawnDirectly: Spawn = ([file = '', ...args], env) => {
  const child = spawn(file, args, {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // On Windows it would get a console window of its own.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  return { child, group: () => child.pid };
};

/** @param number tells it from the other processes of the same host */
export function startServer(
  number: number,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  reaper: Reaper,
  events: ServerEvents,
  start: Spawn = spawnDirectly,
): ServerProcess {
  const { child, group, agent } = start(command, { ...env, ...reaper.markOf(number) });
  const { pid } = child;
  if (pid !== undefined) reaper.began(pid);
  const lines = createLineReader(events.onLine, events.onOversized);
  const errors = child.stderr && events.passOnErrors(child.stderr);
  const timers: NodeJS.Timeout[] = [];
  let isStopping = false;
  let ended = false;

  function signal(name: NodeJS.Signals): void {
    const to = name === 'SIGKILL' ? pid : group();
    if (to === undefined) return;
    try {
      // Windows knows no process groups.
      process.kill(process.platform === 'win32' ? to : -to, name);
    } catch {
      // The whole group is gone.
    }
    if (name === 'SIGKILL') reaper.endLeftovers(number);
  }

  function end(code: number | null, by: NodeJS.Signals | null): void {
    if (ended) return;
    ended = true;
    timers.forEach(clearTimeout);
    lines.end();
    errors?.end();
    events.onEnd(code ?? 128 + (by ? constants.signals[by] : 0));
  }

  child.stdout?.on('data', lines.take);
  child.stdin?.on('drain', events.onRoom);
  // A process that no longer reads shows in its end, not here.
  child.stdin?.on('error', () => {});
  child.on('error', error => {
    events.onSpawnError(error);
    end(127, null);
  });
  child.on('exit', (code, by) => {
    // What it started must not hold its pipes open, nor live on.
    signal('SIGKILL');
    if (pid !== undefined) reaper.ended(pid);
    timers.push(setTimeout(() => end(code, by), lastWordsMs));
  });
  child.on('close', end);

  return {
    agent,
    write: lines => !child.stdin?.writable || writeLines(child.stdin, lines),
    pauseOutput: () => void child.stdout?.pause(),
    resumeOutput: () => void child.stdout?.resume(),
    signal,
    closeInput: () => void child.stdin?.end(),
    stop(termMs) {
      if (isStopping) return;
      isStopping = true;
      child.stdin?.end();
      // A reader that has stopped must not keep the process from ending.
      child.stdout?.resume();
      timers.push(setTimeout(() => signal('SIGTERM'), termMs));
      timers.push(setTimeout(() => signal('SIGKILL'), 2 * termMs));
    },
  };
}
