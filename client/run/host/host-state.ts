// What a host knows of its server's processes, and what its decisions do. The transitions are in lifecycle.ts.
import type { SessionKnown } from '../relay/session';

/** What a process is started with. */
export interface Launch {
  env: NodeJS.ProcessEnv;
  /** Names the keys' versions: no process is replaced by one with the same keys. */
  versions: string;
}

/** Milliseconds. */
export interface HostLimits {
  /** For a process to prove that it is ready, and for one that has to stop first to answer its open requests. */
  startMs: number;
  /** For a superseded process to answer its open requests, once its keys have ended. */
  drainMs: number;
  /** Between closing a process's input, SIGTERM and SIGKILL. */
  stopMs: number;
  /** Before each time that a process which died is replaced; after the last one the host ends as the process did. */
  restartMs: readonly number[];
}

/** What is under way besides serving. */
export type HostStep =
  | { kind: 'none' }
  /** The keys are being read. */
  | { kind: 'reading'; since: number }
  /** A process was started and has not proved that it is ready. */
  | { kind: 'starting'; process: number; since: number }
  /** Two processes cannot live at a time: new requests wait until the old one has answered its own. */
  | { kind: 'leaving'; process: number; next: Launch; since: number; mayComeBack: boolean }
  /** ... until it has ended. */
  | { kind: 'stopping'; process: number; next: Launch; since: number };

export interface HostState {
  step: HostStep;
  /** Serves new requests. */
  active: number | undefined;
  activeSince: number;
  /** Those that live, and what they were started with. */
  processes: Map<number, Launch>;
  /** Those with open requests that take no new ones, and whether their keys still work. */
  draining: Map<number, 'works' | 'ended'>;
  started: number;
  latest: Launch;
  /** What a server that cannot run twice goes back to where its new process fails. */
  fallback: Launch | undefined;
  /** The keys may have changed since they were last read. */
  isStale: boolean;
  /** The keys of the active process no longer work. */
  haveKeysEnded: boolean;
  /** Whether two processes of this server cannot live at a time: told by a flag, or learned where it is `unknown`. */
  runsAlone: 'yes' | 'no' | 'unknown';
  /** Since when a process that has to stop first has had open requests. */
  busySince: number | undefined;
  /** A failure is not to be repeated at once. */
  isBackingOff: boolean;
  hasSpoken: boolean;
  hasSaidThatItWaits: boolean;
  /** New processes that failed, and processes that died, each in a row. */
  failedStarts: number;
  deaths: number;
  exitCode: number | undefined;
  isEnding: boolean;
}

export type Timer = 'retry' | 'leave' | number;

/** What the transitions have done. */
export interface HostOutput {
  now(): number;
  readKeys(process: number): void;
  start(process: number, launch: Launch): void;
  stop(process: number): void;
  /** The relay's part in it. */
  leave(process: number): void;
  comeBack(process: number): void;
  expire(process: number): void;
  giveUp(): void;
  /** Whether a fresh process can be asked for proof that it is ready. */
  sessionKnown(): SessionKnown;
  after(timer: Timer, ms: number): void;
  clear(timer: Timer): void;
  say(text: string): void;
  onSwitched(process: number, ms: number): void;
  onFailedStart(): void;
  /** Nothing is under way: requests that wait for another process wait no longer. */
  atRest(): void;
  finish(code: number): void;
}

export function newHostState(first: Launch, runsAlone: HostState['runsAlone']): HostState {
  return {
    step: { kind: 'none' },
    active: undefined,
    activeSince: 0,
    processes: new Map(),
    draining: new Map(),
    started: 0,
    latest: first,
    fallback: undefined,
    isStale: false,
    haveKeysEnded: false,
    runsAlone,
    busySince: undefined,
    isBackingOff: false,
    hasSpoken: false,
    hasSaidThatItWaits: false,
    failedStarts: 0,
    deaths: 0,
    exitCode: undefined,
    isEnding: false,
  };
}

export function canProve({ sessionKnown }: HostOutput): boolean {
  return sessionKnown() === 'yes';
}
