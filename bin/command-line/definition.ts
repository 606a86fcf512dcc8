// What a command is called, what it takes, and how its help reads. This folder defines the command line; what a command does
// stands in commands/ and is loaded when it runs, so that help and completion are quick.
import { type Command, Option } from 'commander';
import type { Command as Action } from '../terminal/command';

/** What a shell may complete there, from the configuration. */
export type Completes =
  | 'environment'
  | 'server'
  | 'provider'
  | 'team'
  | 'key'
  | 'region'
  | 'profile'
  | 'file'
  | 'shell';

export interface Argument {
  /** As commander writes it: `<key>`, `[key...]`. */
  syntax: string;
  /** The field of the flags that holds it. */
  as: string;
  completes?: Completes;
}

export interface Flag {
  option: Option;
  completes?: Completes;
}

export interface CommandDefinition {
  /** With the command that it belongs to: `issuer set`. */
  name: string;
  about: string;
  /** For programs: not in the help. */
  isHidden?: boolean;
  argument?: Argument;
  /** All behind its name is read by another program. */
  passesOn?: boolean;
  usage?: string;
  flags: Flag[];
  /** Whole command lines, and what each is for. */
  examples: [command: string, purpose: string][];
  load(): Promise<Action<never>>;
}

export function flag(
  syntax: string,
  about: string,
  more: { default?: unknown; completes?: Completes; repeats?: true; conflicts?: string[] } = {},
): Flag {
  const option = new Option(syntax, about);
  if (more.repeats) option.argParser((value: string, before: string[] = []) => [...before, value]);
  if (more.conflicts) option.conflicts(more.conflicts);
  if (more.default !== undefined) option.default(more.default, more.repeats && 'none');
  return { option, completes: more.completes };
}

const config = flag('--config <file>', 'the configuration file', {
  default: 'config/keys.ts',
  completes: 'file',
});
const json = flag('--json', 'print the same facts as one JSON document');
const env = flag(
  '--env <environment>',
  'the environment; required if there are several and no key name includes one',
  {
    completes: 'environment',
  },
);
const credentials = [
  flag('--profile <name>', 'the AWS profile whose credentials are used, as with AWS_PROFILE', {
    completes: 'profile',
  }),
  flag(
    '--region <region>',
    'the AWS region; where several environments are possible, it chooses among them',
    {
      completes: 'region',
    },
  ),
];
const key = flag('--server <server>', 'only keys of this server', { completes: 'server' });
const provider = flag('--provider <provider>', 'only keys of this provider', { completes: 'provider' });
const team = flag('--team <team>', 'only keys of this team', { completes: 'team' });

/** Flags that several commands have. */
export const flags = {
  config,
  json,
  env,
  server: key,
  credentials,
  /** Of what works in one environment's account. */
  inAccount: [config, env, ...credentials, json],
  selection: [key, provider, team],
  yes: flag('-y, --yes', 'do not ask for confirmation'),
  dryRun: flag('--dry-run', 'show exactly what would be done, and change nothing'),
  reason: flag('--reason <text>', 'why; shown in the incident'),
};

export function takesCredentials({ flags: taken }: CommandDefinition): boolean {
  return flags.credentials.every(each => taken.includes(each));
}

/** Adds the command to a program. @param run gets the flags, with the argument among them */
export function addCommand(
  program: Command,
  definition: CommandDefinition,
  run: (flags: object) => Promise<void>,
): void {
  const { name, about, isHidden = false, argument, usage, flags, examples } = definition;
  const words = name.split(' ');
  const last = words.pop() ?? '';
  const parent = words.reduce(
    (command, word) => command.commands.find(child => child.name() === word) ?? command,
    program,
  );
  const command = parent
    .command(argument ? `${last} ${argument.syntax}` : last, { hidden: isHidden })
    .description(about);
  if (usage) command.usage(usage);
  if (definition.passesOn) command.helpOption(false).allowUnknownOption().passThroughOptions();
  for (const { option } of flags) command.addOption(option);
  const lines = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}\n`);
  if (lines.length) command.addHelpText('after', `\nExamples:\n${lines.join('')}`);
  command.action((...given: unknown[]) => {
    const [value, options] = argument ? given : [undefined, given[0]];
    return run({ ...(options as object), ...(argument && { [argument.as]: value }) });
  });
}
