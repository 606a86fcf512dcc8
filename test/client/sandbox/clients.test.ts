// Programs in a sandbox as they are: those that go through the proxy, and those that know of none.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clientPython } from '../../support/python';
import { bubblewrapHere, ended, openSandboxSetup, type SandboxSetup } from './sandbox-setup';

const bubblewrap = bubblewrapHere();
const inSandbox = bubblewrap ? test : test.skip;
const brokerFixtures = join(__dirname, '../broker/fixtures');

let sandbox: SandboxSetup;
let python: string | undefined;
beforeAll(async () => {
  if (bubblewrap) python = await clientPython();
});
beforeEach(async () => {
  if (bubblewrap) sandbox = await openSandboxSetup(bubblewrap);
});
afterEach(() => (bubblewrap ? sandbox.close() : undefined));

const url = () => `https://${sandbox.broker.provider.host}/v1/models`;
const shownKeys = () => sandbox.broker.provider.seen.map(({ headers }) => headers.authorization);
const authorization = () => ({ authorization: `Bearer ${sandbox.key}` });
/** As programs that read no variable but those of trust. */
const withoutProxy = Object.fromEntries(
  ['HTTPS_PROXY', 'HTTP_PROXY', 'NODE_OPTIONS', 'PYTHONPATH', 'NODE_USE_ENV_PROXY']
    .flatMap(name => [name, name.toLowerCase()])
    .map(name => [name, undefined]),
);

async function run(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { child } = sandbox.start(command, { readable: [brokerFixtures] }, env);
  return ended(child);
}

inSandbox.each(['fetch', 'https', 'own agent'])(
  'a server in Node that calls by %s goes through the proxy',
  async way => {
    const caller = join(brokerFixtures, 'caller.mjs');
    expect(await run([process.execPath, caller, way, url(), '2'])).toMatchObject({
      code: 0,
      out: '[200,200]\n',
    });
    expect(shownKeys()).toEqual(Array(2).fill('Bearer FAKESECRET-one'));
  },
);

inSandbox('a server in Node that knows of no proxy is led by the names of its hosts', async () => {
  const { placeholder, counts, provider } = sandbox.broker;
  provider.accepts = key => key === 'FAKESECRET-two';
  sandbox.broker.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  const openai = await placeholder('openai');
  const results = await sandbox.inside(
    {
      direct: ['https', { url: url(), headers: authorization() }],
      // Nobody is there to whom the broker could send it.
      'at the usual port': ['https', { url: 'https://api.openai.com/v1/models', headers: {} }],
      'the key of another': ['https', { url: url(), headers: { authorization: `Bearer ${openai}` } }],
      'in the name of another': [
        'https',
        { url: url(), headers: { ...authorization(), host: 'api.openai.com' } },
      ],
      'without TLS': [
        'http',
        { url: `http://${sandbox.broker.provider.host.split(':')[0]}/`, headers: authorization() },
      ],
      'a host that is not declared': ['https', { url: 'https://other.example.com/', headers: {} }],
    },
    {},
    withoutProxy,
  );
  expect(results).toEqual({
    direct: 200,
    'at the usual port': 502,
    'the key of another': 403,
    'in the name of another': 421,
    'without TLS': 403,
    'a host that is not declared': expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
  // Alarms watch these. One of grafana's is the old key, which its provider has rejected.
  expect(counts).toMatchObject({ 'openai authFailures': 1, 'grafana authFailures': 3 });
  expect(sandbox.broker.said).toHaveLength(4);
});

inSandbox('a client in Python that speaks TLS by itself sends the key, and never has it', async () => {
  if (spawnSync('python3', ['--version']).error) {
    console.log('there is no python3 here: a client in Python was not tried');
    return;
  }
  const [host = '', port] = sandbox.broker.provider.host.split(':');
  const program = `
import os, socket, ssl
wrapped = ssl.create_default_context().wrap_socket(socket.create_connection(("${host}", ${port})), server_hostname="${host}")
head = "GET / HTTP/1.1\\r\\nHost: ${host}:${port}\\r\\nAuthorization: Bearer " + os.environ["KEY"]
wrapped.sendall((head + "\\r\\nConnection: close\\r\\n\\r\\n").encode())
print(wrapped.recv(99).decode().split("\\r\\n")[0])`;
  expect(await run(['python3', '-c', program], withoutProxy)).toMatchObject({
    out: 'HTTP/1.1 200 OK\n',
    errors: '',
  });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one']);
});

inSandbox.each(['httpx_without_env', 'requests_without_env', 'aiohttp_session'])(
  'a server in Python from an environment of its own calls by %s',
  async way => {
    if (!python) return;
    const { code, errors } = await run([python, join(brokerFixtures, 'caller.py'), way, url()]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(shownKeys()).toEqual(['Bearer FAKESECRET-one']);
  },
);

inSandbox('it reads and writes what it was given, and ends as it likes', async () => {
  const { cwd, folder } = sandbox;
  const program = `cat "$0/in" && echo out > "$0/out" && cat && kill -TERM $$`;
  spawnSync('sh', ['-c', `mkdir ${folder}/data && echo in > ${folder}/data/in`]);
  const { child } = sandbox.start(['sh', '-c', program, join(folder, 'data')], { writable: ['../data'] });
  child.stdin!.end('asked\n');
  expect(await ended(child)).toMatchObject({ code: 143, out: 'in\nasked\n', errors: '' });
  expect(spawnSync('cat', [join(folder, 'data/out')], { cwd, encoding: 'utf8' }).stdout).toBe('out\n');
});

inSandbox.each([
  ['the home', '~', 'it holds your home'],
  ['credentials', '~/.aws', 'it holds credentials'],
  ['sockets of the machine', '/run', 'it holds sockets and secrets of the machine'],
  ['what is not there', 'no-such-folder', 'does not exist'],
])('%s cannot be shown', (_, path, why) => {
  expect(() => sandbox.start(['true'], { readable: [path] })).toThrow(why);
});
