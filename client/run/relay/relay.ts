// Relays JSON-RPC between one MCP client and a server whose process is replaced underneath: every request of the client's
// gets exactly one answer, and a line passes byte for byte unless two processes could mean different things by one id.
// A pure state machine: lines in, effects out; no clock, no I/O.
import { takeFromClient } from './from-client';
import { takeFromServer } from './from-server';
import { batchLine, errorLine, type Message, readLine } from './message';
import { createRelayState, type Effect } from './relay-state';
import { owesAnswer, type ServerState } from './server-state';
import { isKnown, type SessionKnown } from './session';

/** Lines are without their line feed. The caller numbers processes from 1. */
export interface Relay {
  /** A process was started: the first, a successor, or one in place of a process that died. */
  begin(server: number): Effect[];
  fromClient(line: Buffer): Effect[];
  fromServer(server: number, line: Buffer): Effect[];
  /** New requests wait, and go on once it is over. */
  hold(): Effect[];
  goOn(): Effect[];
  /** The process takes no new requests: they wait for its successor, which starts once this one is drained and has ended. */
  leave(server: number): Effect[];
  /** It stays after all. */
  comeBack(server: number): Effect[];
  /** The process ended by itself: whatever it still owed is answered with an error. */
  gone(server: number): Effect[];
  /** Its time to start or to drain is over: as `gone`, but the process still runs. */
  expire(server: number): Effect[];
  /** Time has passed: what a process keeps for the client may have timed out. */
  timePassed(): Effect[];
  /** No process will come any more: answers what waits for one. */
  giveUp(): Effect[];
  /** True of a process that is still to answer the client, and needs nothing more from it for that. */
  owesAnswer(server: number): boolean;
  sessionKnown(): SessionKnown;
}

const noServer =
  'The MCP server could not be started again. See the standard error of `npx keyturn run` for the reason.';

export function createRelay(now: () => number): Relay {
  let effects: Effect[] = [];
  const relay = createRelayState(now, effect => effects.push(effect), {
    fromServer: (server, message) => takeFromServer(relay, server, message),
    fromClient: takeWaiting,
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

  /** What came on one line goes on one line. */
  function asBatch(kind: 'to-client' | 'to-server', act: () => void): void {
    const outer = effects;
    effects = [];
    act();
    const lines = new Map<number | undefined, Buffer[]>();
    for (const effect of effects) {
      if (effect.kind !== kind) outer.push(effect);
      else {
        const server = effect.kind === 'to-server' ? effect.server : undefined;
        lines.set(server, [...(lines.get(server) ?? []), effect.line]);
      }
    }
    for (const [server, parts] of lines) {
      const line = batchLine(parts);
      outer.push(server === undefined ? { kind: 'to-client', line } : { kind: 'to-server', server, line });
    }
    effects = outer;
  }

  function takeAll(messages: Message[]): void {
    for (const message of messages) takeFromClient(relay, message);
  }

  function takeWaiting(messages: Message[]): void {
    const [first] = messages;
    if (!first) return;
    const next = messages.findIndex(({ batch }) => !batch || batch !== first.batch);
    const count = first.batch ? (next < 0 ? messages.length : next) : 1;
    if (first.batch) asBatch('to-server', () => takeAll(messages.slice(0, count)));
    else takeFromClient(relay, first);
    takeWaiting(messages.slice(count));
  }

  function fail(server: ServerState, reason: string): void {
    if (server.phase === 'starting') relay.unfit(server, reason);
    else relay.forget(server);
  }

  return {
    begin: id => collect(() => relay.begin(id)),
    fromClient: bytes =>
      collect(() => {
        const line = readLine(bytes);
        if (line?.kind === 'single') takeFromClient(relay, line.message);
        else if (line) asBatch('to-server', () => takeAll(line.messages));
        // The server knows best what to say to a line that is no JSON-RPC.
        else relay.sendInTurn({ kind: 'unaddressed', line: bytes });
      }),
    fromServer: (id, bytes) =>
      onServer(id, server => {
        const line = readLine(bytes);
        if (!line) relay.emit({ kind: 'stray', line: bytes });
        else if (line.kind === 'single') takeFromServer(relay, server, line.message);
        else {
          asBatch('to-client', () => {
            for (const message of line.messages) takeFromServer(relay, server, message);
          });
        }
      }),
    hold: () => collect(() => relay.setHolding(true)),
    goOn: () => collect(() => relay.setHolding(false)),
    leave: id => onServer(id, relay.leave),
    comeBack: id => onServer(id, relay.comeBack),
    gone: id => onServer(id, server => fail(server, 'it ended before it was ready')),
    expire: id => onServer(id, server => fail(server, 'it was not ready in time')),
    timePassed: () =>
      collect(() => {
        for (const server of relay.servers.values()) relay.stopIfDrained(server);
      }),
    giveUp: () =>
      collect(() => {
        for (const message of relay.waiting.splice(0)) {
          if (message.kind === 'request') relay.tellClient(errorLine(message.id.text, noServer));
        }
      }),
    owesAnswer(id) {
      const server = relay.servers.get(id);
      return server !== undefined && owesAnswer(server);
    },
    sessionKnown: () => isKnown(relay.session),
  };
}
