// What the relay remembers of one server process.
import type { Hash } from 'node:crypto';
import type { Request } from './message';

/** A client's request that the process has not answered. */
export interface Pending {
  /** The client's id as it wrote it. */
  id: string;
  method: string;
  /** The MCP task that the request is about. */
  task?: string;
  /** Kept where the answer changes the session. */
  request?: Request;
  /** A stream that another process serves now: the old one's last word on it is not for the client. */
  moved?: true;
  /** A stream has no answer to wait for. */
  stream?: true;
}

/** A request of the relay's own; its answer never reaches the client. */
export type Probe =
  | { kind: 'greeting'; method: string }
  | { kind: 'session'; request: Request }
  | { kind: 'list'; method: string; digest: Hash };

export interface ServerState {
  /** 1 for the first process, and so on. */
  id: number;
  phase: 'starting' | 'active' | 'draining' | 'gone';
  pending: Map<string, Pending>;
  probes: Map<string, Probe>;
  probesSent: number;
  /** True once it has answered the handshake, so that it may speak to the client. */
  greeted: boolean;
  /** What it said before. */
  held: Buffer[];
  /** A fingerprint of each list it offers, by the method that reads the list. */
  lists: Map<string, string>;
  /** Its own requests that the client has not answered: the keys of the ids that the client sees. */
  asked: Set<string>;
  /** MCP tasks that it runs, and whose result the client has not fetched. */
  tasks: Set<string>;
  /** Streams that it took over: the client has had their acknowledgement from an earlier process. */
  takenOver: Set<string>;
}

export function newServer(id: number): ServerState {
  return {
    id,
    phase: 'starting',
    pending: new Map(),
    probes: new Map(),
    probesSent: 0,
    greeted: false,
    held: [],
    lists: new Map(),
    asked: new Set(),
    tasks: new Set(),
    takenOver: new Set(),
  };
}

/** True while stopping the process would lose something. */
export function isBusy(server: ServerState): boolean {
  return (
    server.tasks.size > 0 ||
    server.asked.size > 0 ||
    server.probes.size > 0 ||
    [...server.pending.values()].some(({ stream }) => !stream)
  );
}
