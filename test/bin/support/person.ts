// A made-up person at a made-up keyboard: no pseudo-terminal, so what a prompt does to it can be looked at.
import { PassThrough, Writable } from 'node:stream';
import { runProgram } from '../../../bin/program';
import { createTerminal } from '../../../bin/terminal/terminal';
import type { Clock } from '../../../core/provider';

export interface Person {
  /** What is piped in; without it somebody sits at a terminal. */
  piped?: string;
  /** What they type at each prompt, in turn, with its Enter. */
  types?: string[];
  /** Results go to a terminal of this width. @default - to a pipe */
  columns?: number;
  /** Presses Ctrl-C as soon as this is seen. */
  stopsAt?: RegExp;
  /** The same, in the results. */
  stopsAtOut?: RegExp;
}

export interface Ended {
  code: number;
  out: string;
  err: string;
  /** What the prompts set the keyboard to: true is raw, so that nothing typed is shown. */
  rawModes: boolean[];
}

export const enter = '\r';
export const ctrlC = '\u0003';

const prompt = /(\[y\/N\]|\(input is hidden\):) $/;

export async function sitDown(args: string[], person: Person, clock: Clock): Promise<Ended> {
  const rawModes: boolean[] = [];
  const said = { out: '', err: '' };
  const interruption = new AbortController();
  const stdin = Object.assign(new PassThrough(), {
    isTTY: person.piped === undefined,
    setRawMode: (mode: boolean) => void rawModes.push(mode),
  });
  if (person.piped !== undefined) stdin.end(person.piped);
  const types = [...(person.types ?? [])];
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      said.err += String(chunk);
      if (person.stopsAt?.test(said.err)) interruption.abort();
      const typed = prompt.test(String(chunk)) ? types.shift() : undefined;
      if (typed !== undefined) setImmediate(() => stdin.write(typed));
      done();
    },
  });
  const stdout = {
    write(text: string) {
      said.out += text;
      if (person.stopsAtOut?.test(said.out)) interruption.abort();
    },
    on: () => stdout,
    ...(person.columns !== undefined && { isTTY: true, columns: person.columns }),
  };
  const terminal = createTerminal({ stdin, stdout, stderr }, interruption);
  const code = await runProgram(args, { terminal, clock });
  return { code, ...said, rawModes };
}

/** Version ids, durations and minutes differ from run to run. */
export function scrubbed(text: string): string {
  return text
    .replace(/(\d{4}-\d\d-\d\d \d\d:0)\d/g, '$10')
    .replace(/ \d+ s(?=\s)/g, ' 9 s')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<version>'.padEnd(36));
}
