// `keyturn run --broker`: the server's processes hold placeholders, and the broker beside them has the keys.
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { kindOf } from '../../connectors/load';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { dayMs } from '../../core/time';
import type { Broker } from '../broker/broker';
import { createCachedKey } from '../keys/secrets/cached-key';
import type { SecretReader } from '../keys/secrets/secret-reader';
import { createCachedToken } from '../keys/tokens/cached-token';
import type { FederationSettingsByKey } from '../keys/tokens/federation-asker';
import type { AskForToken } from '../keys/tokens/token-asker';
import { createUsage, type Usage } from '../usage/usage';
import { usageSink } from '../usage/usage-sinks';
import type { Spawn } from './host/server-process';
import { type RunParts, runServer } from './run';

export interface BrokeredParts {
  reader: SecretReader;
  ask: AskForToken;
  /** Keys in whose place the provider accepts the server's role. */
  federated: { settings: FederationSettingsByKey; ask: AskForToken };
  settingsOf(address: KeyAddress): Record<string, unknown> | undefined;
  /** The server sees nothing of this machine but what it needs, and reaches nothing but the broker. @default - neither */
  sandbox?: SandboxWishes;
}

export interface SandboxWishes {
  readable: readonly string[];
  writable: readonly string[];
  /** Files with keys. */
  hidden: readonly string[];
  /** Besides the hosts of its keys. */
  mayReach: readonly string[];
}

/** Paths of the programs that make it. */
interface SandboxTools {
  bubblewrap: string;
  /** Where the server is reached over HTTP. */
  nsenter?: string;
}

/**
 * @returns the server's exit code
 * @throws {KeyturnError} where the keys cannot be had or cannot be put into requests: then nothing was started
 */
export async function runBehindBroker(
  parts: RunParts,
  { reader, ask, federated, settingsOf, sandbox }: BrokeredParts,
): Promise<number> {
  const tools = sandbox && (await probed(parts));
  const usage = createUsage(usageSink(parts.usage, parts.region));
  const keyFor = keysFor({ reader, ask, federated, usage, pollMs: parts.pollMs });

  // What it is made of is of no use to anybody else.
  const { openBroker } = await import('../broker/broker');
  const { variables, env, say } = parts;
  const broker = await openBroker({
    variables,
    settingsOf,
    federated: federated.settings,
    keyFor,
    usage,
    env,
    say,
    now: Date.now,
    ...(sandbox && { alone: sandbox }),
  });
  try {
    const inside = sandbox && tools ? await spawnInside(parts, broker, { ...sandbox, ...tools }) : undefined;
    return await runServer({
      ...parts,
      ...(inside && { spawn: inside }),
      source: broker.source,
      env: { ...env, ...broker.env },
      countsRequests: false,
    });
  } finally {
    await broker.close();
    await usage.flush();
  }
}

/** How the broker holds each key. */
export function keysFor({
  reader,
  ask,
  federated,
  usage,
  pollMs,
}: Pick<BrokeredParts, 'reader' | 'ask' | 'federated'> & { usage: Usage; pollMs: number }) {
  const timing = { now: Date.now, sleep: (ms: number) => sleep(ms) };
  return async (address: KeyAddress) => {
    const common = { ...timing, address, onStale: () => usage.count(address, 'staleServes') };
    if (federated.settings.has(shortName(address)))
      return createCachedToken({ ...common, ask: federated.ask, scopes: [] });
    if ((await kindOf(address.provider)) === 'mint') return createCachedToken({ ...common, ask, scopes: [] });
    return createCachedKey({ ...common, reader, refreshMs: pollMs, staleMs: dayMs });
  };
}

/** @throws {KeyturnError} refused, where this machine cannot do it */
async function probed({ env, clients }: RunParts): Promise<SandboxTools> {
  const { probe, probeWayIn, thisMachine } = await import('../sandbox/probe');
  const machine = thisMachine(env);
  return {
    bubblewrap: probe(machine),
    ...(clients.over === 'http' && { nsenter: probeWayIn(machine) }),
  };
}

async function spawnInside(
  { command, env, say }: RunParts,
  broker: Broker,
  wishes: SandboxWishes & SandboxTools,
): Promise<Spawn> {
  const { openSandbox } = await import('../sandbox/sandbox');
  return openSandbox({ ...wishes, command, env, say, broker, cwd: process.cwd(), home: homedir() });
}
