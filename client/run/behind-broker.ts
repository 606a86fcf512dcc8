// `keyturn run --broker`: the server's processes hold placeholders, and the broker beside them has the keys.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyAddress } from '../../core/key/key-address';
import { dayMs } from '../../core/time';
import { isMinted } from '../keys/aws-source';
import { createCachedKey } from '../keys/cached-key';
import { createCachedToken } from '../keys/cached-token';
import type { SecretReader } from '../keys/secret-reader';
import type { AskForToken } from '../keys/token-asker';
import { createUsage } from '../usage/usage';
import { usageSink } from '../usage/usage-sinks';
import { type RunParts, runServer } from './run';

export interface BrokeredParts {
  reader: SecretReader;
  ask: AskForToken;
  settingsOf(address: KeyAddress): Record<string, unknown> | undefined;
}

/**
 * @returns the server's exit code
 * @throws {KeyturnError} where the keys cannot be had or cannot be put into requests: then nothing was started
 */
export async function runBehindBroker(
  parts: RunParts,
  { reader, ask, settingsOf }: BrokeredParts,
): Promise<number> {
  const usage = createUsage(usageSink(parts.usage, parts.region));
  const timing = { now: Date.now, sleep: (ms: number) => sleep(ms) };

  async function keyFor(address: KeyAddress) {
    const common = { ...timing, address, onStale: () => usage.count(address, 'staleServes') };
    if (await isMinted(address)) return createCachedToken({ ...common, ask, scopes: [] });
    return createCachedKey({ ...common, reader, refreshMs: parts.pollMs, staleMs: dayMs });
  }

  // What it is made of is of no use to anybody else.
  const { openBroker } = await import('../broker/broker');
  const { variables, env, say } = parts;
  const broker = await openBroker({ variables, settingsOf, keyFor, usage, env, say, now: Date.now });
  try {
    return await runServer({
      ...parts,
      source: broker.source,
      env: { ...env, ...broker.env },
      countsRequests: false,
    });
  } finally {
    await broker.close();
    await usage.flush();
  }
}
