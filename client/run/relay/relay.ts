// Relays JSON-RPC between one MCP client and a server whose process is replaced underneath: every request of the client's
// gets exactly one answer, and a line passes byte for byte unless two processes could mean different things by one id.
// A pure state machine: lines in, effects out; no clock, no I/O.
import { takeFromClient } from './from-client';
import { takeFromServer } from './from-server';
import { errorLine, readMessages } from './message';
import { createRelayState, type Effect } from './relay-state';
import type { ServerState } from './server-state';
import { isSettled } from './session';

/** Lines are without their line feed. Processes are numbered from 1 by whoever starts them. */
export interface Relay {
  /** A process was started: the first, a successor, or one in place of a process that died. */
  begin(server: number): Effect[];
  fromClient(line: Buffer): Effect[];
  fromServer(server: number, line: Buffer): Effect[];
  /** The process ended by itself: whatever it still owed is answered with an error. */
  gone(server: number): Effect[];
  /** Its time to start or to drain is over: as `gone`, but the process still runs. */
  expire(server: number): Effect[];
  /** No process will come any more: answers what waits for one. */
  giveUp(): Effect[];
  /** False during the client's first handshake, when nothing can be replayed yet. */
  isSettled(): boolean;
}

const noServer =
  'The MCP server could not be started again. See the standard error of `keyturn run` for the reason.';

export function createRelay(): Relay {
  let effects: Effect[] = [];
  const relay = createRelayState(effect => effects.push(effect), {
    fromServer: (server, line) => takeFromServer(relay, server, line),
    fromClient: message => takeFromClient(relay, message),
  });

  function collect(act: () => void): Effect[] {
    effects = [];
    act();
    return effects;
  }

  function onServer(id: number, act: (server: ServerState) => void): Effect[] {
    const server = relay.servers.get(id);
    return server ? collect(() => act(server)) : [];
  }

  return {
    begin: id => collect(() => relay.begin(id)),
    fromClient: line =>
      collect(() => {
        const messages = readMessages(line);
        const active = relay.active();
        // The server knows best what to say to a line that is no JSON-RPC.
        if (!messages && active) relay.send(active, line);
        for (const message of messages ?? []) takeFromClient(relay, message);
      }),
    fromServer: (id, line) => onServer(id, server => takeFromServer(relay, server, line)),
    gone: id =>
      onServer(id, server => {
        if (server.phase === 'starting') relay.unfit(server, 'it ended before it was ready');
        else relay.forget(server);
      }),
    expire: id =>
      onServer(id, server => {
        if (server.phase === 'starting') relay.unfit(server, 'it was not ready in time');
        else relay.forget(server);
      }),
    giveUp: () =>
      collect(() => {
        for (const message of relay.waiting.splice(0)) {
          if (message.kind === 'request') relay.tellClient(errorLine(message.id.text, noServer));
        }
      }),
    isSettled: () => isSettled(relay.session),
  };
}
