// The tables of docs/mcp-servers.md say what the code says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCommands } from '../../bin/command-line/all-commands';
import { usageMetrics } from '../../core/metrics/usage';
import { matrixServers } from '../servers/matrix/servers';
import { root } from './documents';

const page = readFileSync(join(root, 'docs/mcp-servers.md'), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')));

test('the page lists every flag of its own that `npx keyturn run` has, with what its help says', () => {
  const { flags } = allCommands().find(({ name }) => name === 'run')!;
  const shared = ['--config', '--env', '--server', '--key', '--profile', '--region', '--json'];
  const told = flags
    .filter(({ option }) => !shared.includes(option.long!))
    .map(({ option }) => [option.flags, option.description, String(option.defaultValue ?? '')]);
  const written = rows
    .filter(([, first]) => first!.startsWith('--'))
    .map(([, ...cells]) => cells.slice(0, 3));
  expect(written).toEqual(told);
  expect(told.length).toBeGreaterThan(5);
});

test('the page lists every metric', () => {
  const written = rows.filter(([, first]) => /^[A-Z]/.test(first!)).map(([, first]) => first);
  expect(written).toEqual(Object.values(usageMetrics));
});

test('the page lists every server of the matrix, as it was tried', () => {
  const [, table = ''] = page.split('<!-- npm run test:servers -- --matrix -->');
  const tried = [...table.matchAll(/^\| `(\S+)` \| (\S+) \| (npm|PyPI) \| (works|with preload|cannot)/gm)];
  const written = tried.map(([, ...cells]) => cells.slice(0, 3));
  expect(written).toEqual(matrixServers.map(server => [server.package, server.version, server.from]));
  expect(tried.filter(([, , , , result]) => result !== 'cannot').length).toBeGreaterThanOrEqual(12);
});

/** What shows that each way works for its kind of server: a test, and what stands in it. */
const ways: [server: string, file: string, text: string][] = [
  [
    'runs in ECS and takes its key when a task starts',
    'test/lambda/aws/delivery/ecs.test.ts',
    'waits for a deployment',
  ],
  [
    'reads its key from an SSM parameter',
    'test/lambda/aws/delivery/ssm.test.ts',
    'each new key is there at once',
  ],
  [
    'is a function of Lambda that reads its key when an environment starts',
    'test/lambda/aws/delivery/lambda.test.ts',
    'new environments read a new key',
  ],
  [
    'runs in AgentCore Runtime and reads its key when a session begins',
    'test/lambda/aws/delivery/agentcore.test.ts',
    'once no session of before can live',
  ],
  [
    'gets its key from a credential provider of AgentCore Identity',
    'test/lambda/aws/delivery/agentcore.test.ts',
    'has every new key at once',
  ],
  [
    'is a job of GitHub Actions',
    'test/lambda/aws/delivery/github-actions.test.ts',
    'the old key is kept while a run that began before',
  ],
  [
    'is a job of GitHub Actions',
    'test/docs/deliver.test.ts',
    'assumes the role that the configuration names',
  ],
  [
    'is a Worker at Cloudflare',
    'test/lambda/aws/delivery/cloudflare-worker.test.ts',
    'each new key serves at once',
  ],
  ['runs in Kubernetes and takes its key', 'test/docs/deliver.test.ts', 'Reloader watches what the pods use'],
  [
    'is your own code, in TypeScript or JavaScript',
    'test/servers/lanes/library-lanes.ts',
    'client library in a server',
  ],
  ['is your own code, in Python', 'test/servers/lanes/library-lanes.ts', 'client library for Python'],
  ['speaks MCP over stdio', 'test/servers/lanes/stdio-lanes.ts', '@modelcontextprotocol/server-gitlab'],
  ['reads its keys from files', 'test/servers/lanes/http-lanes.ts', "way: 'signal'"],
  ['is none of these, and may be down for seconds', 'test/servers/lanes/http-lanes.ts', "way: 'restart'"],
  ['must never hold its keys', 'test/servers/lanes/broker-lanes.ts', 'the key killed at once'],
  [
    'is code that you do not trust',
    'test/client/sandbox/attacks.test.ts',
    'a server that has been taken over',
  ],
  ['is code that you do not trust', 'test/client/sandbox/clients.test.ts', 'knows of no proxy'],
  ['is reached over HTTP', 'test/servers/lanes/http-lanes.ts', 'overHttp: true'],
  ['runs in a container', 'test/client/run/behind-remote-broker.test.ts', 'that has no credentials'],
  ['runs in a container', 'test/docs/broker.test.ts', 'the server can read no key'],
  [
    'is reached over HTTP',
    'test/client/run/http/run-over-http.test.ts',
    'stays the same process behind the broker',
  ],
];

test('every kind of server has a way that a test shows', () => {
  const table = page.slice(
    page.indexOf('| your server | '),
    page.indexOf('\n\n', page.indexOf('| your server | ')),
  );
  const servers = table
    .split('\n')
    .slice(2)
    .map(line => line.split('|')[1]!.trim());
  const shown = (server: string) => ways.filter(([known]) => server.startsWith(known));
  expect(servers.filter(server => !shown(server).length)).toEqual([]);
  expect(ways.filter(([known]) => !servers.some(server => server.startsWith(known)))).toEqual([]);
  for (const [, file, text] of ways) expect(readFileSync(join(root, file), 'utf8')).toContain(text);
});
