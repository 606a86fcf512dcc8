// What the host is given, and what it gives.
import type { Readable, Writable } from 'node:stream';

/** What a process is started with. */
export interface Launch {
  env: NodeJS.ProcessEnv;
  /** Names the keys' versions: no process is replaced by one with the same keys. */
  versions: string;
}

export interface HostParts {
  command: readonly string[];
  input: Readable;
  output: Writable;
  first: Launch;
  /** Reads the keys anew. @param process the number of the process that would start with them */
  launch(process: number): Promise<Launch>;
  /** For people: a line on standard error. */
  say(text: string): void;
  onSwitched(process: number, ms: number): void;
  /** A process with new keys could not take over. */
  onFailedStart(): void;
  limits: HostLimits;
}

/** Milliseconds. */
export interface HostLimits {
  /** For a process to answer the handshake. */
  startMs: number;
  /** For a superseded process to answer what it still owes. */
  drainMs: number;
  /** Between closing a process's input, SIGTERM and SIGKILL. */
  stopMs: number;
  /** Before each time that a process which died is replaced; after the last one the host ends as the process did. */
  restartMs: readonly number[];
}

export interface Host {
  /** The exit code, once the server has ended for good and everything is written. */
  ended: Promise<number>;
  /** The keys may have changed: replaces the process if they have. */
  renew(): void;
  /** Pending while another process is about to take over, until it does or cannot. */
  replacing(): Promise<void> | undefined;
  /** Passes on a signal that asks to end. */
  signal(name: NodeJS.Signals): void;
  /** Nothing that was started survives this. */
  killNow(): void;
}
