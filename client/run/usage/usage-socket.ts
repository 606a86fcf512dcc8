// Where the preload inside Node servers reports what it counts. A socket by path, not an inherited one: wrappers such as npx
// hand on variables, but no file descriptors.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineReader } from '../relay/lines';

/** Requests to one host, since the last report. */
export interface UsageSeen {
  /** The number of the process. */
  process: number;
  host: string;
  /** Whose key the requests carried; absent where none was found in them. */
  variable?: string;
  requests: number;
  /** Answered with 401. */
  rejected: number;
  /** Answered with 403. */
  refused: number;
}

export interface UsageSocket {
  /** What a server's process needs in its environment. */
  envFor(process: number, variables: readonly string[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  close(): void;
}

export async function openUsageSocket(onSeen: (seen: UsageSeen) => void): Promise<UsageSocket> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-'));
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\${folder.split('\\').at(-1)}` : join(folder, 'usage');
  const server = createServer(socket => {
    const lines = createLineReader(line => {
      const seen = readSeen(line);
      if (seen) onSeen(seen);
    });
    socket.on('data', lines.take).on('error', () => {});
    socket.unref();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.unref();
  return {
    envFor: (number, variables, env) => ({
      // First what the server was given: it may itself rely on preloads.
      NODE_OPTIONS: [env.NODE_OPTIONS, `--require ${quoted(join(__dirname, 'preload.cjs'))}`]
        .filter(Boolean)
        .join(' '),
      KEYTURN_USAGE_SOCKET: path,
      KEYTURN_USAGE_PROCESS: String(number),
      KEYTURN_USAGE_VARIABLES: variables.join(' '),
    }),
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server shares the socket's path with whatever it starts: nothing that comes in is taken on trust. */
function readSeen(line: Buffer): UsageSeen | undefined {
  try {
    const seen = JSON.parse(line.toString()) as UsageSeen;
    const numbers = [seen.process, seen.requests, seen.rejected, seen.refused];
    return numbers.every(number => Number.isInteger(number) && number >= 0) ? seen : undefined;
  } catch {
    return undefined;
  }
}

/** As Node reads NODE_OPTIONS. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
