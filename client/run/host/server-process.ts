// One process of the MCP server, with everything that it starts: they form a process group of their own, so that none of
// them outlives the host, whatever wrapper (npx, uvx, sh) they were started through.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createLineReader } from '../relay/lines';
import { writeLines } from './backpressure';
import type { Reaper } from './reaper';

export interface ServerProcess {
  /** @returns false where the caller should wait for `onRoom` before it writes more */
  write(lines: Buffer[]): boolean;
  pauseOutput(): void;
  resumeOutput(): void;
  signal(name: NodeJS.Signals): void;
  /** Closes its input; what is still there after `termMs` gets SIGTERM, and after as long again SIGKILL. */
  stop(termMs: number): void;
}

export interface ServerEvents {
  onLine(line: Buffer): void;
  onRoom(): void;
  /** All output has been read. `code` as a shell has it: 128 and the signal's number for a process that was killed. */
  onEnd(code: number): void;
  onSpawnError(error: NodeJS.ErrnoException): void;
}

/** How long the output of a process that has ended may still come. */
const lastWordsMs = 1000;

export function startServer(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  reaper: Reaper,
  events: ServerEvents,
): ServerProcess {
  const [file, ...args] = command;
  const child = spawn(file!, args, { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  if (child.pid !== undefined) reaper.began(child.pid);
  const lines = createLineReader(events.onLine);
  const timers: NodeJS.Timeout[] = [];
  let ended = false;

  function signal(name: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      // Windows knows no process groups.
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
    } catch {
      // The whole group is gone.
    }
  }

  function end(code: number | null, by: NodeJS.Signals | null): void {
    if (ended) return;
    ended = true;
    timers.forEach(clearTimeout);
    lines.end();
    events.onEnd(code ?? 128 + (by ? constants.signals[by] : 0));
  }

  child.stdout.on('data', lines.take);
  child.stdin.on('drain', events.onRoom);
  // A process that no longer reads shows in its end, not here.
  child.stdin.on('error', () => {});
  child.on('error', error => {
    events.onSpawnError(error);
    end(127, null);
  });
  child.on('exit', (code, by) => {
    // What it started must not hold its pipes open, nor live on.
    signal('SIGKILL');
    reaper.ended(child.pid!);
    timers.push(setTimeout(() => end(code, by), lastWordsMs));
  });
  child.on('close', end);

  return {
    write: lines => !child.stdin.writable || writeLines(child.stdin, lines),
    pauseOutput: () => void child.stdout.pause(),
    resumeOutput: () => void child.stdout.resume(),
    signal,
    stop(termMs) {
      child.stdin.end();
      // Whoever no longer reads it must not keep it from ending.
      child.stdout.resume();
      timers.push(setTimeout(() => signal('SIGTERM'), termMs));
      timers.push(setTimeout(() => signal('SIGKILL'), 2 * termMs));
    },
  };
}
