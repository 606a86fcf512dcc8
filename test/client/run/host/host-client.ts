// A host with its server's real processes, and a client that a test speaks for.
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Host, startHost } from '../../../../client/run/host/host';
import type { HostLimits } from '../../../../client/run/host/host-state';
import { createLineReader } from '../../../../client/run/relay/lines';
import { until } from '../processes';
import { type Json, parse } from '../relay/relay-setup';

const server = [process.execPath, join(__dirname, '../fixtures/key-server.mjs')];

export interface HostClient {
  host: Host;
  input: PassThrough;
  output: PassThrough;
  said: string[];
  switches: number[];
  failedStarts: () => number;
  setKey(key: string): void;
  call(name: string, args?: object): Promise<Json>;
  next(wanted: (message: Json) => boolean): Promise<Json>;
}

const open: Host[] = [];
/** Ends what a test has left running. */
export async function closeHosts(): Promise<void> {
  for (const host of open.splice(0)) {
    host.killNow();
    host.signal('SIGKILL');
    await host.ended;
  }
}

export async function openHost(
  parts: {
    key?: string;
    command?: string[];
    limits?: Partial<HostLimits>;
    stopFirst?: boolean;
    env?: NodeJS.ProcessEnv;
    /** The client says nothing by itself. */
    isSilent?: boolean;
  } = {},
): Promise<HostClient> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const said: string[] = [];
  const switches: number[] = [];
  const heard: Json[] = [];
  const waiting: { wanted: (message: Json) => boolean; take: (message: Json) => void }[] = [];
  let key = parts.key ?? 'one';
  let failed = 0;
  let calls = 0;
  const launch = async () => ({ env: { PATH: process.env.PATH, ...parts.env, KEY: key }, versions: key });

  const take = (line: Buffer) => {
    const message = parse(line.toString());
    const at = waiting.findIndex(({ wanted }) => wanted(message));
    if (at >= 0) waiting.splice(at, 1)[0]!.take(message);
    else heard.push(message);
  };
  const lines = createLineReader(take, () => {});
  output.on('data', lines.take);
  const host = startHost({
    command: parts.command ?? server,
    input,
    output,
    first: await launch(),
    launch,
    noteActivity: () => undefined,
    stopFirst: parts.stopFirst ?? false,
    say: text => said.push(text),
    passOnErrors(from) {
      from.resume();
      return { end: () => {} };
    },
    onSwitched: (_process, ms) => switches.push(ms),
    onFailedStart: () => failed++,
    limits: { startMs: 20_000, drainMs: 20_000, stopMs: 300, restartMs: [0, 10], ...parts.limits },
  });
  open.push(host);

  const say = (message: object) => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const next = (wanted: (message: Json) => boolean) => {
    const at = heard.findIndex(wanted);
    if (at >= 0) return Promise.resolve(heard.splice(at, 1)[0]!);
    return new Promise<Json>(take => waiting.push({ wanted, take }));
  };
  const client: HostClient = {
    host,
    input,
    output,
    said,
    switches,
    failedStarts: () => failed,
    setKey: fresh => {
      key = fresh;
    },
    call(name, args) {
      const id = `call-${++calls}`;
      say({ id, method: 'tools/call', params: { name, arguments: args } });
      return next(message => message.id === id);
    },
    next,
  };
  if (parts.isSilent) return client;
  say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {} } });
  if (!parts.command) {
    await next(message => message.id === 0);
    say({ method: 'notifications/initialized' });
  }
  return client;
}

export async function renewed(client: HostClient, key: string): Promise<void> {
  client.setKey(key);
  const before = client.switches.length;
  client.host.lookAtKeys();
  await until(() => client.switches.length > before);
}
