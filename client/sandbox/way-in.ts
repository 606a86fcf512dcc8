// The way to a server in a sandbox that is reached over HTTP. A process of ours stands in the sandbox's network and nowhere else in it: it
// connects to the server, and hands each connection out unread. The server cannot see it, and nothing more is visible inside.
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, type ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';

export interface WayIn {
  /** Makes the connections of requests to the server. */
  agent: Agent;
  /** Enters the network of a process. Resolves once connections can be made, or when that has failed. */
  enter(pid: number | undefined): Promise<void>;
  close(): void;
}

/** A connection that is read before it is handed over would lose what was read. */
const connector = `
const { connect } = require('node:net');
process.on('message', ({ id, host, port }) => {
  const socket = connect(port, host).pause();
  socket.once('connect', () => process.send({ id }, socket, () => {}));
  socket.once('error', ({ code }) => process.send({ id, code }));
});
process.on('disconnect', () => process.exit());
process.send({ id: 0 });`;

type OnConnection = NonNullable<Parameters<Agent['createConnection']>[1]>;

/** @param nsenter its path @param say for people */
export function openWayIn(nsenter: string, say: (text: string) => void): WayIn {
  let started: ChildProcess | undefined;
  let inside: ChildProcess | undefined;
  let isClosed = false;
  const waiting = new Map<number, OnConnection>();
  let asked = 0;

  function answer(id: number, socket: Socket | undefined, code = 'ECONNRESET'): void {
    const onConnection = waiting.get(id);
    waiting.delete(id);
    if (!onConnection) socket?.destroy();
    else if (socket) onConnection(null, socket);
    else fail(onConnection, code);
  }

  function connectInside(host: string, port: number, onConnection: OnConnection): void {
    if (!inside?.connected) {
      fail(onConnection, 'ECONNREFUSED');
      return;
    }
    const id = ++asked;
    waiting.set(id, onConnection);
    inside.send({ id, host, port }, error => error && answer(id, undefined));
  }

  return {
    agent: new ConnectingAgent(connectInside),
    enter: pid =>
      new Promise(resolve => {
        const where = ['--target', String(pid), '--user', '--net', '--preserve-credentials', '--'];
        // Of a group of its own: whoever ends this process by the keyboard leaves the last calls their way.
        const child = spawn(nsenter, [...where, process.execPath, '-e', connector], {
          env: {},
          stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
          detached: true,
        });
        started = child;
        let words = '';
        child.stderr?.on('data', chunk => {
          words = (words + String(chunk)).slice(0, 500);
        });
        child.on('message', (message, handle) => {
          const { id, code } = message as { id: number; code?: string };
          inside = child;
          if (id === 0) resolve();
          else answer(id, handle as Socket | undefined, code);
        });
        const end = (why: string) => {
          if (!isClosed) say(`the server in its sandbox cannot be reached: ${why}`);
          for (const id of [...waiting.keys()]) answer(id, undefined);
          resolve();
        };
        child.once('error', ({ message }) => end(message));
        child.once('exit', code => end(words.trim().split('\n')[0] || `nsenter ended with ${code}`));
      }),
    close() {
      isClosed = true;
      // It may not be inside yet.
      if (started?.connected) started.disconnect();
    },
  };
}

class ConnectingAgent extends Agent {
  constructor(
    private readonly connectInside: (host: string, port: number, onConnection: OnConnection) => void,
  ) {
    super();
  }

  override createConnection({ host, port }: ClientRequestArgs, onConnection?: OnConnection): undefined {
    if (onConnection) this.connectInside(host ?? '', Number(port), onConnection);
  }
}

function fail(onConnection: OnConnection, code: string): void {
  const error = new Error(`the server in its sandbox cannot be reached (${code})`);
  // Nobody looks at the connection beside an error.
  onConnection(Object.assign(error, { code }), new Socket().destroy());
}
