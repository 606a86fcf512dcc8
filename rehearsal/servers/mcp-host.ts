// An MCP host that starts its server with `keyturn run`: the command's own code, the official client in front of it, and a
// real process behind it. The rehearsal runs it in a process of its own with virtual time, which stands still while it works.
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { parseServerIdentity, parseVariable } from '../../client/doctor/variables';
import { createSecretReader } from '../../client/keys/secrets/secret-reader';
import { createAwsSource } from '../../client/keys/sources/aws-source';
import type { KeySource } from '../../client/keys/sources/key-source';
import { createTokenAsker } from '../../client/keys/tokens/token-asker';
import { runServer } from '../../client/run/run';
import { dayMs } from '../../core/time';
import { needed } from '../world/needed';
import type { ToolCall, ToolResult } from './mcp-server';

export interface HostEvent {
  calls: ToolCall[];
  /** The host goes, and its server with it. */
  isLast?: true;
}

/** Real time that a process may take to start. */
const startMs = 20_000;
const limits = { startMs, drainMs: 5_000, stopMs: 2_000, restartMs: [0, 500, 2_000] };
/** Each look is made because of a call: of one that came by itself, nobody could tell when it is over. */
const pollMs = 365 * dayMs;
const freshMs = 3_000;

export function hostServer(): (event: HostEvent) => Promise<ToolResult[]> {
  let session: Promise<HostSession> | undefined;
  return async ({ calls, isLast }) => {
    if (isLast && !session) return [];
    session ??= openSession();
    const { call, atRest, end } = await session.catch(error => {
      // Its keys could not be accessed: the next call finds it started anew.
      session = undefined;
      throw error;
    });
    const results = await Promise.all(calls.map(call));
    await atRest();
    if (isLast) await end();
    return results;
  };
}

interface HostSession {
  call(call: ToolCall): Promise<ToolResult>;
  /** No process is being replaced. */
  atRest(): Promise<void>;
  end(): Promise<void>;
}

async function openSession(): Promise<HostSession> {
  const { env } = process;
  const place = parseServerIdentity(env.KEYTURN_ENVIRONMENT, env.KEYTURN_SERVER);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const handovers = watchHandovers(
    createAwsSource({ reader: createSecretReader(), ask: createTokenAsker(), now: () => Date.now() }),
  );
  const ended = runServer({
    command: [process.execPath, needed(env.REHEARSAL_SERVER, 'REHEARSAL_SERVER')],
    variables: needed(env.REHEARSAL_VARIABLES, 'REHEARSAL_VARIABLES')
      .split(' ')
      .map(text => {
        const [name = '', source = ''] = text.split('=');
        return parseVariable(name, source, place);
      }),
    source: handovers.source,
    env: {
      PATH: env.PATH,
      REHEARSAL_PROVIDER_PORT: env.REHEARSAL_PROVIDER_PORT,
      REHEARSAL_DIALECTS: env.REHEARSAL_DIALECTS,
    },
    clients: { over: 'stdio', input, output },
    errors: process.stderr,
    say(text) {
      console.log(text);
      if (/took over|could not/.test(text)) handovers.end();
    },
    limits,
    pollMs,
    freshMs,
    // Servers would report in real time, and so at any moment of virtual time.
    countsRequests: false,
    usage: 'none',
  });
  const client = new Client({ name: 'rehearsal', version: '1' });
  // Lines of JSON in both directions: which end is the server is all the same to it.
  await Promise.race([client.connect(new StdioServerTransport(output, input)), ended]);
  // The first process took over from nobody, and nothing is said of it.
  handovers.end();

  return {
    async call({ name, provider, settings, env: variables }) {
      const args = { provider, settings, env: variables, now: new Date().toISOString() };
      try {
        const { isError, content } = await client.callTool({ name: 'call', arguments: args });
        return { name, ok: !isError, problem: (content as [{ text: string }])[0].text };
      } catch (error) {
        return { name, ok: false, problem: (error as Error).message };
      }
    },
    atRest: handovers.over,
    async end() {
      input.end();
      await ended;
    },
  };
}

/** A handover begins with a read of the keys, and ends with a word to people. */
function watchHandovers(source: KeySource) {
  let isUnderWay = false;
  return {
    source: {
      ...source,
      read(...asked: Parameters<KeySource['read']>) {
        isUnderWay = true;
        return source.read(...asked);
      },
    },
    end() {
      isUnderWay = false;
    },
    async over() {
      const latest = performance.now() + startMs;
      while (isUnderWay) {
        if (performance.now() > latest) throw new Error('a handover has not ended');
        await new Promise(resolve => setTimeout(resolve, 2));
      }
    },
  };
}
