// What a person should do next: a sentence, and the command that does it, which can be pasted into a shell as it stands.
import { commandText, oneLine } from './safe-text';

export interface Step {
  /** A sentence, without the command. */
  text: string;
  /** `npx keyturn ...`, or another command of a shell. @default - there is none for it */
  command?: string;
}

/** @param text ends with a full stop where no command follows @param args of `npx keyturn` */
export function step(text: string, ...args: string[]): Step {
  return args.length ? { text, command: keyturnCommand(...args) } : { text };
}

/** Runs where people are on call: in the repository with the team's configuration. */
export function keyturnCommand(...args: string[]): string {
  return ['npx', 'keyturn', ...args.map(shellWord)].join(' ');
}

/** Ids of keys are others' words: no shell may obey them. */
function shellWord(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}

export function stepInLine({ text, command }: Step): string {
  return command ? `${text} ${command}` : text;
}

/** For a terminal: the command has a line to itself, so that it can be copied whole. */
export function stepLines({ text, command }: Step): string[] {
  return [`  - ${oneLine(text)}`, ...(command ? [`      ${commandText(command)}`] : [])];
}
