// `keyturn mcp` as a host starts it: a process of its own, with nothing but the protocol on its standard output.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { commandScript } from '../../support/command-script';
import { openSecrets } from '../../support/secrets';
import { configFile } from '../support/cli';

const root = join(__dirname, '../../..');
const args = [commandScript(), 'mcp', '--config', configFile, '--env', 'prod'];
/** No AWS answers: what asks it fails, in words. */
const env = {
  ...(process.env as Record<string, string>),
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
};
const parameters = { command: process.execPath, args, env, cwd: root, stderr: 'pipe' as const };

const started: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(more: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...env, ...more } });
  started.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', chunk => {
    said.out += String(chunk);
  });
  child.stderr.on('data', chunk => {
    said.err += String(chunk);
  });
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  return { child, said, ended };
}

const message = (id: number, method: string, params: object) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const initialize = message(1, 'initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
  'a client of %s is served',
  async version => {
    const { child, said, ended } = start();
    child.stdin.end(initialize.replace('2025-06-18', version) + message(2, 'tools/list', {}));
    expect(await ended).toBe(0);
    const [hello, list] = said.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(hello.result).toMatchObject({ protocolVersion: version, serverInfo: { name: 'keyturn' } });
    expect(list.result.tools.length).toBeGreaterThan(5);
  },
);

test('what was asked before the end of input is answered, and the process ends', async () => {
  const { child, said, ended } = start();
  child.stdin.end(initialize + message(2, 'tools/call', { name: 'plan', arguments: {} }));
  expect(await ended).toBe(0);
  const lines = said.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual([1, 2]);
  expect(lines[1].result.structuredContent.environments[0].name).toBe('prod');
  expect(said.err).toBe('');
});

test('what is no message is told to people, not repeated, and the next one is answered', async () => {
  const { child, said, ended } = start();
  child.stdin.end(`this is no JSON, but FAKESECRET\n{"x":\n${initialize}`);
  expect(await ended).toBe(0);
  expect(
    said.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).id),
  ).toContain(1);
  expect(said.err).not.toContain('FAKESECRET');
});

test('whatever else prints does so on standard error', async () => {
  // From when on the command runs: before it, no module prints.
  const noisy = `data:text/javascript,const first = process.stdout.write;
    setInterval(() => {
      if (process.stdout.write === first) return;
      console.log('noise of a dependency');
      process.stdout.write('more noise');
    }, 5).unref();`;
  const { child, said, ended } = start({ NODE_OPTIONS: `--import "${noisy.replace(/\s+/g, ' ')}"` });
  child.stdin.write(initialize);
  await until(() => said.err.includes('more noise'));
  child.stdin.end(message(2, 'tools/call', { name: 'plan', arguments: {} }));
  expect(await ended).toBe(0);
  const lines = said.out.trim().split('\n');
  expect(lines.map(line => JSON.parse(line).id)).toEqual([1, 2]);
});

async function until(holds: () => boolean) {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 10));
}

test('interrupted, it ends', async () => {
  const { child, said, ended } = start();
  child.stdin.write(initialize);
  await until(() => said.out.includes('"id":1'));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test.each([
  [
    'the first generation of the SDK',
    async () => {
      const client = new Client1({ name: 'test', version: '1' });
      await client.connect(new Transport1(parameters));
      return client;
    },
  ],
  [
    'the second generation',
    async () => {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StdioClientTransport(parameters));
      return client;
    },
  ],
])('a client of %s lists, asks and reads', async (_, connect) => {
  const client = await connect();
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('status');
    const plan = await client.callTool({ name: 'plan', arguments: { limit: 2 } });
    expect(plan.structuredContent).toMatchObject({ page: { total: 5, shown: 2 } });
    const status = await client.callTool({ name: 'status', arguments: {} });
    expect(status).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^sts:GetCallerIdentity got no answer/) }],
    });
    const { contents } = await client.readResource({ uri: 'keyturn://runbook/overdue' });
    expect(contents).toHaveLength(1);
  } finally {
    await client.close();
  }
});

test('the blocks for hosts in the document start it, from any folder', async () => {
  const page = readFileSync(join(root, 'docs/assistant.md'), 'utf8');
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!));
  const servers = blocks.map(block => (block.mcpServers ?? block.servers).keyturn);
  expect(servers).toHaveLength(4);
  const [first] = servers;
  for (const { type: _, ...server } of servers)
    expect(server).toEqual({ command: first.command, args: first.args, env: first.env });
  expect(first.command).toBe('/path/to/keys/node_modules/.bin/keyturn');
  const own = first.args.map((arg: string) => (arg === '/path/to/keys/config/keys.ts' ? configFile : arg));
  const child = spawn(
    process.execPath,
    ['--import', require.resolve('tsx'), join(root, 'bin/keyturn.ts'), ...own],
    {
      cwd: '/',
      env: { ...env, ...first.env },
    },
  );
  started.push(child);
  let out = '';
  child.stdout.on('data', chunk => {
    out += String(chunk);
  });
  child.stdin.end(initialize + message(2, 'tools/call', { name: 'plan', arguments: {} }));
  await new Promise(resolve => child.once('close', resolve));
  expect(JSON.parse(out.trim().split('\n')[1]!).result.structuredContent.page.total).toBe(5);
});

/** The Inspector's `--cli`, which is a package of its own: the generation that runs on Node 20. */
async function inspect(...asked: string[]) {
  // It looks for its own package beside the folder that it is run in.
  const inspector = join(root, 'node_modules/@modelcontextprotocol/inspector-cli/build');
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-inspector-'));
  const file = join(folder, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { keyturn: { command: process.execPath, args, env } } }));
  const child = spawn(
    process.execPath,
    ['cli.js', '--cli', '--config', file, '--server', 'keyturn', ...asked],
    {
      cwd: inspector,
      env,
    },
  );
  started.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', chunk => {
    said.out += String(chunk);
  });
  child.stderr.on('data', chunk => {
    said.err += String(chunk);
  });
  const code = await new Promise(resolve => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  expect([code, said.err.replace(/^.*inspector v1 is deprecated[\s\S]*only\.\s*/m, '').trim()]).toEqual([
    0,
    '',
  ]);
  return JSON.parse(said.out);
}

test.each<[string[], object]>([
  [
    ['--method', 'tools/list'],
    { tools: expect.arrayContaining([expect.objectContaining({ name: 'status' })]) },
  ],
  [['--method', 'resources/list'], { resources: expect.any(Array) }],
  [['--method', 'resources/templates/list'], { resourceTemplates: expect.any(Array) }],
  [
    ['--method', 'resources/read', '--uri', 'keyturn://runbook/overdue'],
    { contents: [expect.objectContaining({ mimeType: 'text/markdown' })] },
  ],
  [
    ['--method', 'resources/read', '--uri', 'keyturn://environments/prod/plan'],
    { contents: [expect.objectContaining({ mimeType: 'application/json' })] },
  ],
  [
    ['--method', 'tools/call', '--tool-name', 'plan', '--tool-arg', 'team=support', 'limit=2'],
    { structuredContent: expect.objectContaining({ page: expect.objectContaining({ total: 3, shown: 2 }) }) },
  ],
  [
    ['--method', 'tools/call', '--tool-name', 'runbook', '--tool-arg', 'section=overdue'],
    {
      structuredContent: expect.objectContaining({
        sections: [expect.objectContaining({ section: 'overdue' })],
      }),
    },
  ],
  ...['status', 'why-did-this-fail', 'incidents', 'whoami'].map((name): [string[], object] => [
    ['--method', 'tools/call', '--tool-name', name],
    {
      isError: true,
      content: [{ type: 'text', text: expect.stringMatching(/GetCallerIdentity got no answer/) }],
    },
  ]),
])("passes in the Inspector's CLI: %j", async (asked, answer) => {
  expect(await inspect(...asked)).toMatchObject(answer);
});

test('under `npx keyturn run` it is served, and the keys in its variables do not leave it', async () => {
  const secrets = await openSecrets();
  secrets.addSecret('gitlab');
  const value = 'FAKESECRET-glpat-qJ8w2LrT';
  await secrets.put('gitlab', value);
  const place = ['--env', 'prod', '--server', 'support-bot', '--key', 'KEY=gitlab', '--metrics', 'none'];
  const transport = new StdioClientTransport({
    ...parameters,
    args: [commandScript(), 'run', ...place, '--', process.execPath, ...args],
    env: process.env as Record<string, string>,
  });
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  try {
    await client.connect(transport);
    const plan = await client.callTool({ name: 'plan', arguments: { limit: 1 } });
    expect(plan.structuredContent).toMatchObject({ page: { total: 5 } });
    // The key comes back in what is asked, and is taken out of the answer.
    const wrong = await client.callTool({ name: 'runbook', arguments: { section: value } });
    expect(JSON.stringify(wrong)).toContain('[key]');
    expect(JSON.stringify(wrong)).not.toContain('qJ8w2LrT');
  } finally {
    await client.close();
    await secrets.close();
  }
});
