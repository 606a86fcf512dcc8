// Questions in words, to a person at a terminal.
import { createInterface } from 'node:readline/promises';
import { KeyturnError } from '../../core/errors';

/** Asks a person. @returns what was typed, without blanks around it */
export type AskPerson = (question: string) => Promise<string>;

/** Asks again until what was typed can be read. */
export type AskUntilValid = <T>(question: string, read: (typed: string) => T) => Promise<T>;

/** @param ask @default - there is nobody, so that no question is asked */
export function untilRight(ask?: AskPerson, say?: (text: string) => void): AskUntilValid {
  return async (question, read) => {
    for (;;) {
      try {
        // The flags are complete where there is nobody.
        return read((await ask?.(question)) ?? '');
      } catch (error) {
        if (!ask || !(error instanceof KeyturnError)) throw error;
        say?.(`${error.message}\n`);
      }
    }
  };
}

export async function withPrompt<T>(signal: AbortSignal, use: (ask: AskPerson) => Promise<T>): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  try {
    return await use(async question =>
      (
        await lines.question(`${question}: `, { signal: AbortSignal.any([signal, interrupted.signal]) })
      ).trim(),
    );
  } finally {
    lines.close();
  }
}
