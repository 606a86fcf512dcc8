// Which process goes on with what a client holds: its session, the stream that a session of MCP 2024-11-05 lives on, the state
// of a request that needs input, a task, the next page. All else goes to the process with the newest keys.
import { continuationOf, dropTimedOut, learnFromAnswer, learnFromServer } from '../relay/continuations';
import type { Message, Request } from '../relay/message';

/** What a client's request says of where it belongs. */
export interface RequestAffinity {
  /** The session by its header, or the address that its stream gave out. */
  session: string | undefined;
  requests: readonly Request[];
}

export interface Pins {
  /** @returns a process; `gone` where its session ended with one; nothing where any process will do */
  holderOf(asked: RequestAffinity): number | 'gone' | undefined;
  begin(session: string, process: number): void;
  end(session: string): void;
  /** Takes in what a process has said in answer to the requests. */
  learn(process: number, asked: RequestAffinity, said: Message): void;
  /** @param withSessions false where they cannot be waited for */
  holdsAnything(process: number, withSessions: boolean): boolean;
  gone(process: number): void;
}

/** Clients seldom end a session, so the longest unused ones are forgotten at some time. */
const sessionsAtMost = 100_000;

interface Held {
  sessions: Set<string>;
  pins: Map<string, number>;
}

export function createPins(now: () => number): Pins {
  /** In the order of their last use. */
  const sessions = new Map<string, number>();
  const held = new Map<number, Held>();

  function heldBy(process: number): Held {
    const known = held.get(process);
    if (known) return known;
    const fresh: Held = { sessions: new Set(), pins: new Map() };
    held.set(process, fresh);
    return fresh;
  }

  function use(session: string, process: number): void {
    sessions.delete(session);
    sessions.set(session, process);
  }

  function end(session: string): void {
    held.get(sessions.get(session) ?? 0)?.sessions.delete(session);
    sessions.delete(session);
  }

  return {
    holderOf({ session, requests }) {
      const owner = session === undefined ? undefined : sessions.get(session);
      if (session !== undefined && owner !== undefined) {
        use(session, owner);
        return held.has(owner) ? owner : 'gone';
      }
      const continuations = requests.flatMap(request => continuationOf(request) ?? []);
      return [...held].find(([, { pins }]) => continuations.some(each => pins.has(each)))?.[0];
    },
    begin(session, process) {
      heldBy(process).sessions.add(session);
      use(session, process);
      const [oldest] = sessions.keys();
      if (sessions.size > sessionsAtMost && oldest !== undefined) end(oldest);
    },
    end,
    learn(process, { requests }, said) {
      if (said.kind === 'unaddressed') return;
      if (said.kind !== 'answer') {
        learnFromServer(heldBy(process), said, now());
        return;
      }
      const request = requests.find(({ id }) => id.key === said.id.key);
      if (!request) return;
      const continues = continuationOf(request);
      learnFromAnswer(
        heldBy(process),
        { method: request.method, ...(continues && { continues }) },
        said,
        now(),
      );
    },
    holdsAnything(process, withSessions) {
      const known = held.get(process);
      if (!known) return false;
      dropTimedOut(known, now());
      return known.pins.size > 0 || (withSessions && known.sessions.size > 0);
    },
    gone: process => void held.delete(process),
  };
}
