// What the parts of the relay share, and the life of a process within it.
import { createAsked } from './asked';
import { createHandover } from './handover';
import { cancelledLine, errorLine, type Message, paramText, type Request } from './message';
import { isBusy, newServer, type ServerState } from './server-state';
import { changesSession, newSession } from './session';

export type Effect =
  | { kind: 'to-client'; line: Buffer }
  | { kind: 'to-server'; server: number; line: Buffer }
  /** New requests go to `to` from here on. */
  | { kind: 'switched'; to: number; from: number | undefined }
  /** The process owes nobody anything: stop it. */
  | { kind: 'drained'; server: number }
  /** The process cannot take over: stop it. */
  | { kind: 'unfit'; server: number; reason: string }
  /** A line of a server's that is no JSON-RPC: the client's channel must not carry it. */
  | { kind: 'stray'; line: Buffer }
  | { kind: 'note'; text: string };

export type RelayState = ReturnType<typeof createRelayState>;

const lost =
  'The MCP server ended before it answered this request. Send it again: `keyturn run` starts the server anew.';

/** @param onward takes what had to wait: a line that a process said too early, a message that no process could take yet */
export function createRelayState(
  emit: (effect: Effect) => void,
  onward: { fromServer(server: ServerState, line: Buffer): void; fromClient(message: Message): void },
) {
  const session = newSession();
  const servers = new Map<number, ServerState>();
  const asked = createAsked();
  /** Takes new requests; the last one that did, dead or alive. */
  let active: ServerState | undefined;
  let lastActive: ServerState | undefined;
  /** From the client, while no process is active. */
  const waiting: Message[] = [];

  const tellClient = (line: Buffer) => emit({ kind: 'to-client', line });
  const send = (server: ServerState, line: Buffer) => emit({ kind: 'to-server', server: server.id, line });
  const handover = createHandover(session, {
    send,
    tellClient,
    greeted: server => {
      for (const line of server.held.splice(0)) onward.fromServer(server, line);
    },
    ready: activate,
    unfit,
    note: text => emit({ kind: 'note', text }),
  });

  function begin(id: number): void {
    const server = newServer(id);
    servers.set(id, server);
    handover.greet(server, active);
  }

  function activate(server: ServerState): void {
    const old = active;
    active = server;
    server.phase = 'active';
    if (old) old.phase = 'draining';
    emit({ kind: 'switched', to: server.id, from: old?.id });
    for (const [key, request] of session.listens) {
      const before = old?.pending.get(key);
      if (before) before.moved = true;
      if (session.acknowledged.has(key)) server.takenOver.add(key);
      deliver(server, request);
    }
    handover.compare(lastActive, server);
    lastActive = server;
    for (const message of waiting.splice(0)) onward.fromClient(message);
    if (old) stopIfDrained(old);
  }

  function deliver(server: ServerState, request: Request): void {
    server.pending.set(request.id.key, {
      id: request.id.text,
      method: request.method,
      ...(request.method.startsWith('tasks/') && { task: paramText(request, 'taskId') }),
      ...(changesSession(request) && { request }),
      ...(request.method === 'subscriptions/listen' && { stream: true }),
    });
    send(server, request.line);
  }

  function stopIfDrained(server: ServerState): void {
    if (server.phase !== 'draining' || isBusy(server)) return;
    emit({ kind: 'drained', server: server.id });
    forget(server);
  }

  function unfit(server: ServerState, reason: string): void {
    emit({ kind: 'unfit', server: server.id, reason });
    forget(server);
  }

  /** From here on nothing that the process says counts, and what it still owes is answered for it. */
  function forget(server: ServerState): void {
    server.phase = 'gone';
    servers.delete(server.id);
    if (active === server) active = undefined;
    for (const request of server.pending.values()) {
      if (!request.stream) tellClient(errorLine(request.id, lost));
      if (request.method === 'initialize') session.initialize = undefined;
    }
    for (const id of asked.abandonedBy(server)) tellClient(cancelledLine(id, 'the server process has ended'));
    handover.settleComparison();
  }

  return {
    session,
    servers,
    asked,
    handover,
    waiting,
    active: () => active,
    emit,
    tellClient,
    send,
    begin,
    deliver,
    stopIfDrained,
    unfit,
    forget,
  };
}
