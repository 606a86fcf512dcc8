// The lanes of `npm start`: the ways to get a key that virtual time cannot play.
import { downBetween, echoes, node2, own, pythonCommand, pythonServer } from './own-servers';
import type { KeyChange, ServerLane } from './run-lane';

export interface LaneTitle {
  /** As a person types it. */
  way: string;
  transport: 'stdio' | 'HTTP';
  language: 'Node' | 'Python';
}

export interface DefaultLane extends Omit<ServerLane, 'name' | 'leastCalls'> {
  title: LaneTitle;
}

/** What every way gets through without a failed call. */
const usual: readonly KeyChange[] = ['rotation', 'rotation', 'containment'];
/** A way that holds a rejected call until there is a new key gets through this, too. */
const held: readonly KeyChange[] = [...usual, 'kill'];
const stdio = { transport: 'stdio' as const };
const http = { transport: 'HTTP' as const };
const node = { language: 'Node' as const };
const python = { language: 'Python' as const };
const inPython = { ...own, sdk: 1 as const };

export const defaultLanes: DefaultLane[] = [
  {
    ...node2,
    title: { way: 'npx keyturn run --broker', ...stdio, ...node },
    // One of the second generation would start it twice.
    sdk: 1,
    way: 'broker',
    key: 'sendgrid/broker-node',
    call: echoes(),
    changes: held,
  },
  {
    ...inPython,
    title: { way: 'npx keyturn run --broker', ...stdio, ...python },
    command: () => pythonCommand(pythonServer),
    way: 'broker',
    key: 'sendgrid/broker-python',
    call: echoes(),
    changes: held,
  },
  {
    ...node2,
    title: { way: 'npx keyturn run --broker --http', ...http, ...node },
    way: 'broker',
    overHttp: true,
    key: 'sendgrid/broker-http',
    call: echoes({ 5: 'confirm' }),
    changes: held,
  },
  {
    ...node2,
    title: { way: 'npx keyturn run --http', ...http, ...node },
    overHttp: true,
    key: 'gitlab/http',
    call: echoes({ 5: 'confirm' }),
    changes: usual,
  },
  {
    ...node2,
    title: { way: 'npx keyturn agent --signal', ...http, ...node },
    command: async () =>
      process.platform === 'win32' ? { skipped: 'Windows has no SIGHUP' } : node2.command(),
    way: 'signal',
    overHttp: true,
    key: 'gitlab/signal',
    call: echoes({ 5: 'confirm' }),
    changes: usual,
  },
  {
    ...node2,
    title: { way: 'npx keyturn agent -- <command>', ...http, ...node },
    way: 'restart',
    overHttp: true,
    key: 'gitlab/restart',
    call: echoes(),
    changes: usual,
    excuse: downBetween,
  },
  {
    ...inPython,
    title: { way: 'the client library for Python', ...stdio, ...python },
    command: () => pythonCommand(pythonServer, 'boto3'),
    way: 'library',
    key: 'gitlab/library',
    call: echoes(),
    changes: held,
  },
];
