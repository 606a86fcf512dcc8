// The person at the keyboard, or the pipe in their place. Secrets come in here and never go out, and nothing that a terminal
// obeys does, whoever wrote it. This folder holds how commands read, print and end.
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { KeyturnError } from '../../core/errors';
import { terminalText } from '../../core/text/safe-text';
import { fold } from './folding';
import { readHidden } from './hidden-input';

export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Results in the place of those before, where there is a terminal. */
  redraw(text: string): void;
  /** Progress, warnings, errors, questions. */
  err(text: string): void;
  /** The same, in the place of the present line where lines can be redrawn. */
  overwrite(text: string): void;
  /** The terminal is interactive. */
  readonly canAsk: boolean;
  /** Lines can be redrawn. */
  readonly redraws: boolean;
  /** Columns that results and messages may take; no limit where they do not go to a terminal. */
  readonly width: { readonly out: number; readonly err: number };
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Aborted once nobody reads the results any more, as behind `| head`. */
  readonly unread: AbortSignal;
  /** @returns true for `y` or `yes` */
  confirm(question: string): Promise<boolean>;
  /**
   * Reads a secret: from a prompt that shows nothing, or from what is piped in, up to its end.
   * @param isWhole false while the text goes on in the next line
   */
  readSecret(question: string, isWhole: (text: string) => boolean): Promise<string>;
}

/** Where text goes: to a terminal, a file, or a pipe whose reader may leave. */
export interface Output {
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Streams {
  stdin: Readable & { isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  stdout: Output;
  stderr: Output & NodeJS.WritableStream;
}

const eraseAll = '\u001b[2J\u001b[3J\u001b[H';
const eraseLine = '\r\u001b[K';
/** A window that is narrower cannot show anything well. */
const narrowest = 40;

export function createTerminal(
  { stdin, stdout, stderr }: Streams,
  interruption: AbortController = new AbortController(),
): Terminal {
  const { signal } = interruption;
  const canAsk = stdin.isTTY === true;
  const redraws = stderr.isTTY === true;
  const unread = new AbortController();
  endQuietly(stdout, () => unread.abort());
  endQuietly(stderr, () => {});
  const say = (written: string) => fold(terminalText(written), widthOf(stderr));
  return {
    out: written => void stdout.write(fold(terminalText(written), widthOf(stdout))),
    redraw: written =>
      void stdout.write(`${stdout.isTTY ? eraseAll : ''}${fold(terminalText(written), widthOf(stdout))}`),
    err: written => void stderr.write(say(written)),
    overwrite(written) {
      const end = written.lastIndexOf('\n') + 1;
      const [lines, last] = [say(written.slice(0, end)), terminalText(written.slice(end))];
      // The next call erases one line: what is redrawn must not be longer.
      const shown = redraws ? `${eraseLine}${lines}${last.slice(0, widthOf(stderr) - 1)}` : say(written);
      stderr.write(shown);
    },
    canAsk,
    redraws,
    width: {
      get out() {
        return widthOf(stdout);
      },
      get err() {
        return widthOf(stderr);
      },
    },
    interrupted: signal,
    unread: unread.signal,

    async confirm(question) {
      if (!canAsk)
        throw new KeyturnError(
          'usage',
          'this needs confirmation, but the terminal is not interactive; add --yes',
        );
      const lines = createInterface({ input: stdin, output: stderr });
      lines.on('SIGINT', () => interruption.abort());
      try {
        const answer = await lines.question(say(`${question} [y/N] `), { signal });
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

function widthOf({ isTTY, columns }: Output): number {
  return isTTY && columns ? Math.max(columns, narrowest) : Number.POSITIVE_INFINITY;
}

/** What the reader of a pipe does not want to hear any more is dropped; what the command does goes on. */
export function endQuietly(output: Pick<Output, 'on'>, onEnd: () => void): void {
  output.on('error', error => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    onEnd();
  });
}

/** Ctrl-C aborts; a second one ends the process. */
export function processTerminal(): Terminal {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  return createTerminal(process, interruption);
}
