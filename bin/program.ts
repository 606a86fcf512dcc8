// The command line: reads it, runs one command, and ends with an exit code. What the commands are stands in command-line/.
import { Command, CommanderError } from 'commander';
import { terminalJson } from '../core/text/safe-text';
import { version } from '../package.json';
import { useCredentials } from './aws/credentials';
import { allCommands } from './command-line/all-commands';
import { addCommand, takesCredentials } from './command-line/definition';
import type { CommandContext } from './terminal/command';
import { describeFailure, type ExitCode, exitCode, type Failure } from './terminal/exit-code';
import type { Terminal } from './terminal/terminal';

/** Runs one command line. @returns the exit code */
export async function runProgram(args: string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  let code: number = exitCode.done;
  const program = buildProgram();
  for (const definition of allCommands()) {
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

function buildProgram(): Command {
  const program = new Command('keyturn')
    .version(version)
    .enablePositionalOptions()
    .description('Issues, rotates and watches the API keys of MCP servers, in your own AWS accounts.')
    .addHelpText('after', afterHelp)
    .showSuggestionAfterError();
  program
    .command('issuer')
    .description(
      "set and check the providers' admin credentials, which Keyturn uses to create and revoke keys",
    );
  program
    .command('sandbox')
    .description(
      'practise in a rehearsed account on this machine: steal keys, break providers, read the mail',
    );
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
