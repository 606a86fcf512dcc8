// A server over HTTP behind its host, with real processes: whoever calls says which key comes next.
import { join } from 'node:path';
import { openPort } from '../../../../client/run/http/http-address';
import { startHttpHost } from '../../../../client/run/http/http-host';
import { until } from '../processes';

const fixture = join(__dirname, '../fixtures/http-server.mjs');

export interface HttpSetupParts {
  command?: string[];
  stopFirst?: boolean;
  readyPath?: string;
  limits?: Partial<{ startMs: number; drainMs: number; stopMs: number }>;
}

export async function openHttpSetup(key: string, parts: HttpSetupParts = {}) {
  const said: string[] = [];
  const lines: string[] = [];
  const state = {
    key,
    versions: 1,
    switches: 0,
    failedStarts: 0,
    held: undefined as Promise<void> | undefined,
  };
  const launch = () => ({
    env: { PATH: process.env.PATH, KEY: state.key },
    versions: String(state.versions),
  });
  const address = { host: '127.0.0.1', port: 0, readyPath: parts.readyPath ?? '/' };
  const server = await openPort(address);
  const host = startHttpHost({
    ...{ server, first: launch(), readyPath: address.readyPath },
    command: parts.command ?? [process.execPath, fixture],
    stopFirst: parts.stopFirst ?? false,
    launch: async () => launch(),
    noteActivity: () => state.held,
    say: text => said.push(text),
    passOnErrors: from => {
      from.resume();
      return { end() {} };
    },
    onLine: line => lines.push(line.toString()),
    onSwitched: () => void state.switches++,
    onFailedStart: () => void state.failedStarts++,
    limits: { startMs: 20_000, drainMs: 20_000, stopMs: 500, restartMs: [0, 100], ...parts.limits },
  });
  const at = server.address();
  const origin = `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}`;

  async function post(
    method: string,
    params: object = {},
    headers: Record<string, string> = {},
    path = '/mcp',
  ) {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
    });
    return response;
  }

  return {
    ...{ host, origin, said, lines, state, post },
    async call(method: string, params: object = {}, headers: Record<string, string> = {}) {
      const text = await (await post(method, params, headers)).text();
      const { id, result } = JSON.parse(text) as {
        id: number;
        result?: { key: string; pid: number; [more: string]: unknown };
      };
      if (id !== 7 || !result) throw new Error(`the answer to ${method} is ${text}`);
      return result;
    },
    async beginSession(): Promise<Record<string, string>> {
      const { headers } = await post('initialize');
      return { 'mcp-session-id': headers.get('mcp-session-id') ?? 'none' };
    },
    rotate(next: string, status: 'superseded' | 'expiring' = 'superseded') {
      state.key = next;
      state.versions++;
      host.keysChanged(status);
    },
    async close() {
      host.signal('SIGTERM');
      host.signal('SIGTERM');
      return host.ended;
    },
  };
}

/** Set-ups that are closed after each test of the file. */
export function closedAfterEach() {
  let setup: HttpSetup | undefined;
  afterEach(async () => {
    await setup?.close();
    setup = undefined;
  });
  return {
    async open(key: string, parts?: HttpSetupParts): Promise<HttpSetup> {
      setup = await openHttpSetup(key, parts);
      return setup;
    },
    async openReady(key: string, parts?: HttpSetupParts): Promise<HttpSetup> {
      setup = await openHttpSetup(key, parts);
      await setup.call('key');
      return setup;
    },
  };
}

/** Once another process with that key serves. */
export async function switched(setup: HttpSetup, key: string): Promise<void> {
  const before = setup.state.switches;
  setup.rotate(key);
  await until(() => setup.state.switches > before);
}

export type HttpSetup = Awaited<ReturnType<typeof openHttpSetup>>;
