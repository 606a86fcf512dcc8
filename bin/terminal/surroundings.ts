import type { Clock } from '../../core/provider';
import type { Terminal } from './terminal';

/** All that a command gets besides its arguments, handed in so that tests can be the person and the clock. */
export interface Surroundings {
  terminal: Terminal;
  clock: Clock;
}

/** Flags of every command. */
export interface CommonFlags {
  config: string;
  json?: boolean;
}

export type Command<Flags> = (flags: Flags, surroundings: Surroundings) => Promise<number>;

/** The same facts for people, or as the one JSON document on stdout. */
export function print(
  { terminal }: Surroundings,
  { json }: { json?: boolean },
  facts: object,
  text: string,
): void {
  terminal.out(json ? `${JSON.stringify(facts, null, 2)}\n` : text);
}
