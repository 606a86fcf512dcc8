// Reads a command line, runs one command of those it is given, and ends with an exit code.
import { Command, CommanderError } from 'commander';
import { terminalJson } from '../../core/text/safe-text';
import { version } from '../../package.json';
import { useCredentials } from '../aws/credentials';
import type { CommandContext } from '../terminal/command';
import { describeFailure, type ExitCode, exitCode, type Failure } from '../terminal/exit-code';
import type { Terminal } from '../terminal/terminal';
import { addCommand, type CommandDefinition, takesCredentials } from './definition';

export interface CommandLine {
  name: string;
  about: string;
  /** Words that hold commands, such as `issuer` of `issuer set`, and what is said of them. */
  groups: Record<string, string>;
  commands: CommandDefinition[];
}

/** @returns the exit code */
export async function runCommandLine(
  commandLine: CommandLine,
  args: string[],
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  let code: number = exitCode.done;
  const program = buildProgram(commandLine);
  for (const definition of commandLine.commands) {
    addCommand(program, definition, async flags => {
      if (takesCredentials(definition)) useCredentials(flags);
      code = await (await definition.load())(flags as never, context);
    });
  }
  inEveryCommand(program, command => speakThrough(command, terminal));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const json = asksForJson(args);
    if (!(error instanceof CommanderError)) return printFailure(describeFailure(error), json, context);
    if (!error.exitCode) return exitCode.done;
    // Commander has printed it for people already.
    if (json) terminal.out(errorDocument('usage', error.message.replace(/^error: /, '')));
    return exitCode.usage;
  }
}

/** What stands behind `--` is another program's. */
function asksForJson(args: string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).includes('--json');
}

function printFailure(
  { exitCode, code, message }: Failure,
  json: boolean,
  { terminal }: CommandContext,
): ExitCode {
  if (json) terminal.out(errorDocument(code, message));
  terminal.err(`keyturn: ${message}\n`);
  return exitCode;
}

function errorDocument(code: string, message: string): string {
  return `${terminalJson({ error: { code, message } })}\n`;
}

function buildProgram({ name, about, groups }: CommandLine): Command {
  const program = new Command(`npx ${name}`)
    .version(version)
    .enablePositionalOptions()
    .description(about)
    .addHelpText('after', afterHelp)
    .showSuggestionAfterError();
  for (const [word, said] of Object.entries(groups)) program.command(word).description(said);
  return program;
}

const afterHelp = `
A key is named <environment>/<provider>/<server>[/<purpose>], such as
prod/sendgrid/support-bot.
Exit codes: 0 done, 1 done but something needs your attention, 2 usage error,
3 not allowed, 70 failed, 130 stopped by Ctrl-C.`;

/** As wide as an ordinary page where nobody looks at a terminal. */
const pageWidth = 80;

function speakThrough(command: Command, terminal: Terminal): void {
  const widthOf = (columns: number) => (Number.isFinite(columns) ? columns : pageWidth);
  command.exitOverride().configureOutput({
    writeOut: terminal.out,
    writeErr: terminal.err,
    getOutHelpWidth: () => widthOf(terminal.width.out),
    getErrHelpWidth: () => widthOf(terminal.width.err),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

function inEveryCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) inEveryCommand(child, change);
}
