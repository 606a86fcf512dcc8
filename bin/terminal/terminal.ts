// The person at the keyboard, or the pipe in their place. Secrets come in here and never go out, and nothing that a terminal
// obeys does, whoever wrote it. This folder holds how
// commands read, print and end.
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { KeyturnError } from '../../core/errors';
import { terminalText } from '../../core/text/safe-text';
import { readHidden } from './hidden-input';

export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Progress, warnings, errors, questions. */
  err(text: string): void;
  /** The same, in the place of the present line where lines can be redrawn. */
  overwrite(text: string): void;
  /** The terminal is interactive. */
  readonly canAsk: boolean;
  /** Lines can be redrawn. */
  readonly redraws: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** @returns true for `y` or `yes` */
  confirm(question: string): Promise<boolean>;
  /**
   * Reads a secret: from a prompt that shows nothing, or from what is piped in, up to its end.
   * @param isWhole false while the text goes on in the next line
   */
  readSecret(question: string, isWhole: (text: string) => boolean): Promise<string>;
}

export interface Streams {
  stdin: Readable & { isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  stdout: { write(text: string): unknown };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

const eraseLine = '\r\u001b[K';

export function createTerminal(
  { stdin, stdout, stderr }: Streams,
  interruption: AbortController = new AbortController(),
): Terminal {
  const { signal } = interruption;
  const canAsk = stdin.isTTY === true;
  const redraws = stderr.isTTY === true;
  return {
    out: written => void stdout.write(terminalText(written)),
    err: written => void stderr.write(terminalText(written)),
    overwrite: written => void stderr.write(`${redraws ? eraseLine : ''}${terminalText(written)}`),
    canAsk,
    redraws,
    interrupted: signal,

    async confirm(question) {
      if (!canAsk)
        throw new KeyturnError(
          'usage',
          'this needs confirmation, but the terminal is not interactive; add --yes',
        );
      const lines = createInterface({ input: stdin, output: stderr });
      lines.on('SIGINT', () => interruption.abort());
      try {
        const answer = await lines.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        lines.close();
      }
    },

    async readSecret(question, isWhole) {
      if (!canAsk) return (await text(stdin)).replace(/\r?\n$/, '');
      stderr.write(`${question} (input is hidden): `);
      stdin.setRawMode?.(true);
      try {
        return await readHidden(stdin, isWhole, interruption);
      } finally {
        stdin.setRawMode?.(false);
        stdin.pause();
        stderr.write('\n');
      }
    },
  };
}

/** Ctrl-C aborts; a second one ends the process. */
export function processTerminal(): Terminal {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  return createTerminal(process, interruption);
}
