// Where the preload inside Node servers reports what it counts. A socket by path, not an inherited one: wrappers such as npx
// hand on variables, but no file descriptors.
import { accessSync, closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineReader } from '../relay/lines';

/** Requests to one host, since the last report. */
export interface UsageSeen {
  /** The number of the process. */
  process: number;
  host: string;
  /** Which key the requests carried; absent if none was found in them. */
  variable?: string;
  requests: number;
  /** Answered with 401. */
  rejected: number;
  /** When the last of these was sent; 0 without any. Milliseconds since 1970. */
  rejectedAt: number;
  /** Answered with 403. */
  refused: number;
}

export interface UsageSocket {
  /** What a server's process needs in its environment; nothing where the preload would keep it from starting. */
  envFor(process: number): NodeJS.ProcessEnv;
  close(): void;
}

const longestReport = 64 * 1024;

export interface UsageSocketParts {
  command: readonly string[];
  /** The environment of the server's processes. */
  env: NodeJS.ProcessEnv;
  /** The names of those that hold keys. */
  variables: readonly string[];
  /** A process of the server runs with the preload in it. */
  onWatched(): void;
  onSeen(seen: UsageSeen): void;
  /** For people. */
  say(text: string): void;
  /** @default - the one that is shipped beside this file */
  preload?: string;
}

export async function openUsageSocket(parts: UsageSocketParts): Promise<UsageSocket> {
  const { command, env, variables, onWatched, onSeen, say, preload = join(__dirname, 'preload.cjs') } = parts;
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-'));
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\${folder.split('\\').at(-1)}` : join(folder, 'usage');
  const server = createServer(socket => {
    onWatched();
    const lines = createLineReader(
      line => {
        const seen = readSeen(line);
        if (seen) onSeen(seen);
      },
      () => {},
      longestReport,
    );
    socket.on('data', lines.take).on('error', () => {});
    socket.unref();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.unref();
  let obstacleBefore: string | undefined;
  return {
    envFor(number) {
      const obstacle = obstacleTo(preload, command, env);
      if (obstacle && obstacle !== obstacleBefore)
        say(`the server's requests are not counted: ${obstacle}. To run without counting, add --no-usage.`);
      obstacleBefore = obstacle;
      if (obstacle) return {};
      return {
        // First what the server was given: it may itself rely on preloads.
        NODE_OPTIONS: [env.NODE_OPTIONS, `--require ${quoted(preload)}`].filter(Boolean).join(' '),
        KEYTURN_USAGE_SOCKET: path,
        KEYTURN_USAGE_PROCESS: String(number),
        KEYTURN_USAGE_VARIABLES: variables.join(' '),
      };
    },
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Node ends before its program begins where it cannot read what NODE_OPTIONS names. */
function obstacleTo(preload: string, command: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  try {
    accessSync(preload, constants.R_OK);
  } catch {
    return `${preload} cannot be read`;
  }
  const options = [...command, env.NODE_OPTIONS ?? '', ...command.map(firstLineOfScript)].join(' ');
  // Node's permission model: it may read what it is told to read, and nothing else.
  return /(^|\s)--(experimental-)?permission(\s|$)/.test(options)
    ? "Node's permission model does not allow the file that counts them"
    : undefined;
}

function firstLineOfScript(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(256);
      const [line = ''] = head.toString('utf8', 0, readSync(file, head)).split('\n');
      return line.startsWith('#!') ? line : '';
    } finally {
      closeSync(file);
    }
  } catch {
    // It is no file.
    return '';
  }
}

/** The server shares the socket's path with whatever it starts: nothing that it receives is trusted. */
function readSeen(line: Buffer): UsageSeen | undefined {
  try {
    const seen = JSON.parse(line.toString()) as UsageSeen;
    const numbers = [seen.process, seen.requests, seen.rejected, seen.rejectedAt, seen.refused];
    return numbers.every(number => Number.isInteger(number) && number >= 0) ? seen : undefined;
  } catch {
    return undefined;
  }
}

/** As Node reads NODE_OPTIONS. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
