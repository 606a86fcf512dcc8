// The command line: names, flags and help. What a command does stands in commands/, one file each, and is loaded when it
// runs, so that `--help` is quick.
import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import type { Command as Action, CommandContext } from './terminal/command';
import { describeFailure, type ExitCode, exitCode, type Failure } from './terminal/exit-code';

/** Runs one command line. @returns the exit code */
export async function runProgram(args: string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  let code: number = exitCode.done;
  const program = buildProgram(async (load, flags) => {
    code = await (await load())(flags as never, context);
  });
  inEveryCommand(program, command =>
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err }),
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const json = args.includes('--json');
    if (!(error instanceof CommanderError)) return printFailure(describeFailure(error), json, context);
    if (!error.exitCode) return exitCode.done;
    // Commander has printed it for people already.
    if (json) terminal.out(errorDocument('usage', error.message));
    return exitCode.usage;
  }
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
  return `${JSON.stringify({ error: { code, message } }, null, 2)}\n`;
}

type Run = (load: () => Promise<Action<never>>, flags: object) => Promise<void>;

function buildProgram(run: Run): Command {
  const program = new Command('keyturn')
    .version(version)
    .enablePositionalOptions()
    .description('Issues, rotates and watches the API keys of MCP servers, in your own AWS accounts.')
    .addHelpText('after', afterHelp)
    .showSuggestionAfterError();

  selectable(withEnv(common(program.command('plan'))))
    .description('show every key: when it rotates, how long keys overlap, what it costs; asks AWS nothing')
    .action(flags => run(async () => (await import('./commands/plan')).plan, flags));

  const issuer = program
    .command('issuer')
    .description("set and check providers' admin credentials, with which Keyturn makes and revokes keys");
  withEnv(common(issuer.command('set <provider>')))
    .description('store the issuer credential of a provider, from a prompt that shows nothing or from stdin')
    .option('--no-verify', 'do not ask the provider whether it accepts it')
    .action((provider, flags) =>
      run(async () => (await import('./commands/issuer')).issuerSet, { ...flags, provider }),
    );
  withEnv(common(issuer.command('status')))
    .description('show which issuer credentials are set, and since when')
    .action(flags => run(async () => (await import('./commands/issuer')).issuerStatus, flags));

  selectable(withEnv(common(program.command('issue [key...]'))))
    .description('make the first key of every secret that has none; safe to repeat')
    .action((names, flags) => run(async () => (await import('./commands/issue')).issue, { ...flags, names }));

  withEnv(common(program.command('adopt <key>')))
    .description('take over a key that a person made, from a prompt that shows nothing or from stdin')
    .option('--key-id <id>', "the provider's id of the key, where the key itself does not tell it")
    .option('--field <name=value>', 'what servers need besides the key; may be given again', collect, [])
    .option('--replace', 'put it in the place of the current key, which is revoked after its overlap')
    .option('-y, --yes', 'do not ask')
    .action((name, flags) => run(async () => (await import('./commands/adopt')).adopt, { ...flags, name }));

  selectable(withEnv(common(program.command('status'))))
    .description('show the state of every key, problems first; reads no key')
    .action(flags => run(async () => (await import('./commands/status')).status, flags));

  selectable(withEnv(common(program.command('rotate [key...]'))))
    .description('replace keys now, out of turn')
    .option('-y, --yes', 'do not ask')
    .option('--unstick', 'drop a rotation that is stuck before the new one starts')
    .action((names, flags) =>
      run(async () => (await import('./commands/rotate')).rotate, { ...flags, names }),
    );

  servable(common(program.command('doctor')))
    .description('find what keeps the keys of a server from working; prints no key')
    .option('--local', 'look only at the variables of this shell, and ask AWS nothing')
    .option('--verify', 'ask each provider whether it accepts its key')
    .option('--for <duration>', 'how long the keys will be needed: 30m, 8h')
    .action(flags => run(async () => (await import('./commands/doctor')).doctor, flags));

  servable(configured(program.command('run <command...>')))
    .usage('[options] -- <command...>')
    .description(
      'run an MCP server over stdio with its keys in variables, and replace it unnoticed when they rotate',
    )
    .option('--check', 'check the keys, and start nothing')
    .option('--poll <duration>', 'how often to ask for new keys while the client is at work', '60s')
    .option('--fresh <duration>', 'how old its last look at the keys may be when the client calls', '3s')
    .option('--start-timeout <duration>', 'for a new process to be ready', '30s')
    .option('--drain <duration>', 'for the old process to answer what it still owes', '5m')
    .option('--events-queue <url>', 'an SQS queue of its own that "Key Rotated" events come to')
    .option('--metrics <where>', 'cloudwatch, stderr (lines for CloudWatch Logs) or none')
    .option('--no-usage', 'do not count the requests of Node servers from inside')
    .action((command, flags) => run(async () => (await import('./commands/run')).run, { ...flags, command }));

  selectable(withEnv(common(program.command('revoke [key...]'))))
    .description('end keys now: replace them, revoke the old ones, and see them dead')
    .option('--all', 'every key of the environment')
    .option('--reason <text>', 'why, for whoever reads the incident')
    .option('--grace <duration>', 'how long servers have to fetch the new key before the old one ends', '90s')
    .option('--revoke-first', 'end the old key before its replacement is made; its server fails meanwhile')
    .option('--dry-run', 'go through everything but the change itself')
    .option('-y, --yes', 'do not ask')
    .action((names, flags) =>
      run(async () => (await import('./commands/revoke')).revoke, { ...flags, names }),
    );

  withEnv(common(program.command('rollback <key>')))
    .description('make the key before the current one current again, while it still lives')
    .option('-y, --yes', 'do not ask')
    .action((name, flags) =>
      run(async () => (await import('./commands/rollback')).rollback, { ...flags, name }),
    );

  withEnv(common(program.command('silence <key>')))
    .description('have alarms about a key change nothing for a while; on-call is told')
    .option('--for <duration>', 'how long, at most 72h', '4h')
    .option('--reason <text>', 'why, for whoever is on call next')
    .option('--off', 'end the silence')
    .action((name, flags) =>
      run(async () => (await import('./commands/silence')).silence, { ...flags, name }),
    );

  withEnv(common(program.command('test-alarm <key>')))
    .description(
      'a fire drill: set off an alarm of the key, and see that everything but the revocation happens',
    )
    .option('--signal <signal>', "which of the key's alarms, such as off-hours")
    .action((name, flags) =>
      run(async () => (await import('./commands/test-alarm')).testAlarm, { ...flags, name }),
    );

  const incidents = withEnv(common(program.command('incidents')))
    .description('what happened to keys lately, newest first')
    .option('--since <duration>', 'how far back', '7d')
    .action(flags => run(async () => (await import('./commands/incidents')).incidents, flags));
  withEnv(common(incidents.command('show <incident>')))
    .description('the timeline of one incident, open questions and next steps')
    .action((incidentId, flags) =>
      run(async () => (await import('./commands/incidents')).showIncident, { ...flags, incidentId }),
    );

  return program;
}

const afterHelp = `
A key is named <environment>/<provider>/<server>[/<purpose>], such as prod/sendgrid/support-bot.
Exit codes: 0 done, 1 done but attention needed, 2 usage, 3 not allowed, 70 failed.`;

function configured(command: Command): Command {
  return command.option('--config <file>', 'the configuration', 'config/keys.ts');
}

function common(command: Command): Command {
  return configured(command).option('--json', 'print the same facts as one JSON document');
}

function withEnv(command: Command): Command {
  return command.option('--env <environment>', 'needed where there are several and no key tells it');
}

function servable(command: Command): Command {
  return command
    .option('--env <environment>', 'where the server runs', process.env.KEYTURN_ENVIRONMENT)
    .option('--server <server>', 'which server it is', process.env.KEYTURN_SERVER)
    .option(
      '--key <variable=key>',
      'VARIABLE=provider[/purpose][:field] instead of the configuration; may be given again',
      collect,
      [],
    );
}

function selectable(command: Command): Command {
  return command
    .option('--server <server>', 'only keys of this server')
    .option('--provider <provider>', 'only keys of this provider')
    .option('--team <team>', 'only keys of this team');
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function inEveryCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) inEveryCommand(child, change);
}
