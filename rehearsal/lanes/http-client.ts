// The official SDKs' clients over Streamable HTTP, in front of a server behind `keyturn run --http`.
import { type ChildProcess, spawn } from 'node:child_process';
import { StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { waitUntilReady } from '../../client/run/http/readiness';
import { connectV1, connectV2, type McpClient, type Start } from './mcp-client';

/** Clients of the first generation have sessions, each of which stays with one process for as many calls. */
const callsPerSession = 25;

interface ClientSession {
  client: Promise<McpClient>;
  calls: number;
  open: number;
  end(): Promise<void>;
}

/** Nothing but a signal ends them. */
const programs = new Map<ChildProcess, Promise<void>>();

export async function endPrograms(): Promise<void> {
  for (const program of programs.keys()) program.kill('SIGTERM');
  await Promise.all(programs.values());
}

/** @param port that `start` gives to --http */
export async function connectOverHttp(
  sdk: 1 | 2,
  start: Start,
  port: number,
  onStderr: (text: string) => void,
): Promise<McpClient> {
  const { command, args, ...options } = start;
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', chunk => onStderr(String(chunk)));
  const ended = new Promise<void>(resolve => void child.once('close', () => resolve()));
  const stop = new AbortController();
  programs.set(child, ended);
  void ended.then(() => {
    programs.delete(child);
    stop.abort();
  });
  const place = await waitUntilReady(port, '/', () => {}, stop.signal);
  if (!place) throw new Error('npx keyturn run --http has ended at its start');
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  const over: Promise<void>[] = [];
  let duplicated = 0;

  function begin(): ClientSession {
    if (sdk === 2)
      return {
        client: connectV2(new HttpV2(url)),
        calls: Number.NEGATIVE_INFINITY,
        open: 0,
        end: async () => {},
      };
    const transport = new HttpV1(url);
    const client = connectV1(transport as Parameters<typeof connectV1>[0]);
    return {
      ...{ client, calls: 0, open: 0 },
      async end() {
        await transport.terminateSession();
        duplicated += (await client).duplicated();
        await (await client).close();
      },
    };
  }

  let session = begin();
  return {
    callTask: () => Promise.reject(new Error('tasks are called over stdio')),
    listen: () => Promise.reject(new Error('changes are listened to over stdio')),
    async call(tool, toolArgs, onProgress) {
      if (session.calls >= callsPerSession) session = begin();
      const mine = session;
      mine.calls++;
      mine.open++;
      try {
        return await (await mine.client).call(tool, toolArgs, onProgress);
      } finally {
        mine.open--;
        if (mine !== session && !mine.open) over.push(mine.end());
      }
    },
    duplicated: () => duplicated,
    async close() {
      await Promise.all(over);
      await (await session.client).close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
