// Programs beside `keyturn` itself, such as `npm start`: their flags are read, and their failures told, in the same way.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { KeyturnError } from '../../core/errors';
import { terminalJson } from '../../core/text/safe-text';
import { describeFailure, exitCode } from './exit-code';
import { endQuietly } from './terminal';

/** Reads a number of a flag. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Use a whole number from ${least} to ${most}.`);
  };
}

/** A program with `--json`; `main` is its action. @param name as a person calls it: `npm start --` */
export function entry(name: string, about: string): Command {
  return new Command(name).description(about).option('--json', 'print the facts as one JSON document');
}

/** Runs a program to its end. @param main gets the flags. @returns the exit code, after having set it */
export async function runEntry(
  program: Command,
  main: (flags: never) => Promise<number>,
  args = process.argv.slice(2),
): Promise<number> {
  for (const output of [process.stdout, process.stderr]) endQuietly(output, () => {});
  let code: number = exitCode.done;
  program.exitOverride().action(async flags => {
    code = await main(flags as never);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    code = tell(error, args.includes('--json'));
  }
  process.exitCode = code;
  return code;
}

function tell(error: unknown, json: boolean): number {
  // Commander has printed it already.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.done;
    if (json) printJson('usage', error.message.replace(/^error: /, ''));
    return exitCode.usage;
  }
  const failure = describeFailure(error);
  if (json) printJson(failure.code, failure.message);
  // Whoever runs these has the source at hand, and nothing of theirs holds a key of the world outside.
  const isForeseen = error instanceof KeyturnError;
  process.stderr.write(isForeseen ? `error: ${failure.message}\n` : `${stacksOf(error)}\n`);
  return failure.exitCode;
}

function printJson(code: string, message: string): void {
  process.stdout.write(`${terminalJson({ error: { code, message } })}\n`);
}

function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause ? `${stack}\n${stacksOf(error.cause)}` : stack;
}
