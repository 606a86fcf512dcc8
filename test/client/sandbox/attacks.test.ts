// What a server that has been taken over tries from inside its sandbox. Each try is made outside, too, where it must succeed: only
// then does its failure inside say something.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { bubblewrapHere, openSandboxSetup, type SandboxSetup, type Tries } from './sandbox-setup';

const bubblewrap = bubblewrapHere();
const inSandbox = bubblewrap ? test : test.skip;
const secret = 'FAKESECRET-of-the-host';

let sandbox: SandboxSetup;
let bystander: ChildProcess;
const servers: Server[] = [];

async function listening(at: string | number): Promise<Server> {
  const server = createServer(socket => socket.on('error', () => {}).end('hello'));
  servers.push(server);
  await new Promise<void>(resolve =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );
  return server;
}

beforeEach(async () => {
  if (!bubblewrap) return;
  sandbox = await openSandboxSetup(bubblewrap);
  // Another process of the same user, with something in its environment.
  bystander = spawn('sleep', ['600'], { env: { PATH: process.env.PATH, SECRET: secret }, stdio: 'ignore' });
});
afterEach(async () => {
  if (!bubblewrap) return;
  bystander.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
  await sandbox.close();
});

/** Whatever of it has succeeded. */
const succeeded = (results: Record<string, unknown>) =>
  Object.keys(results).filter(name => results[name] === true);

async function bothWays(tries: Tries, ...more: [wishes?: object, env?: NodeJS.ProcessEnv]) {
  expect(succeeded(await sandbox.outside(tries))).toEqual(Object.keys(tries));
  expect(succeeded(await sandbox.inside(tries, ...more))).toEqual([]);
}

inSandbox('credentials are not there, wherever they lie', async () => {
  const { home, cwd, folder } = sandbox;
  for (const at of ['.ssh', '.config/gcloud']) mkdirSync(join(home, at), { recursive: true });
  const files = {
    'a key of ssh': join(home, '.ssh/id_ed25519'),
    netrc: join(home, '.netrc'),
    gcloud: join(home, '.config/gcloud/credentials.db'),
    'an env file': join(cwd, 'keys.env'),
    'named by a variable': join(cwd, 'elsewhere.ini'),
    'beside the working directory': join(folder, 'other.txt'),
    'npmrc of the working directory': join(cwd, '.npmrc'),
  };
  for (const file of Object.values(files)) writeFileSync(file, secret);
  const reads = Object.entries(files).map(([name, file]): [string, Tries[string]] => [name, ['read', file]]);
  await bothWays(
    {
      ...Object.fromEntries(reads),
      'aws in the home': ['read', join(home, '.aws/credentials')],
      'aws in the working directory': ['read', join(cwd, '.aws/credentials')],
      'the home by the process': ['read', `/proc/self/root${home}/.aws/credentials`],
    },
    { hidden: ['keys.env'] },
    { AWS_SHARED_CREDENTIALS_FILE: files['named by a variable'] },
  );
});

inSandbox('other processes, and the broker among them, are not there', async () => {
  const { pid } = bystander;
  await bothWays({
    'an environment by its number': ['read', `/proc/${pid}/environ`],
    'any environment': ['environment', secret],
    'a signal': ['signal', pid],
    'a signal to the broker': ['signal', process.pid],
    "the broker's memory": ['open', `/proc/${process.pid}/mem`],
    "the broker's files": ['list', `/proc/${process.pid}/fd`],
  });
});

inSandbox('nobody is traced', async () => {
  if (spawnSync('python3', ['--version']).error) {
    console.log('there is no python3 here: ptrace was not tried');
    return;
  }
  const trace = (pid: string) => `
import ctypes, subprocess
libc = ctypes.CDLL(None, use_errno=True)
child = subprocess.Popen(["sleep", "60"])
seized = libc.ptrace(0x4206, ${pid}, None, None) == 0
child.kill()
print("yes" if seized else "no")`;
  const read = (pid: string) => `
import ctypes, subprocess
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
libc = ctypes.CDLL(None, use_errno=True)
child = subprocess.Popen(["sleep", "60"])
buffer = ctypes.create_string_buffer(8)
part = Part(ctypes.addressof(buffer), 8)
libc.process_vm_readv(${pid}, ctypes.byref(part), 1, ctypes.byref(part), 1, 0)
found = ctypes.get_errno() not in (1, 3)
child.kill()
print("yes" if found else "no")`;
  const results = await sandbox.inside({
    'the broker': ['python', trace(String(process.pid))],
    'another process': ['python', trace(String(bystander.pid))],
    'memory of the broker': ['python', read(String(process.pid))],
    'memory of another process': ['python', read(String(bystander.pid))],
    'its own child': ['python', trace('child.pid')],
    'memory of its own child': ['python', read('child.pid')],
  });
  expect(succeeded(results)).toEqual(['its own child', 'memory of its own child']);
});

inSandbox('no socket of the machine is there, and no other host', async () => {
  const { home, cwd, folder } = sandbox;
  mkdirSync(join(home, '.docker'));
  const docker = join(home, '.docker/docker.sock');
  const [agent, outside, abstract] = [join(cwd, 'agent.sock'), join(folder, 's'), `\0keyturn-${process.pid}`];
  for (const path of [docker, agent, outside, abstract]) await listening(path);
  const { port } = (await listening(0)).address() as AddressInfo;
  await bothWays(
    {
      docker: ['connect', { path: docker }],
      'the agent of ssh': ['connect', { path: agent }],
      'a socket elsewhere': ['connect', { path: outside }],
      'an abstract socket': ['connect', { path: abstract }],
      'a port of the machine': ['connect', { host: '127.0.0.1', port }],
    },
    {},
    { SSH_AUTH_SOCK: agent },
  );
});

inSandbox('metadata and other hosts are out of reach, directly and by the proxy', async () => {
  const { port } = (await listening(0)).address() as AddressInfo;
  const tries: Tries = {
    metadata: ['connect', { host: '169.254.169.254', port: 80 }],
    'metadata by its name': ['connect', { host: 'metadata.google.internal', port: 80 }],
    'metadata of a task': ['connect', { host: '169.254.170.2', port: 80 }],
    'another host': ['connect', { host: '203.0.113.1', port: 443 }],
    'metadata by the proxy': ['tunnel', '169.254.169.254:80'],
    'the machine by the proxy': ['tunnel', `127.0.0.1:${port}`],
    'the machine by its name': ['tunnel', `localhost:${port}`],
    'another host by the proxy': ['tunnel', 'other.example.com:443'],
  };
  expect(succeeded(await sandbox.inside(tries))).toEqual([]);
});

inSandbox('who may reach every host may not reach the machine and its metadata', async () => {
  const open = await openSandboxSetup(bubblewrap!, ['*']);
  try {
    const { port } = (await listening(0)).address() as AddressInfo;
    const names = ['127.0.0.1', 'localhost', '2130706433', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]'];
    const tries = names.map((name): [string, Tries[string]] => [name, ['tunnel', `${name}:${port}`]]);
    const metadata = ['169.254.169.254', '169.254.170.2', '[fd00:ec2::254]'];
    const far = metadata.map((name): [string, Tries[string]] => [name, ['tunnel', `${name}:80`]]);
    expect(succeeded(await open.inside(Object.fromEntries([...tries, ...far])))).toEqual([]);
  } finally {
    await open.close();
  }
});

inSandbox('nothing of the machine can be changed, and no terminal be written to', async () => {
  const { cwd, home } = sandbox;
  const tries: Tries = {
    'the working directory': ['write', join(cwd, 'package.json')],
    'a file of the system': ['open', '/etc/passwd'],
    'the kernel': ['open', '/proc/sys/kernel/core_pattern'],
    'the kernel by a key': ['open', '/proc/sysrq-trigger'],
    'the terminal': ['open', '/dev/tty'],
  };
  const results = await sandbox.inside({
    ...tries,
    'a file of its own': ['write', join(home, 'own')],
    'another one': ['write', '/tmp/own'],
  });
  expect(succeeded(results)).toEqual(['a file of its own', 'another one']);
});
