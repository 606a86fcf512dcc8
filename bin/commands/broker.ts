import { parseDuration } from '../../client/doctor/duration';
import { keysFor } from '../../client/run/behind-broker';
import { createUsage } from '../../client/usage/usage';
import { defaultUsageTarget, type UsageTarget, usageSink } from '../../client/usage/usage-sinks';
import { KeyturnError } from '../../core/errors';
import { keySourceOf, type ServerFlags, serverVariables } from '../config/server-variables';
import { brokerToken } from '../input/broker-token';
import type { CommandContext } from '../terminal/command';

export interface BrokerFlags extends ServerFlags {
  listen: string;
  tokenFile?: string;
  allowHost: string[];
  poll: string;
  drain: string;
  metrics?: string;
}

const targets: UsageTarget[] = ['cloudwatch', 'stderr', 'none'];

/** @returns 0, once it has been asked to end */
export async function broker(flags: BrokerFlags, { terminal }: CommandContext): Promise<number> {
  const listen = addressOf(flags.listen);
  const token = brokerToken(flags.tokenFile, process.env);
  const target = flags.metrics ?? defaultUsageTarget(process.env, undefined);
  if (!targets.includes(target as UsageTarget))
    throw new KeyturnError(
      'usage',
      `--metrics "${target}" is not supported; use one of ${targets.join(', ')}`,
    );
  const [pollMs, drainMs] = [parseDuration(flags.poll), parseDuration(flags.drain)];
  const known = await serverVariables(flags);
  const { variables, region, settingsOf } = known;
  const { reader, ask, federated } = keySourceOf(known);
  const usage = createUsage(usageSink(target as UsageTarget, region));
  const say = (text: string) => terminal.err(`npx keyturn broker: ${text}\n`);
  const stop = new AbortController();
  const end = () => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
  // What it is made of is of no use to anybody else.
  const { runService } = await import('../../client/broker/service/service');
  try {
    await runService({
      ...{ variables, listen, token, say, usage, drainMs, env: process.env, now: Date.now },
      settingsOf: settingsOf ?? (() => undefined),
      federated: federated.settings,
      keyFor: keysFor({ reader, ask, federated, usage, pollMs }),
      mayReach: flags.allowHost,
      stop: stop.signal,
      onListening: port => say(`it listens at ${listen.host}:${port}.`),
    });
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, end);
    await usage.flush();
  }
  return 0;
}

/** @throws {KeyturnError} usage */
function addressOf(text: string): { host: string; port: number } {
  const [, host = '127.0.0.1', digits = ''] = /^(?:\[?([^[\]/]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits && port <= 65_535) return { host, port };
  throw new KeyturnError(
    'usage',
    `--listen "${text}" is not a port; give one such as 3128, or 0.0.0.0:3128 to be reached from other machines`,
  );
}
