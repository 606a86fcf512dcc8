// What every command gets and prints.
import { KeyturnError } from '../../core/errors';
import type { Clock } from '../../core/provider';
import { terminalJson } from '../../core/text/safe-text';
import type { Terminal } from './terminal';

/** All that a command needs besides its arguments; tests hand in a person and a clock of their own. */
export interface CommandContext {
  terminal: Terminal;
  clock: Clock;
}

/** Flags of every command. */
export interface CommonFlags {
  config: string;
  json?: boolean;
}

/** @returns the exit code; `keyturn run` ends with that of the server that it ran */
export type Command<Flags> = (flags: Flags, context: CommandContext) => Promise<number>;

/** @throws {KeyturnError} not-allowed, unless a person says yes, or has said so with `--yes` */
export async function requireConfirmation(
  { terminal }: CommandContext,
  { yes }: { yes?: boolean },
  question: string,
): Promise<void> {
  if (yes || (await terminal.confirm(question))) return;
  throw new KeyturnError('not-allowed', 'not confirmed; nothing was changed');
}

/** The same facts for people, or as the one JSON document on stdout. */
export function print(
  { terminal }: CommandContext,
  { json }: { json?: boolean },
  facts: object,
  text: string,
): void {
  terminal.out(json ? `${terminalJson(facts)}\n` : text);
}
