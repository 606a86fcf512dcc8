// Holds a side back while the other is slow to read, so that messages wait in pipes and not in this process's memory.
import type { Readable, Writable } from 'node:stream';
import type { ServerProcess } from './server-process';

export interface Backpressure {
  toClient(line: Buffer): void;
  toServer(id: number, line: Buffer): void;
  /** The process reads again, or will never read again. */
  hasRoom(id: number): void;
}

export function createBackpressure(
  input: Readable,
  output: Writable,
  servers: ReadonlyMap<number, ServerProcess>,
): Backpressure {
  const full = new Set<number>();
  let clientIsSlow = false;

  output.on('drain', () => {
    clientIsSlow = false;
    for (const server of servers.values()) server.resumeOutput();
  });

  return {
    toClient(line) {
      output.cork();
      output.write(line);
      const room = output.write('\n');
      output.uncork();
      if (room || clientIsSlow) return;
      clientIsSlow = true;
      for (const server of servers.values()) server.pauseOutput();
    },
    toServer(id, line) {
      if (servers.get(id)?.write(line) !== false) return;
      full.add(id);
      input.pause();
    },
    hasRoom(id) {
      full.delete(id);
      if (!full.size) input.resume();
    },
  };
}
