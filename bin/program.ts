// The command line: names, flags and help. What a command does stands in commands/, one file each, and is loaded when it
// runs, so that `--help` is quick.
import { Command, CommanderError } from 'commander';
import { terminalJson } from '../core/text/safe-text';
import { version } from '../package.json';
import { addSandboxCommands } from './sandbox/command-lines';
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
  return `${terminalJson({ error: { code, message } })}\n`;
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
    .description(
      'show every key: when it rotates, how long its old and new value overlap, what it costs; does not call AWS',
    )
    .action(flags => run(async () => (await import('./commands/plan')).plan, flags));

  program
    .command('init [directory]')
    .description('start a repository for your keys, in a new or empty folder; asks for what no flag tells')
    .option('--account <id>', 'the AWS account, 12 digits')
    .option('--region <region>', 'the AWS region, such as eu-central-1')
    .option(
      '--server <name=providers>',
      'an MCP server and its providers, such as support-bot=sendgrid,openai; repeatable',
      collect,
      [],
    )
    .option('--env <environment>', 'the name of the environment', 'prod')
    .option('--json', 'print the same facts as one JSON document')
    .action((directory, flags) =>
      run(async () => (await import('./commands/init')).init, { ...flags, directory: directory ?? '.' }),
    );

  program
    .command('rehearse [options...]')
    .description('try your configuration: months of rotations, a leak and an outage, on this machine alone')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(options => run(async () => (await import('./commands/rehearse')).rehearse, { options }));

  const issuer = program
    .command('issuer')
    .description(
      "set and check the providers' admin credentials, which Keyturn uses to create and revoke keys",
    );
  withEnv(common(issuer.command('set <provider>')))
    .description('store the admin credential of a provider; reads it from a hidden prompt or from stdin')
    .option('--no-verify', 'do not check it with the provider')
    .action((provider, flags) =>
      run(async () => (await import('./commands/issuer')).issuerSet, { ...flags, provider }),
    );
  withEnv(common(issuer.command('status')))
    .description('show which admin credentials are set, and since when')
    .action(flags => run(async () => (await import('./commands/issuer')).issuerStatus, flags));

  selectable(withEnv(common(program.command('issue [key...]'))))
    .description('create the first key of every secret that has none; safe to repeat')
    .action((names, flags) => run(async () => (await import('./commands/issue')).issue, { ...flags, names }));

  withEnv(common(program.command('adopt <key>')))
    .description('take over a key that a person created; reads it from a hidden prompt or from stdin')
    .option('--key-id <id>', "the provider's id of the key, if the key itself does not contain it")
    .option('--field <name=value>', 'a further value that servers need; repeatable', collect, [])
    .option('--replace', 'replace the current key, which is revoked after its overlap')
    .option('-y, --yes', 'do not ask for confirmation')
    .action((name, flags) => run(async () => (await import('./commands/adopt')).adopt, { ...flags, name }));

  selectable(withEnv(common(program.command('status'))))
    .description('show the state of every key, problems first; does not read any key')
    .action(flags => run(async () => (await import('./commands/status')).status, flags));

  selectable(withEnv(common(program.command('rotate [key...]'))))
    .description('rotate keys now, without waiting for their schedule')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--unstick', 'end a rotation that is stuck before the new one starts')
    .action((names, flags) =>
      run(async () => (await import('./commands/rotate')).rotate, { ...flags, names }),
    );

  servable(common(program.command('doctor')))
    .description('find out why the keys of a server do not work; never prints a key')
    .option('--local', 'check only the variables of this shell; does not call AWS')
    .option('--verify', 'check each key with its provider')
    .option('--for <duration>', 'how long the keys will be needed, such as 30m or 8h')
    .action(flags => run(async () => (await import('./commands/doctor')).doctor, flags));

  servable(configured(program.command('run <command...>')))
    .usage('[options] -- <command...>')
    .description(
      'run an MCP server over stdio with its keys in environment variables; when they rotate, it moves to a new process',
    )
    .option('--check', 'check the keys and exit without starting the server')
    .option('--poll <duration>', 'how often to check for new keys while the client is active', '60s')
    .option('--fresh <duration>', 'check the keys before a call if the last check is older than this', '3s')
    .option('--start-timeout <duration>', 'how long a new process may take to be ready', '30s')
    .option(
      '--drain <duration>',
      'how long the old process may take to answer open requests after its key has ended',
      '5m',
    )
    .option(
      '--stop-first',
      'end the old process before the new one starts, for servers that cannot run twice',
    )
    .option(
      '--local <source>',
      'read the keys from prompt, keychain or an env file instead of AWS; not in production',
    )
    .option(
      '--keep-copy <passphrase>',
      'keep an encrypted copy of the keys, for up to a day without AWS; read its passphrase from keychain or a file',
    )
    .option('--pass-aws', 'pass the AWS credentials of this command on to the server')
    .option('--events-queue <url>', 'an SQS queue that receives "Key Rotated" events for this process only')
    .option('--metrics <where>', 'where metrics go: cloudwatch, stderr (lines for CloudWatch Logs) or none')
    .option('--no-usage', 'do not count requests inside Node servers')
    .action((command, flags) => run(async () => (await import('./commands/run')).run, { ...flags, command }));

  selectable(withEnv(common(program.command('revoke [key...]'))))
    .description('revoke keys now: replace them, revoke the old ones, and check that providers reject them')
    .option('--all', 'every key of the environment')
    .option('--reason <text>', 'why; shown in the incident')
    .option(
      '--grace <duration>',
      'how long servers have to fetch the new key before the old one is revoked',
      '90s',
    )
    .option(
      '--revoke-first',
      'revoke the old key before its replacement exists; calls of its server fail until then',
    )
    .option('--dry-run', 'do everything except change keys')
    .option('-y, --yes', 'do not ask for confirmation')
    .action((names, flags) =>
      run(async () => (await import('./commands/revoke')).revoke, { ...flags, names }),
    );

  withEnv(common(program.command('end [key...]')))
    .description(
      'revoke keys for good, before you take them out of the configuration; the providers must reject them',
    )
    .option('--server <server>', 'only keys of this server')
    .option('--provider <provider>', 'only keys of this provider')
    .option('--reason <text>', 'why; shown in the incident')
    .option('--forget', 'delete the secrets of ended keys, so that you can add the keys again')
    .option('-y, --yes', 'do not ask for confirmation')
    .action((names, flags) => run(async () => (await import('./commands/end')).end, { ...flags, names }));

  withEnv(common(program.command('check')))
    .description(
      'before a deploy: compare the configuration with what is deployed; exit code 1 says not to deploy',
    )
    .action(flags => run(async () => (await import('./commands/check')).check, flags));

  withEnv(common(program.command('proof [key-id]')))
    .description('show what was seen of the end of a key; takes the id that the provider gave it')
    .option('--delays', 'how long each provider was seen to accept revoked keys')
    .action((keyId, flags) => run(async () => (await import('./commands/proof')).proof, { ...flags, keyId }));

  withEnv(common(program.command('rollback <key>')))
    .description('make the previous key current again, while its provider still accepts it')
    .option('-y, --yes', 'do not ask for confirmation')
    .action((name, flags) =>
      run(async () => (await import('./commands/rollback')).rollback, { ...flags, name }),
    );

  withEnv(common(program.command('silence <key>')))
    .description('stop alarms from changing a key for a while; notifies on-call')
    .option('--for <duration>', 'how long, at most 72h', '4h')
    .option('--reason <text>', 'why; shown to the person on call')
    .option('--off', 'end the silence')
    .action((name, flags) =>
      run(async () => (await import('./commands/silence')).silence, { ...flags, name }),
    );

  withEnv(common(program.command('test-alarm <key>')))
    .description(
      'a fire drill: set off an alarm of the key, and check that everything except the revocation happens',
    )
    .option('--signal <signal>', "which of the key's alarms, such as off-hours")
    .action((name, flags) =>
      run(async () => (await import('./commands/test-alarm')).testAlarm, { ...flags, name }),
    );

  const incidents = withEnv(common(program.command('incidents')))
    .description('list recent incidents, newest first')
    .option('--since <duration>', 'how far back', '7d')
    .action(flags => run(async () => (await import('./commands/incidents')).incidents, flags));
  withEnv(common(incidents.command('show <incident>')))
    .description('show the timeline of one incident, open questions and next steps')
    .action((incidentId, flags) =>
      run(async () => (await import('./commands/incidents')).showIncident, { ...flags, incidentId }),
    );

  addSandboxCommands(program, run);
  return program;
}

const afterHelp = `
A key is named <environment>/<provider>/<server>[/<purpose>], such as prod/sendgrid/support-bot.
Exit codes: 0 done, 1 done but something needs your attention, 2 usage error, 3 not allowed, 70 failed.`;

function configured(command: Command): Command {
  return command.option('--config <file>', 'the configuration file', 'config/keys.ts');
}

function common(command: Command): Command {
  return configured(command).option('--json', 'print the same facts as one JSON document');
}

function withEnv(command: Command): Command {
  return command.option(
    '--env <environment>',
    'the environment; needed if there are several and no key names one',
  );
}

function servable(command: Command): Command {
  return command
    .option('--env <environment>', 'the environment that the server runs in', process.env.KEYTURN_ENVIRONMENT)
    .option('--server <server>', 'the name of the server', process.env.KEYTURN_SERVER)
    .option(
      '--key <variable=key>',
      'VARIABLE=provider[/purpose][:field] instead of the configuration; repeatable',
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
