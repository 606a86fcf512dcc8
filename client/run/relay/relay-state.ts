// What the parts of the relay share, and the life of a process within it.
import { dropTimedOut } from './continuations';
import { createHandover } from './handover';
import { cancelledLine, errorLine, type Message, type Request } from './message';
import { createServerRequests } from './server-requests';
import { isBusy, newServer, type ServerState } from './server-state';
import { changesSession, newSession } from './session';

export type Effect =
  | { kind: 'to-client'; line: Buffer }
  | { kind: 'to-server'; server: number; line: Buffer }
  /** New requests go to `to` from here on. */
  | { kind: 'switched'; to: number; from: number | undefined }
  /** The process has no open requests: stop it. */
  | { kind: 'drained'; server: number }
  /** The process cannot take over: stop it. */
  | { kind: 'unfit'; server: number; reason: string }
  /** A line of a server's that is no JSON-RPC: the client's channel must not carry it. */
  | { kind: 'stray'; line: Buffer }
  | { kind: 'note'; text: string };

export type RelayState = ReturnType<typeof createRelayState>;

const lost =
  'The MCP server ended before it answered this request. Send it again: `npx keyturn run` restarts the server.';

export interface Onward {
  /** Takes what a process said before it had answered the handshake. */
  fromServer(server: ServerState, message: Message): void;
  /** Takes messages that had to wait. */
  fromClient(messages: Message[]): void;
}

export function createRelayState(now: () => number, emit: (effect: Effect) => void, onward: Onward) {
  const session = newSession();
  const servers = new Map<number, ServerState>();
  const serverRequests = createServerRequests();
  /** The process that takes new requests, or the last one that did. */
  let active: ServerState | undefined;
  let lastActive: ServerState | undefined;
  let isHolding = false;
  /** From the client, for the process that will next take requests. */
  const waiting: Message[] = [];

  const tellClient = (line: Buffer) => emit({ kind: 'to-client', line });
  const send = (server: ServerState, line: Buffer) => emit({ kind: 'to-server', server: server.id, line });
  const accepting = () => (isHolding ? undefined : active);
  const handover = createHandover(session, {
    send,
    tellClient,
    greeted: server => {
      for (const message of server.held.splice(0)) onward.fromServer(server, message);
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
    letWaitingPass();
    if (old) stopIfDrained(old);
  }

  function letWaitingPass(): void {
    if (accepting()) onward.fromClient(waiting.splice(0));
  }

  function setHolding(isOn: boolean): void {
    isHolding = isOn;
    letWaitingPass();
  }

  /** New requests wait for the next process. */
  function leave(server: ServerState): void {
    server.phase = 'leaving';
    active = undefined;
    stopIfDrained(server);
  }

  function comeBack(server: ServerState): void {
    server.phase = 'active';
    active = server;
    letWaitingPass();
  }

  /** Sends it to the process that takes new requests, and behind all that wait for one. */
  function sendInTurn(message: Message): void {
    const endsHandshake = message.kind === 'notification' && message.method === 'notifications/initialized';
    const server = endsHandshake ? active : accepting();
    if (!server) {
      waiting.push(message);
      return;
    }
    if (endsHandshake) session.initialized = message.line;
    send(server, message.line);
  }

  function deliver(server: ServerState, request: Request, continues?: string): void {
    server.pending.set(request.id.key, {
      id: request.id.text,
      method: request.method,
      ...(continues !== undefined && { continues }),
      ...(changesSession(request) && { request }),
      ...(request.method === 'subscriptions/listen' && { stream: true }),
    });
    send(server, request.line);
  }

  function stopIfDrained(server: ServerState): void {
    if (server.phase !== 'draining' && server.phase !== 'leaving') return;
    dropTimedOut(server, now());
    if (isBusy(server)) return;
    emit({ kind: 'drained', server: server.id });
    forget(server);
  }

  function unfit(server: ServerState, reason: string): void {
    emit({ kind: 'unfit', server: server.id, reason });
    forget(server);
  }

  /** From now on the process's output is ignored, and its open requests are answered with an error. */
  function forget(server: ServerState): void {
    server.phase = 'gone';
    servers.delete(server.id);
    if (active === server) active = undefined;
    for (const request of server.pending.values()) {
      if (!request.stream) tellClient(errorLine(request.id, lost));
      if (request.method === 'initialize') session.initialize = undefined;
    }
    for (const id of serverRequests.abandon(server)) {
      tellClient(cancelledLine(id, 'the server process has ended'));
    }
    handover.settleComparison();
  }

  return {
    session,
    servers,
    serverRequests,
    handover,
    waiting,
    now,
    active: () => active,
    accepting,
    emit,
    tellClient,
    send,
    sendInTurn,
    begin,
    deliver,
    setHolding,
    leave,
    comeBack,
    stopIfDrained,
    unfit,
    forget,
  };
}
