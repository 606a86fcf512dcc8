import { parseDuration } from '../../client/doctor/duration';
import { examine } from '../../client/doctor/examine';
import { runServer } from '../../client/run/run';
import { defaultUsageTarget, type UsageTarget } from '../../client/usage/usage-sinks';
import { KeyturnError } from '../../core/errors';
import { keySourceOf, type ServerFlags, serverVariables } from '../config/server-variables';
import type { CommandContext } from '../terminal/command';
import { findingsInWords, worst } from './doctor';

export interface RunFlags extends ServerFlags {
  command: string[];
  check?: boolean;
  poll: string;
  fresh: string;
  startTimeout: string;
  drain: string;
  usage: boolean;
  passAws?: boolean;
  stopFirst?: boolean;
  metrics?: string;
  eventsQueue?: string;
}

const stopMs = 2_000;
const restartMs = [0, 500, 2_000, 5_000, 10_000];
/** Standard output is the protocol's. */
const targets: UsageTarget[] = ['cloudwatch', 'stderr', 'none'];

/** @returns the server's own exit code */
export async function run(flags: RunFlags, { terminal, clock }: CommandContext): Promise<number> {
  const { variables, environment, server, region } = await serverVariables(flags);
  const { source, stored } = keySourceOf(region);
  const usage = targetOf(flags.metrics);
  const limits = {
    startMs: parseDuration(flags.startTimeout),
    drainMs: parseDuration(flags.drain),
    stopMs,
    restartMs,
  };
  const [pollMs, freshMs] = [parseDuration(flags.poll), parseDuration(flags.fresh)];
  if (flags.check) {
    // As the server would find them: what this process has in its own environment is covered by the keys.
    const findings = await examine({
      expected: variables,
      env: {},
      stored,
      verify: false,
      neededMs: 0,
      clock,
    });
    terminal.err(findingsInWords(`${environment}/${server}`, variables.length, findings));
    return worst(findings);
  }
  return runServer({
    command: flags.command,
    variables,
    source,
    env: process.env,
    passesAws: flags.passAws ?? false,
    stopFirst: flags.stopFirst ?? false,
    input: process.stdin,
    output: process.stdout,
    say: text => terminal.err(`keyturn run: ${text}\n`),
    limits,
    pollMs,
    freshMs,
    usage,
    region,
    countsRequests: flags.usage,
    ...(flags.eventsQueue && { queueUrl: flags.eventsQueue }),
  });
}

function targetOf(metrics: string | undefined): UsageTarget {
  const target = metrics ?? defaultUsageTarget(process.env, undefined);
  if (targets.includes(target as UsageTarget)) return target as UsageTarget;
  throw new KeyturnError(
    'usage',
    `--metrics "${metrics}" is no place for metrics; use one of ${targets.join(', ')}`,
  );
}
