// `keyturn run --broker --sandbox` from outside: its process ends as any other does, and takes with it all that is in the sandbox.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { bubblewrapHere } from '../sandbox/sandbox-setup';
import { type Brokered, openBrokered } from './brokered-command';
import { argsOf, type CommandSetup, openCommand, root } from './command-setup';
import { until } from './processes';

const inSandbox = bubblewrapHere() ? it : it.skip;

let command: CommandSetup;
let brokered: Brokered;
beforeEach(async () => {
  command = await openCommand();
  command.secrets.addSecret('grafana');
  await command.secrets.put('grafana', 'glsa_FAKESECRET_one');
  brokered = await openBrokered();
});
afterEach(async () => {
  await command.close();
  await brokered.close();
});

/** Its mark is in the environment of whatever runs inside. */
async function start(server?: string[], flags: string[] = []) {
  const mark = `mark-${randomUUID()}`;
  const env = { ...process.env, ...brokered.env, MARK: mark };
  const host = spawn(process.execPath, argsOf(['--broker', '--sandbox', ...flags], server, brokered.keys), {
    cwd: root,
    env,
  });
  let said = '';
  for (const stream of [host.stdout, host.stderr])
    stream.on('data', chunk => {
      said += String(chunk);
    });
  const code = new Promise<number | null>(resolve => host.once('exit', resolve));
  return { host, code, mark, said: () => said };
}

const processesWith = (mark: string, name: string) =>
  readdirSync('/proc').filter(pid => {
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(name)
      );
    } catch {
      return false;
    }
  });

const begin = (host: ChildProcess) =>
  host.stdin!.write(
    `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } })}\n`,
  );

inSandbox('passes a signal on, and ends as the server ends', async () => {
  const { host, code, said } = await start();
  begin(host);
  await until(() => said().includes('key-server'));
  host.kill('SIGTERM');
  expect(await code).toBe(4);
});

inSandbox('ends as the server ends by itself', async () => {
  const { host, code, said } = await start();
  begin(host);
  await until(() => said().includes('key-server'));
  const call = {
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'exit', arguments: { code: 0 } },
  };
  host.stdin!.end(`${JSON.stringify(call)}\n`);
  expect(await code).toBe(0);
});

inSandbox.each(['SIGKILL', 'SIGTERM'] as const)('leaves nothing behind after %s', async name => {
  const { host, code, mark } = await start(['sh', '-c', 'setsid sleep 987 & trap "" TERM; sleep 987']);
  await until(() => processesWith(mark, 'sleep').length === 2);
  host.kill(name);
  await code;
  await until(() => processesWith(mark, '').length === 0);
});

inSandbox.each([
  [['--sandbox'], 2, 'add --broker'],
  [['--broker', '--readable', '/srv'], 2, '--readable is for a sandbox'],
  [['--broker', '--sandbox', '--pass-aws'], 2, "cannot be used with option '--pass-aws'"],
  [['--broker', '--sandbox', '--readable', '~'], 2, 'it holds your home'],
])('%j is refused', (flags, code, why) => {
  const args = argsOf(flags, ['never-started'], brokered.keys);
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...brokered.env },
  });
  expect({ status, stderr }).toEqual({ status: code, stderr: expect.stringContaining(why) });
});

inSandbox('is reached over HTTP, and ends with its server', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise(resolve => free.close(resolve));
  const server = [process.execPath, join(__dirname, 'fixtures/http-server.mjs')];
  const { host, code, mark } = await start(server, ['--http', String(port)]);
  const keyAt = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/any`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { key: string }).key : '';
  };
  await until(async () => (await keyAt()) !== '');
  expect(await keyAt()).toMatch(/^glsa_KeyturnPlaceholder/);
  host.kill('SIGTERM');
  expect(await code).toBe(143);
  await until(() => processesWith(mark, '').length === 0);
});
