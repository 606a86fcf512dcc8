// Servers behind the key broker, which hold placeholders for as long as they live.
import { echoes, node2 } from '../../../rehearsal/lanes/own-servers';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';
import { python1, python2 } from './servers';

const broker = { way: 'broker' as const };

export const brokerLanes: ServerLane[] = [
  {
    ...node2,
    ...broker,
    name: 'broker, TypeScript SDK 2: elicitation and subscriptions',
    key: 'sendgrid/second-generation',
    call: echoes({ 5: 'confirm', 7: 'change' }),
    listens: true,
    leastCalls: 2_000,
  },
  {
    ...node2,
    ...broker,
    name: 'broker, TypeScript SDK 2, the key killed at once',
    key: 'sendgrid/second-killed',
    changes: ['kill'],
    call: echoes({ 5: 'confirm', 50: 'upload' }),
    excuse: { why: 'the broker keeps no body over 1 MiB to send it again', tool: 'upload' },
    leastCalls: 2_000,
  },
  {
    ...python1,
    ...broker,
    name: 'broker, Python SDK 1',
    key: 'sendgrid/python-1',
    call: echoes({ 10: 'slow' }),
    leastCalls: 2_000,
  },
  {
    ...python2,
    ...broker,
    name: 'broker, Python SDK 2, the key killed at once: elicitation',
    key: 'sendgrid/python-2-killed',
    changes: ['kill'],
    call: echoes({ 5: 'confirm' }),
    leastCalls: 2_000,
  },
  {
    ...node2,
    ...broker,
    overHttp: true,
    name: 'broker over HTTP, TypeScript SDK 2, the key killed at once: elicitation',
    key: 'sendgrid/http-second-killed',
    changes: ['kill'],
    call: echoes({ 5: 'confirm' }),
    leastCalls: 2_000,
  },
  {
    ...python1,
    ...broker,
    overHttp: true,
    name: 'broker over HTTP, Python SDK 1, contained with a grace: sessions',
    key: 'sendgrid/http-python-1',
    changes: ['containment'],
    call: echoes({ 10: 'slow' }),
    leastCalls: 2_000,
  },
];
