// Every key of an environment has to go at once. AWS takes so many writes to secrets a second and no more: how long it took,
// beside how long so many writes take at the least.

import type { CallRecord } from '@keyturn/aws-model/wire/calls';
import { connectorFor } from '../../connectors/index';
import { secretName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import { functionName } from '../../lib/config/names';
import { manyKeys } from '../world/many-keys';
import { needed } from '../world/needed';
import type { Stage } from '../world/stage';
import { valueAt } from '../world/stored-values';
import { setIssuers } from './first-keys';
import { incidentsOf } from './incidents';
import type { Scenario } from './scenario';
import { makeSteadyKeys } from './steady-keys';

export interface MassFindings {
  keys: number;
  contained: number;
  /** Rejected by its provider, asked by us; for keys that no provider knows, gone from every label. */
  provenDead: number;
  failed: number;
  /** Writes to secrets: as many as the emergency function made, and as a containment needs at the least. */
  writes: number;
  writesPerKey: number;
  leastWritesPerKey: number;
  quotaPerSecond: number;
  /** So many writes take so long at the quota. */
  boundMs: number;
  /** From the command to the last key proven dead. */
  tookMs: number;
  ratio: number;
  /** The same beside the fewest writes that would do. */
  ratioToLeast: number;
  /** Calls that AWS refused for their rate. */
  throttled: number;
  /** For how long the emergency function computed, on this machine: virtual time knows nothing of it. */
  computedMs: number;
  commandEndedWith: number;
  /** From the command's start to its end. */
  commandMs: number;
  commandLines: number;
}

const writes = ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'];
/** The fresh key goes in; and once the old one is seen dead, the label that keeps it findable goes. */
const leastWritesPerKey = 2;
const ratioAtMost = 1.5;

/** @param of whose keys, in turns */
export function massOf(count: number, of = Object.keys(kinds) as MassProvider[]): Scenario {
  return {
    name: 'mass',
    about: `${count} keys of an environment have to go at once`,
    days: 0,
    alarmsEveryMinutes: 60,
    keys: () =>
      manyKeys({ count, environment: 'prod', policy: 'prod', kinds: of.map(provider => kinds[provider]) }),
    holds: found => {
      const { keys, provenDead, ratio, throttled, commandEndedWith } = found as unknown as MassFindings;
      // Nobody else writes here: being refused for the rate would be the function's own fault.
      return provenDead === keys && ratio <= ratioAtMost && !throttled && commandEndedWith === 0;
    },

    async play(stage) {
      await setIssuers(stage);
      await makeSteadyKeys(stage);
      stage.world.takeRequestsAtOnce();
      Object.assign(stage.findings, await revokeAll(stage));
    },
  };
}

const kinds = {
  openai: (purpose: string) => ({
    provider: 'openai' as const,
    purpose,
    settings: { project: 'proj_bench' },
  }),
  gitlab: (purpose: string) => ({
    provider: 'gitlab' as const,
    purpose,
    scopes: ['read_api'],
    settings: { group: 'bench', accessLevel: 'reporter' as const },
  }),
  resend: (purpose: string) => ({ provider: 'resend' as const, purpose }),
  'self-issued': (purpose: string) => ({ provider: 'self-issued' as const, purpose }),
};
type MassProvider = keyof typeof kinds;

export const mass = massOf(1000);

async function revokeAll(stage: Stage): Promise<MassFindings> {
  const { world, environment, ledger, cliOutput } = stage;
  const { clock } = world;
  const keys = environment.servers.flatMap(server => server.keys);
  const before = new Map(
    keys.map(key => [key, needed(valueAt(secretOf(stage, key), 'AWSCURRENT'), 'a current key').secret]),
  );
  const calls: CallRecord[] = [];
  stage.onAwsCall = record => void calls.push(record);
  const outputBefore = cliOutput.length;
  ledger.tell('fault', `all ${keys.length} keys of ${environment.name} have to go`);
  const began = clock.now().getTime();
  const reason = 'the laptop that deploys was stolen';
  const code = await stage.keyturn([
    ...['revoke', '--all', '--env', environment.name, '--grace', '0s', '--reason', reason, '--yes'],
  ]);
  const commandMs = clock.now().getTime() - began;
  stage.onAwsCall = undefined;
  const { counted, perSecond } = countWrites(stage, calls);
  const incidents = incidentsOf(stage);
  const deaths = incidents.flatMap(({ steps }) => steps.filter(({ what }) => what === 'proven-dead'));
  const tookMs = Math.max(...deaths.map(({ at }) => Date.parse(at))) - began;
  const boundMs = (counted / perSecond) * 1000;
  const leastMs = ((keys.length * leastWritesPerKey) / perSecond) * 1000;
  const contained = incidents.filter(({ outcome }) => outcome === 'contained').length;
  return {
    keys: keys.length,
    contained,
    provenDead: keys.filter(key => isDead(stage, key, needed(before.get(key), 'the key before'))).length,
    failed: keys.length - contained,
    writes: counted,
    writesPerKey: rounded(counted / keys.length),
    leastWritesPerKey,
    quotaPerSecond: perSecond,
    boundMs,
    tookMs,
    ratio: rounded(tookMs / boundMs),
    ratioToLeast: rounded(tookMs / leastMs),
    throttled: calls.filter(({ errorCode }) => errorCode === 'ThrottlingException').length,
    computedMs: Math.round(world.runtime.computedMs(functionName(environment.name, 'emergency-revoke'))),
    commandEndedWith: code,
    commandMs,
    commandLines: cliOutput.slice(outputBefore).join('').split('\n').length,
  };
}

/** What the emergency function wrote, and what AWS takes of it a second, from the model that refuses the rest. */
function countWrites({ world, environment }: Stage, calls: readonly CallRecord[]) {
  const emergency = functionName(environment.name, 'emergency-revoke');
  const counted = calls.filter(
    ({ operation, caller, status }) =>
      status === 200 && writes.includes(operation) && caller.sessionName === emergency,
  ).length;
  const { quotas = [] } = world.model.secretsManager.service;
  const { perSecond } = needed(
    quotas.find(({ operations }) => operations.includes('PutSecretValue')),
    'a quota on PutSecretValue',
  );
  return { counted, perSecond };
}

function secretOf({ world }: Stage, { address }: Key) {
  return world.model.secretsManager.secret(secretName(address));
}

/** Seen from outside: what the provider's books say, and what stands in the secret. */
function isDead(stage: Stage, key: Key, secret: string): boolean {
  const { labels, versions } = secretOf(stage, key);
  const isHeld = Object.keys(labels).some(id => JSON.stringify(versions[id]?.content).includes(secret));
  if (connectorFor(key.address.provider).kind === 'self-issued') return !isHeld;
  const account = stage.world.providers.account(key.address.provider);
  return !isHeld && !account.accepts(needed(account.ownerOf(secret), 'a key with this secret'));
}

function rounded(ratio: number): number {
  return Number(ratio.toFixed(3));
}
