// Servers over stdio behind `keyturn run`.
import { join } from 'node:path';
import { echoes, node2 } from '../../../rehearsal/lanes/own-servers';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';
import { openEndingCredentials } from '../ending-credentials';
import {
  deadKey,
  everyKind,
  everything,
  exclusive,
  gitlab,
  issues,
  published,
  python1,
  python2,
} from './servers';

const redirect = join(__dirname, '../redirect.cjs');

export const stdioLanes: ServerLane[] = [
  {
    ...everything,
    name: '@modelcontextprotocol/server-everything',
    key: 'self-issued',
    call: everyKind({ asksClient: true }),
    workers: 8,
    leastCalls: 3_000,
  },
  {
    ...everything,
    name: 'server-everything, tasks',
    key: 'tasks',
    call(n) {
      const mark = `topic-${n}-`;
      return { tool: 'simulate-research-query', args: { topic: mark }, mark, isTask: true };
    },
    workers: 24,
    leastCalls: 50,
  },
  {
    ...gitlab,
    name: '@modelcontextprotocol/server-gitlab',
    key: 'gitlab',
    call: issues(),
    leastCalls: 4_000,
  },
  {
    ...gitlab,
    name: 'server-gitlab, contained with a grace',
    key: 'gitlab/contained',
    changes: ['containment'],
    call: issues(),
    leastCalls: 3_000,
  },
  {
    ...gitlab,
    name: 'server-gitlab, AWS credentials that end',
    key: 'gitlab/new-login',
    login: openEndingCredentials,
    call: issues(),
    leastCalls: 3_000,
  },
  {
    name: '@brave/brave-search-mcp-server',
    command: published('@brave/brave-search-mcp-server'),
    variable: 'BRAVE_API_KEY',
    key: 'brave-search',
    env: origin => ({
      NODE_OPTIONS: `--require "${redirect}"`,
      TEST_REDIRECT: `https://api.search.brave.com ${origin}/brave`,
    }),
    call: n => ({ tool: 'brave_news_search', args: { query: `news-${n}-` }, mark: `news-${n}-` }),
    sdk: 2,
    workers: 4,
    leastCalls: 3_000,
  },
  {
    ...node2,
    name: 'TypeScript SDK 2: elicitation and subscriptions',
    key: 'stdio/second-generation',
    call: echoes({ 5: 'confirm', 7: 'change' }),
    listens: true,
    leastCalls: 4_000,
  },
  {
    ...node2,
    name: 'TypeScript SDK 2, contained with a grace: elicitation',
    key: 'stdio/second-contained',
    changes: ['containment'],
    call: echoes({ 5: 'confirm' }),
    leastCalls: 4_000,
  },
  {
    ...node2,
    name: 'TypeScript SDK 2, the key killed at once',
    key: 'stdio/second-killed',
    changes: ['kill'],
    call: echoes(),
    excuse: deadKey,
    leastCalls: 4_000,
  },
  {
    ...exclusive,
    name: 'a server that cannot run twice, --stop-first',
    key: 'stdio/exclusive',
    flags: ['--stop-first'],
    call: echoes(),
    leastCalls: 4_000,
  },
  {
    ...python1,
    name: 'Python SDK 1',
    key: 'stdio/python-1',
    call: echoes({ 10: 'slow' }),
    leastCalls: 2_000,
  },
  {
    ...python1,
    name: 'Python SDK 1, contained with a grace',
    key: 'stdio/python-1-contained',
    changes: ['containment'],
    call: echoes({ 10: 'slow' }),
    leastCalls: 2_000,
  },
  {
    ...python1,
    name: 'Python SDK 1, the key killed at once',
    key: 'stdio/python-1-killed',
    changes: ['kill'],
    call: echoes(),
    excuse: deadKey,
    leastCalls: 2_000,
  },
  {
    ...python2,
    name: 'Python SDK 2: elicitation',
    key: 'stdio/python-2',
    call: echoes({ 5: 'confirm' }),
    leastCalls: 2_000,
  },
];
