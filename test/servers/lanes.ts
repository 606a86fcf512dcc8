// The servers under test, as their packages publish them or in a form that a few of them have, and the calls that are made.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Lane } from './lane';
import { libraryLanes } from './library-lanes';
import { pythonWith } from './python';
import { type Call, runLane, type ServerLane } from './run-lane';

const packages = createRequire(join(__dirname, '../../package.json'));
const published = (name: string) => async () => [
  process.execPath,
  join(dirname(packages.resolve(`${name}/package.json`)), 'dist/index.js'),
];
const fixture = (name: string) => async () => [process.execPath, join(__dirname, 'fixtures', name)];

async function python(requirement: string): Promise<string[] | { skipped: string }> {
  const found = await pythonWith(requirement);
  return 'python' in found ? [found.python, join(__dirname, 'fixtures/server.py')] : found;
}

const echo = (name: string, n: number): Call => {
  const mark = `${name}-${n}-`;
  return { tool: 'echo', args: { mark }, mark };
};
const gitlab = {
  variable: 'GITLAB_PERSONAL_ACCESS_TOKEN',
  env: (origin: string) => ({ GITLAB_API_URL: `${origin}/gitlab` }),
  command: published('@modelcontextprotocol/server-gitlab'),
  sdk: 1 as const,
  workers: 4,
};
const issue = (name: string, n: number): Call => {
  const mark = `${name}-${n}-`;
  return { tool: 'create_issue', args: { project_id: '7', title: mark }, mark };
};
/** The fixtures of this folder. */
const own = {
  variable: 'TEST_KEY',
  env: (origin: string) => ({ TEST_API: origin }),
  workers: 4,
};

const serverLanes: ServerLane[] = [
  {
    name: '@modelcontextprotocol/server-everything',
    command: published('@modelcontextprotocol/server-everything'),
    variable: 'SOME_KEY',
    provider: 'self-issued',
    env: () => ({}),
    call(n) {
      const mark = `mark-${n}-`;
      // Mostly quick ones; some that take long enough to meet a handover; some that need the client in between.
      if (n % 10 === 0) {
        const args = { duration: 0.4 + n / 1e7, steps: 4 };
        const [tool, steps] = ['trigger-long-running-operation', `${args.duration} seconds`];
        return { tool, args, mark: steps, hasProgress: true };
      }
      if (n % 10 === 5)
        return { tool: 'trigger-sampling-request', args: { prompt: mark, maxTokens: 10 }, mark };
      return { tool: 'echo', args: { message: mark }, mark };
    },
    sdk: 1,
    workers: 8,
    leastCalls: 3_000,
  },
  {
    name: 'server-everything, tasks',
    command: published('@modelcontextprotocol/server-everything'),
    variable: 'SOME_KEY',
    provider: 'tasks',
    env: () => ({}),
    call(n) {
      const mark = `topic-${n}-`;
      return { tool: 'simulate-research-query', args: { topic: mark }, mark, isTask: true };
    },
    sdk: 1,
    workers: 24,
    leastCalls: 50,
  },
  {
    ...gitlab,
    name: '@modelcontextprotocol/server-gitlab',
    provider: 'gitlab',
    call: n => issue('issue', n),
    leastCalls: 4_000,
  },
  {
    ...gitlab,
    name: 'server-gitlab, contained with a grace',
    provider: 'contained',
    change: 'containment',
    call: n => issue('contained', n),
    leastCalls: 3_000,
  },
  {
    ...gitlab,
    name: 'server-gitlab, AWS credentials that end',
    provider: 'new-login',
    change: 'new-login',
    call: n => issue('login', n),
    leastCalls: 3_000,
  },
  {
    name: '@brave/brave-search-mcp-server',
    command: published('@brave/brave-search-mcp-server'),
    variable: 'BRAVE_API_KEY',
    provider: 'brave-search',
    env: origin => ({
      NODE_OPTIONS: `--require "${join(__dirname, 'redirect.cjs')}"`,
      TEST_REDIRECT: `https://api.search.brave.com ${origin}/brave`,
    }),
    call: n => ({ tool: 'brave_news_search', args: { query: `news-${n}-` }, mark: `news-${n}-` }),
    sdk: 2,
    workers: 4,
    leastCalls: 3_000,
  },
  {
    ...own,
    name: 'TypeScript SDK 2: elicitation and subscriptions',
    command: fixture('second-generation.mjs'),
    provider: 'second-generation',
    call(n) {
      const call = echo('second', n);
      if (n % 5 === 0) return { ...call, tool: 'confirm' };
      return n % 5 === 2 ? { ...call, tool: 'change' } : call;
    },
    sdk: 2,
    listens: true,
    leastCalls: 2_000,
  },
  {
    name: 'server-everything over HTTP: sessions',
    command: async () => [
      ...(await published('@modelcontextprotocol/server-everything')()),
      'streamableHttp',
    ],
    variable: 'SOME_KEY',
    provider: 'http-sessions',
    env: () => ({}),
    call(n) {
      const mark = `message-${n}-`;
      if (n % 10 === 0) {
        const args = { duration: 0.4 + n / 1e7, steps: 4 };
        const [tool, steps] = ['trigger-long-running-operation', `${args.duration} seconds`];
        return { tool, args, mark: steps, hasProgress: true };
      }
      return { tool: 'echo', args: { message: mark }, mark };
    },
    sdk: 1,
    overHttp: true,
    workers: 8,
    leastCalls: 1_500,
  },
  {
    ...own,
    name: 'TypeScript SDK 2 over HTTP: elicitation',
    command: fixture('second-generation.mjs'),
    provider: 'http-second-generation',
    call(n) {
      const call = echo('http', n);
      return n % 5 ? call : { ...call, tool: 'confirm' };
    },
    sdk: 2,
    overHttp: true,
    leastCalls: 2_000,
  },
  {
    ...own,
    name: 'a server that cannot run twice, --stop-first',
    command: fixture('exclusive.mjs'),
    provider: 'exclusive',
    env: origin => ({ ...own.env(origin), TEST_PORT: '17653' }),
    flags: ['--stop-first'],
    call: n => echo('exclusive', n),
    sdk: 1,
    leastCalls: 3_000,
  },
  {
    ...own,
    name: 'Python SDK 1',
    command: () => python('mcp<2'),
    provider: 'python-1',
    call(n) {
      const call = echo('python1', n);
      return n % 10 ? call : { ...call, tool: 'slow', hasProgress: true };
    },
    sdk: 1,
    leastCalls: 1_500,
  },
  {
    ...own,
    name: 'Python SDK 2: elicitation',
    command: () => python('mcp>=2,<3'),
    provider: 'python-2',
    call(n) {
      const call = echo('python2', n);
      return n % 5 ? call : { ...call, tool: 'confirm' };
    },
    sdk: 2,
    leastCalls: 1_500,
  },
];

export const lanes: Lane[] = [...serverLanes.map(runLane), ...libraryLanes];
