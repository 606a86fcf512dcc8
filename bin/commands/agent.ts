import { setTimeout as sleep } from 'node:timers/promises';
import { type OnChange, runAgent } from '../../client/agent/agent';
import { parseFile, parseTemplate } from '../../client/agent/key-files';
import { parseDuration } from '../../client/doctor/duration';
import { waitingForNetwork } from '../../client/keys/sources/first-reads';
import { KeyturnError } from '../../core/errors';
import { keySourceOf, type ServerFlags, serverVariables } from '../config/server-variables';
import { type CommandContext, print } from '../terminal/command';

export interface AgentFlags extends ServerFlags {
  command: string[];
  file: string[];
  template: string[];
  signal?: string;
  onChange?: string;
  once?: boolean;
  json?: boolean;
  poll: string;
  passAws?: boolean;
  eventsQueue?: string;
}

const firstReadMs = 30_000;
/** Container hosts give as long. */
const stopMs = 10_000;
const signals: NodeJS.Signals[] = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGTERM'];

/** @returns the exit code of the program behind `--` */
export async function agent(flags: AgentFlags, context: CommandContext): Promise<number> {
  const { terminal } = context;
  if (flags.json && !flags.once)
    throw new KeyturnError('usage', '--json prints what --once writes; add --once, or leave it out');
  const known = await serverVariables(flags);
  const { variables, region } = known;
  const say = (text: string) => terminal.err(`npx keyturn agent: ${text}\n`);
  const names = variables.map(({ name }) => name);
  const files = [
    ...flags.file.map(text => parseFile(text, names)),
    ...flags.template.map(text => parseTemplate(text, names)),
  ];
  const onChange = onChangeOf(flags);
  if (!files.length && onChange.kind !== 'restart')
    throw new KeyturnError('usage', 'nothing to do; give --file, --template, or a command behind "--"');
  const reads = { forMs: firstReadMs, say, now: Date.now, sleep };
  const code = await runAgent({
    ...{ variables, files, onChange, say, region, stopMs },
    source: waitingForNetwork(keySourceOf(known).source, reads),
    env: process.env,
    passesAws: flags.passAws === true,
    once: flags.once === true,
    pollMs: parseDuration(flags.poll),
    output: process.stdout,
    errors: process.stderr,
    ...(flags.eventsQueue && { queueUrl: flags.eventsQueue }),
  });
  if (flags.json) print(context, flags, { files: files.map(({ path }) => path) }, '');
  return code;
}

/** @throws {KeyturnError} usage */
function onChangeOf({ command, signal, onChange }: AgentFlags): OnChange {
  if (signal === undefined) {
    if (command.length) return { kind: 'restart', program: command };
    return onChange === undefined ? { kind: 'nothing' } : { kind: 'command', line: onChange };
  }
  const name = signals.find(each => each === `SIG${signal.toUpperCase().replace(/^SIG/, '')}`);
  if (!name)
    throw new KeyturnError(
      'usage',
      `--signal "${signal}" is not supported; use one of ${signals.join(', ')}`,
    );
  if (!command.length)
    throw new KeyturnError(
      'usage',
      '--signal needs the program that it goes to; give its command behind "--"',
    );
  return { kind: 'signal', name, program: command };
}
