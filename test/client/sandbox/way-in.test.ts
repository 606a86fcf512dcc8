// A server in a sandbox that is reached over HTTP: requests come in, and nothing more gets out than before.
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { thisMachine } from '../../../client/sandbox/probe';
import { until } from '../run/processes';
import { bubblewrapHere, ended, openSandboxSetup, type SandboxSetup, tryFile } from './sandbox-setup';

const bubblewrap = bubblewrapHere();
const { nsenter } = thisMachine(process.env);
const inSandbox = bubblewrap && nsenter ? test : test.skip;
const port = 4555;

let sandbox: SandboxSetup;
const servers: Server[] = [];
async function open(by = nsenter) {
  sandbox = await openSandboxSetup(bubblewrap ?? '', [], by);
}
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  if (bubblewrap) await sandbox.close();
});

const serving = `require('node:http')
  .createServer((request, response) => response.end(request.socket.remoteAddress + ' ' + request.url))
  .listen(${port}, '127.0.0.1', () => console.log('up'))`;

type Started = ReturnType<SandboxSetup['start']>;

function ask({ agent }: Started, path: string, at = port): Promise<string> {
  return new Promise(resolve => {
    const asked = get({ host: '127.0.0.1', port: at, path, agent: agent ?? false }, async response => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(text);
    });
    asked.on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  });
}

async function serve(): Promise<Started> {
  const started = sandbox.start([process.execPath, '-e', serving]);
  started.child.stderr!.on('data', chunk => process.stderr.write(chunk));
  await new Promise(resolve => started.child.stdout!.once('data', resolve));
  return started;
}

/** Processes of this machine that stand in a network of others for us. */
const connectors = () =>
  readdirSync('/proc').filter(pid => {
    try {
      const { ppid } = /^PPid:\t(?<ppid>\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!.groups!;
      return (
        ppid === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('socket.once')
      );
    } catch {
      return false;
    }
  });

inSandbox(
  'requests reach what listens inside, each by a connection of its own, and nobody outside does',
  async () => {
    await open();
    const started = await serve();
    expect(await ask(started, '/one')).toBe('127.0.0.1 /one');
    const many = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(started, `/${at}`)));
    expect(many).toEqual(Array.from({ length: 50 }, (_, at) => `127.0.0.1 /${at}`));
    expect(await ask({ ...started, agent: undefined } as never, '/')).toBe('ECONNREFUSED');
    started.child.kill('SIGKILL');
  },
);

inSandbox(
  'where nobody listens, a request is refused; once the server has ended, nothing is left',
  async () => {
    await open();
    const started = await serve();
    expect(await ask(started, '/', port + 1)).toBe('ECONNREFUSED');
    expect(connectors()).toHaveLength(1);
    const end = ended(started.child);
    started.child.kill('SIGKILL');
    await end;
    await until(() => connectors().length === 0);
    expect(await ask(started, '/')).toMatch(/^ECONN(REFUSED|RESET)$/);
  },
);

inSandbox('what lets requests in is not there for the server, and no more than before', async () => {
  await open();
  const outside = createServer(socket => socket.end('hello'));
  const unix = createServer(socket => socket.end('hello'));
  servers.push(outside, unix);
  const path = join(sandbox.folder, 'socket');
  await new Promise<void>(resolve => outside.listen(0, '127.0.0.1', resolve));
  await new Promise<void>(resolve => unix.listen(path, resolve));
  // Its own processes, by any environment: ours has none of these.
  const tries = {
    'the broker': ['list', `/proc/${process.pid}/fd`],
    'a port of the machine': [
      'connect',
      { host: '127.0.0.1', port: (outside.address() as AddressInfo).port },
    ],
    'a socket of the machine': ['connect', { path }],
    metadata: ['connect', { host: '169.254.169.254', port: 80 }],
    'our process by its program': ['processes', ['socket', '.once']],
  } as const;
  const child = sandbox.start([process.execPath, tryFile, JSON.stringify(tries)]);
  const { out } = await ended(child.child);
  expect(Object.values(JSON.parse(out)).filter(result => result === true)).toEqual([]);
  // The same way sees it from outside.
  const started = await serve();
  expect((await sandbox.outside({ ours: ['processes', ['socket', '.once']] })).ours).toBe(true);
  started.child.kill('SIGKILL');
});

inSandbox('a way in that cannot be had is said, and the server runs', async () => {
  await open('/bin/false');
  const started = await serve();
  expect(await ask(started, '/')).toBe('ECONNREFUSED');
  expect(sandbox.broker.said).toContain('the server in its sandbox cannot be reached: nsenter ended with 1');
  started.child.kill('SIGKILL');
});
