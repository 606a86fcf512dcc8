// Servers whose own code has the client library, in TypeScript and in Python.
import { echoes } from '../../../rehearsal/lanes/own-servers';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';
import { libraryInNode, libraryInPython } from './servers';

const library = { way: 'library' as const };

export const libraryLanes: ServerLane[] = [
  {
    ...libraryInNode,
    ...library,
    name: 'client library in a server',
    key: 'library/node',
    call: echoes(),
    leastCalls: 5_000,
  },
  {
    ...libraryInNode,
    ...library,
    name: 'client library in a server, the key killed at once',
    key: 'library/node-killed',
    changes: ['kill'],
    call: echoes(),
    leastCalls: 5_000,
  },
  {
    ...libraryInPython,
    ...library,
    name: 'client library for Python in a server, with asyncio and in threads',
    key: 'library/python',
    call: echoes({ 2: 'echo_in_thread' }),
    leastCalls: 2_500,
  },
  {
    ...libraryInPython,
    ...library,
    name: 'client library for Python in a server, the key killed at once',
    key: 'library/python-killed',
    changes: ['kill'],
    call: echoes({ 2: 'echo_in_thread' }),
    leastCalls: 2_500,
  },
];

/** Their keys change by themselves: a token lives for seconds. */
export const tokenLanes: ServerLane[] = [
  {
    ...libraryInNode,
    name: 'client library in a server, tokens that their API learns of late',
    key: 'library/node-tokens',
    call: echoes(),
    leastCalls: 5_000,
  },
  {
    ...libraryInPython,
    name: 'client library for Python in a server, tokens that their API learns of late',
    key: 'library/python-tokens',
    call: echoes({ 2: 'echo_in_thread' }),
    leastCalls: 2_500,
  },
];
