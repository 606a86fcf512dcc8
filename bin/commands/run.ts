import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../../client/doctor/duration';
import { examine } from '../../client/doctor/examine';
import type { Variable } from '../../client/doctor/variables';
import { waitingForNetwork } from '../../client/keys/sources/first-reads';
import { keepingCopy } from '../../client/keys/sources/kept-copy';
import type { KeySource } from '../../client/keys/sources/key-source';
import { createLocalSource, type LocalValues, readerOf } from '../../client/keys/sources/local-source';
import { runBehindBroker, type SandboxWishes } from '../../client/run/behind-broker';
import { runBehindRemoteBroker } from '../../client/run/behind-remote-broker';
import { parseHttpAddress } from '../../client/run/http/http-address';
import { type RunParts, runServer } from '../../client/run/run';
import { defaultUsageTarget, type UsageTarget } from '../../client/usage/usage-sinks';
import { KeyturnError } from '../../core/errors';
import {
  keySourceOf,
  type ServerFlags,
  type ServerVariables,
  serverVariables,
} from '../config/server-variables';
import { brokerToken } from '../input/broker-token';
import { copyFile, localValues, passphraseReader } from '../input/local-values';
import { type CommandContext, print } from '../terminal/command';
import type { Terminal } from '../terminal/terminal';
import { checkCaller, exitCodeOf, findingFacts, findingsInWords } from './doctor';

export interface RunFlags extends ServerFlags {
  command: string[];
  check?: boolean;
  json?: boolean;
  poll: string;
  fresh: string;
  startTimeout: string;
  drain: string;
  usage: boolean;
  passAws?: boolean;
  stopFirst?: boolean;
  broker?: boolean;
  sandbox?: boolean;
  readable: string[];
  writable: string[];
  allowHost: string[];
  brokerAt?: string;
  tokenFile?: string;
  http?: string;
  ready?: string;
  local?: string;
  keepCopy?: string;
  metrics?: string;
  eventsQueue?: string;
}

const stopMs = 2_000;
const restartMs = [0, 500, 2_000, 5_000, 10_000];
/** Standard output is the protocol's. */
const targets: UsageTarget[] = ['cloudwatch', 'stderr', 'none'];

/** @returns the server's own exit code */
export async function run(flags: RunFlags, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const common = commonParts(flags, terminal);
  if (flags.json && !flags.check)
    throw new KeyturnError('usage', '--json prints what --check finds; add --check, or leave it out');
  if (flags.brokerAt) return runAt(flags.brokerAt, flags.tokenFile, common);
  const known = await serverVariables(flags);
  const { variables, region } = known;
  const { say, limits, clients } = common;
  const sandbox = sandboxOf(flags);
  const values = valuesOf(flags.local, known, terminal);
  const aws = keySourceOf(known);
  const reads = { forMs: limits.startMs, say, now: Date.now, sleep };
  const source = values
    ? createLocalSource(variables, values)
    : waitingForNetwork(withCopy(aws.source, flags.keepCopy, known, say), reads);
  // All that flags say is refused before AWS is asked anything.
  const ended = await checkFirst(known, flags, context, values ? { values } : { stored: aws.source });
  if (ended !== undefined) return ended;
  const parts = { ...common, variables, source, region, countsRequests: flags.usage };
  if (!flags.broker) return runServer(parts);
  if (clients.over === 'http')
    say(
      'with --broker the server does not restart when its keys rotate: --http only starts it again where it ends.',
    );
  const reader = values ? readerOf(source) : aws.reader;
  const { ask, federated } = aws;
  const settingsOf = known.settingsOf ?? (() => undefined);
  return runBehindBroker(parts, { reader, ask, federated, settingsOf, ...(sandbox && { sandbox }) });
}

/** What flags alone say. @throws {KeyturnError} usage */
function commonParts(flags: RunFlags, terminal: Terminal) {
  return {
    command: flags.command,
    env: process.env,
    passesAws: flags.passAws === true,
    stopFirst: flags.stopFirst === true,
    clients: clientsOf(flags),
    say: (text: string) => void terminal.err(`npx keyturn run: ${text}\n`),
    errors: process.stderr,
    limits: {
      startMs: parseDuration(flags.startTimeout),
      drainMs: parseDuration(flags.drain),
      stopMs,
      restartMs,
    },
    pollMs: parseDuration(flags.poll),
    freshMs: parseDuration(flags.fresh),
    usage: targetOf(flags),
    ...(flags.eventsQueue && { queueUrl: flags.eventsQueue }),
  };
}

/** @throws {KeyturnError} usage */
async function runAt(
  address: string,
  tokenFile: string | undefined,
  common: ReturnType<typeof commonParts>,
): Promise<number> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' || url.username || url.pathname !== '/')
    throw new KeyturnError(
      'usage',
      '--broker-at takes the address of a broker, such as http://broker.internal:3128',
    );
  const token = brokerToken(tokenFile, process.env);
  return runBehindRemoteBroker(common, { url, token });
}

/** @throws {KeyturnError} usage */
function sandboxOf({
  sandbox,
  broker,
  readable,
  writable,
  allowHost,
  local,
}: RunFlags): SandboxWishes | undefined {
  if (sandbox && broker) return { readable, writable, mayReach: allowHost, hidden: local ? [local] : [] };
  if (sandbox)
    throw new KeyturnError('usage', '--sandbox keeps a server from keys that it does not hold; add --broker');
  const alone = Object.entries({ readable, writable, 'allow-host': allowHost }).find(
    ([, given]) => given.length,
  );
  if (alone)
    throw new KeyturnError(
      'usage',
      `--${alone[0]} is for a sandbox; add --broker --sandbox, or leave it out`,
    );
  return undefined;
}

/** @returns the exit code where it ends here: what was found is wrong, or is all that was asked for */
async function checkFirst(
  known: ServerVariables,
  flags: RunFlags,
  context: CommandContext,
  from: { values: LocalValues } | { stored: KeySource },
): Promise<number | undefined> {
  if (!flags.check && 'stored' in from) return undefined;
  if (flags.check && 'stored' in from) await checkCaller(known);
  const { variables, environment, server } = known;
  const findings = await examine({
    expected: variables,
    // As the server would find them: what this process has in its own environment is covered by the keys.
    env: 'values' in from ? await environmentOf(variables, from.values) : {},
    stored: 'stored' in from ? from.stored : undefined,
    verify: false,
    neededMs: 0,
    clock: context.clock,
  });
  const { terminal } = context;
  if (flags.json) print(context, flags, findingFacts(known, findings), '');
  else if (flags.check || findings.length)
    terminal.err(findingsInWords(`${environment}/${server}`, variables.length, findings, terminal.width.err));
  const isWrong = findings.some(({ severity }) => severity === 'error');
  return flags.check || isWrong ? exitCodeOf(findings) : undefined;
}

/** @throws {KeyturnError} usage */
function clientsOf({ http, ready }: RunFlags): RunParts['clients'] {
  const output = process.stdout;
  if (http !== undefined) return { over: 'http', address: parseHttpAddress(http, ready ?? '/'), output };
  if (ready === undefined) return { over: 'stdio', input: process.stdin, output };
  throw new KeyturnError('usage', '--ready is for servers over HTTP; add --http <port>, or leave it out');
}

/** @throws {KeyturnError} refused, in production */
function valuesOf(
  local: string | undefined,
  known: ServerVariables,
  terminal: Terminal,
): LocalValues | undefined {
  if (!local) return undefined;
  if (!known.isProduction) return localValues(local, terminal);
  throw new KeyturnError(
    'refused',
    `${known.environment} is production, and its keys come from AWS only; leave out --local, or choose another --env`,
  );
}

/** @throws {KeyturnError} refused, where the team has not allowed it */
function withCopy(
  source: KeySource,
  passphrase: string | undefined,
  known: ServerVariables,
  say: (text: string) => void,
): KeySource {
  if (passphrase === undefined) return source;
  if (known.allowsCopies) {
    const parts = { file: copyFile(known), passphrase: passphraseReader(passphrase, known) };
    return keepingCopy(source, { ...parts, say, now: Date.now });
  }
  throw new KeyturnError(
    'refused',
    `the keys of ${known.environment} must not be copied to this machine; leave out --keep-copy, or set laptopCopies: 'allowed' in config/keys.ts (never for production)`,
  );
}

async function environmentOf(
  variables: readonly Variable[],
  values: LocalValues,
): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const variable of variables) env[variable.name] = await values.read(variable);
  return env;
}

function targetOf({ metrics, local }: RunFlags): UsageTarget {
  const target = metrics ?? (local ? 'none' : defaultUsageTarget(process.env, undefined));
  if (targets.includes(target as UsageTarget)) return target as UsageTarget;
  throw new KeyturnError(
    'usage',
    `--metrics "${metrics}" is not supported; use one of ${targets.join(', ')}`,
  );
}
