// Servers over Streamable HTTP behind `keyturn run --http`, and programs that `keyturn agent` tells of new keys.
import { downBetween, echoes, node2 } from '../../../rehearsal/lanes/own-servers';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';
import { deadKey, everyKind, everything, python1, python2 } from './servers';

const http = { overHttp: true as const };
/** The published server is started for HTTP by a word of its command. */
const everythingOverHttp = {
  ...everything,
  ...http,
  command: async () => [...((await everything.command()) as string[]), 'streamableHttp'],
  call: everyKind({ asksClient: false }),
  workers: 8,
};

export const httpLanes: ServerLane[] = [
  {
    ...everythingOverHttp,
    name: 'server-everything over HTTP: sessions',
    key: 'http/everything',
    leastCalls: 2_500,
  },
  {
    ...node2,
    ...http,
    name: 'TypeScript SDK 2 over HTTP: elicitation',
    key: 'http/second-generation',
    call: echoes({ 5: 'confirm' }),
    leastCalls: 3_000,
  },
  {
    ...node2,
    ...http,
    name: 'TypeScript SDK 2 over HTTP, contained with a grace',
    key: 'http/second-contained',
    changes: ['containment'],
    call: echoes({ 5: 'confirm' }),
    leastCalls: 3_000,
  },
  {
    ...node2,
    ...http,
    name: 'TypeScript SDK 2 over HTTP, the key killed at once',
    key: 'http/second-killed',
    changes: ['kill'],
    call: echoes(),
    excuse: deadKey,
    leastCalls: 3_000,
  },
  {
    ...node2,
    ...http,
    name: 'TypeScript SDK 2 over HTTP, --stop-first',
    key: 'http/second-exclusive',
    flags: ['--stop-first'],
    call: echoes(),
    leastCalls: 3_000,
  },
  {
    ...python1,
    ...http,
    name: 'Python SDK 1 over HTTP: sessions',
    key: 'http/python-1',
    call: echoes({ 10: 'slow' }),
    leastCalls: 1_500,
  },
  {
    ...python2,
    ...http,
    name: 'Python SDK 2 over HTTP: elicitation',
    key: 'http/python-2',
    call: echoes({ 5: 'confirm' }),
    leastCalls: 1_500,
  },
  {
    ...python2,
    ...http,
    name: 'Python SDK 2 over HTTP, contained with a grace',
    key: 'http/python-2-contained',
    changes: ['containment'],
    call: echoes({ 5: 'confirm' }),
    leastCalls: 1_500,
  },
  {
    ...node2,
    ...http,
    name: 'keyturn agent, a file and a signal',
    key: 'agent/signal',
    way: 'signal',
    call: echoes({ 5: 'confirm' }),
    leastCalls: 4_000,
  },
  {
    ...node2,
    ...http,
    name: 'keyturn agent, which starts a program again',
    key: 'agent/restart',
    way: 'restart',
    call: echoes(),
    excuse: downBetween,
    leastCalls: 3_000,
  },
];
