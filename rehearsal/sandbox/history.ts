// What has happened in a sandbox before people can begin: keys were made, and servers have read them for some days.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AuditResult } from '../../bin/report/findings';
import { connectorFor } from '../../connectors/index';
import { secretName } from '../../core/key/key-address';
import { dayMs, hourMs } from '../../core/time';
import { type Environment, keysOf } from '../../lib/config/config';
import { makeFirstKeys, setIssuers } from '../scenarios/parts/first-keys';
import { makeSteadyKeys } from '../scenarios/parts/steady-keys';
import { McpLoad } from '../servers/mcp-load';
import { auditOf } from '../world/counts/overview-of';
import type { RehearsalContext } from '../world/rehearsal-context';

/** Each runs in a thread of its own. */
export const serversAtMost = 6;
/** More keys are not issued one by one. */
const issuedAtMost = 60;
/** From where its servers read is learned within a week: a theft on the first day would go unnoticed. */
const daysAtMost = 8;
/** A day of a thousand keys takes a minute. */
const keyDaysAtMost = 1_600;
const forever = 3650 * dayMs;

export function historyDays(environment: Environment): number {
  const days = Math.floor(keyDaysAtMost / keysOf(environment).length);
  return Math.min(daysAtMost, Math.max(1, days));
}

/** Up to one hour before now. @returns what an audit of it found */
export async function playHistory(
  context: RehearsalContext,
  days: number,
  onProgress: (what: string) => void,
): Promise<AuditResult> {
  const { environment, world } = context;
  const { clock } = world;
  const keys = keysOf(environment).length;
  onProgress(`the first ${keys.toLocaleString('en')} keys are made`);
  if (keys <= issuedAtMost) await makeFirstKeys(context);
  else {
    // A secret that is as young as its stack holds what the template put there.
    await clock.runUntil(new Date(clock.now().getTime() + hourMs));
    await setIssuers(context);
    await makeSteadyKeys(context);
  }
  onProgress('the servers start');
  const called: Environment = { ...environment, servers: environment.servers.slice(0, serversAtMost) };
  const end = new Date(clock.now().getTime() + forever);
  context.load = await McpLoad.start(world, called, context.assemblyDirectory, end);
  await readOnce(context, { ...environment, servers: environment.servers.slice(serversAtMost) });
  for (let day = 1; day <= days; day++) {
    onProgress(`day ${day} of ${days}`);
    await clock.runUntil(new Date(Date.now() - (days - day) * dayMs - hourMs));
  }
  if (keys <= issuedAtMost) return auditOf(context);
  return {
    missing: 'There are too many keys for the weekly audit to run here: `npx keyturn audit` checks them.',
  };
}

/** The servers that are not called have read their keys once, as servers do when they start. */
async function readOnce({ world }: RehearsalContext, { servers }: Environment): Promise<void> {
  const { clock } = world;
  await clock.runWhile(async () => {
    for (const { name, role, keys } of servers) {
      const client = new SecretsManagerClient(world.clientSettings(role, name));
      for (const { address } of keys) {
        if (connectorFor(address.provider).kind === 'mint') continue;
        await client.send(new GetSecretValueCommand({ SecretId: secretName(address) }));
        await clock.sleep(50);
      }
    }
  });
}
