// What the relay remembers of one server process.
import type { Hash } from 'node:crypto';
import type { List } from './lists';
import type { Message, Request } from './message';

/** A client's request that the process has not answered. */
export interface PendingRequest {
  /** The client's id as it wrote it. */
  id: string;
  method: string;
  /** What it takes up again; see continuations.ts. */
  continues?: string;
  /** Kept where the answer changes the session. */
  request?: Request;
  /** A stream that another process serves now: the old one's last word on it is not for the client. */
  moved?: true;
  /** A stream has no answer to wait for. */
  stream?: true;
}

/** A request of the relay's own; its answer never reaches the client. */
export type RelayProbe =
  | { kind: 'greeting'; method: string }
  | { kind: 'session'; request: Request }
  | { kind: 'list'; list: List; digest: Hash };

export interface ServerState {
  /** 1 for the first process, and so on. */
  id: number;
  /** `leaving`: takes no new requests, and no other process has taken its place yet. `draining`: another one has. */
  phase: 'starting' | 'active' | 'leaving' | 'draining' | 'gone';
  pending: Map<string, PendingRequest>;
  probes: Map<string, RelayProbe>;
  probesSent: number;
  /** True once it has answered the handshake, so that it may speak to the client. */
  greeted: boolean;
  /** What it said before. */
  held: Message[];
  /** A fingerprint of each list it offers. */
  lists: Map<List, string>;
  /** Its own requests that the client has not answered: the keys of the ids that the client sees. */
  requests: Set<string>;
  /** What only it can go on with, and until when; see continuations.ts. */
  pins: Map<string, number>;
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
    requests: new Set(),
    pins: new Map(),
    takenOver: new Set(),
  };
}

/** True where an answer is to come that needs nothing more from the client. */
export function owesAnswer({ pending, requests }: ServerState): boolean {
  return !requests.size && [...pending.values()].some(({ stream }) => !stream);
}

/** True while stopping the process would lose something. */
export function isBusy(server: ServerState): boolean {
  return (
    server.pins.size > 0 ||
    server.requests.size > 0 ||
    server.probes.size > 0 ||
    [...server.pending.values()].some(({ stream }) => !stream)
  );
}
