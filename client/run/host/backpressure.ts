// Writes lines to both sides: those of one moment together, since each write wakes the reader. Holds a side back while the
// other is slow to read, so that messages wait in pipes and not in this process's memory.
import type { Readable, Writable } from 'node:stream';
import { writeLines } from '../relay/lines';
import type { ServerProcess } from './server-process';

export interface Backpressure {
  toClient(line: Buffer): void;
  toServer(id: number, line: Buffer): void;
  /** Writes what has been said so far; done by itself before anything new is read. */
  flush(): void;
  /** The process reads again, or will never read again. */
  hasRoom(id: number): void;
}

export function createBackpressure(
  input: Readable,
  output: Writable,
  servers: ReadonlyMap<number, ServerProcess>,
): Backpressure {
  const full = new Set<number>();
  const forClient: Buffer[] = [];
  const forServers = new Map<number, Buffer[]>();
  let clientIsSlow = false;
  let isDue = false;

  output.on('drain', () => {
    clientIsSlow = false;
    for (const server of servers.values()) server.resumeOutput();
  });

  function writeToClient(): void {
    if (!forClient.length) return;
    const hasRoom = writeLines(output, forClient.splice(0));
    if (hasRoom || clientIsSlow) return;
    clientIsSlow = true;
    for (const server of servers.values()) server.pauseOutput();
  }

  function flush(): void {
    isDue = false;
    writeToClient();
    for (const [id, lines] of forServers) {
      if (servers.get(id)?.write(lines) !== false) continue;
      full.add(id);
      input.pause();
    }
    forServers.clear();
  }

  function flushSoon(): void {
    if (isDue) return;
    isDue = true;
    setImmediate(flush);
  }

  return {
    toClient(line) {
      forClient.push(line);
      flushSoon();
    },
    toServer(id, line) {
      const lines = forServers.get(id);
      if (lines) lines.push(line);
      else forServers.set(id, [line]);
      flushSoon();
    },
    flush,
    hasRoom(id) {
      full.delete(id);
      if (!full.size) input.resume();
    },
  };
}
