// The whole command line, `keyturn`. Its parts stand in command-line/, and what a command does in commands/.
import { allCommands } from './command-line/all-commands';
import { runCommandLine } from './command-line/command-line';
import type { CommandContext } from './terminal/command';

/** Runs one command line. @returns the exit code */
export function runProgram(args: string[], context: CommandContext): Promise<number> {
  const keyturn = {
    name: 'keyturn',
    about: 'Issues, rotates and watches the API keys of MCP servers, in your own AWS accounts.',
    groups: {
      connector: 'begin a connector for a provider that Keyturn does not have',
      federation: "end a provider's trust in the role of a server",
      issuer: "set and check the providers' admin credentials, which Keyturn uses to create and revoke keys",
      sandbox: 'practise in a simulated account on this machine: steal keys, break providers, read the mail',
    },
    commands: allCommands(),
  };
  return runCommandLine(keyturn, args, context);
}
