// Every key of an environment has to go at once. AWS takes so many writes to secrets a second and no more: how long it took,
// beside how long so many writes take at the least.

import type { CallRecord } from '@keyturn/aws-model/wire/calls';
import { connectorFor } from '../../../connectors/index';
import { secretName } from '../../../core/key/key-address';
import { functionName } from '../../../lib/config/aws/names';
import type { Key } from '../../../lib/config/config';
import type { FakeKey } from '../../providers/fake-account';
import type { RecordedCall } from '../../providers/fake-provider';
import { manyKeys } from '../../world/configs/many-keys';
import { valueAt } from '../../world/counts/stored-values';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { setIssuers } from '../parts/first-keys';
import { incidentsOf } from '../parts/incidents';
import { makeSteadyKeys } from '../parts/steady-keys';
import type { Scenario } from '../scenario';

export interface MassFindings {
  keys: number;
  contained: number;
  /** Rejected by its provider, asked by us; for keys that no provider knows, gone from every label. */
  provenDead: number;
  failed: number;
  /** Writes to secrets that the emergency function made: in all, and before its provider ended the old key. */
  writes: number;
  writesPerKey: number;
  writesPerKeyBeforeRevocation: number;
  quotaPerSecond: number;
  /** So long takes one write for each key at the quota: no fresh key is there without it. */
  boundMs: number;
  /** From the command until the last provider has ended the last old key, and until the last of these was first seen rejected. */
  toRevocationMs: number;
  toFirstRejectionMs: number;
  /** Until the last key was rejected several times in a row, also of those that no provider knows: these end with a label, which is one more write. */
  toLastRejectionMs: number;
  /** The time to revocation beside the bound. */
  ratio: number;
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
/** Of the bound, beside what one key takes alone. */
const ratioAtMost = 1.25;
const aloneMs = 2_500;

/** @param of whose keys, in turns */
export function massOf(count: number, of = Object.keys(kinds) as MassProvider[]): Scenario {
  return {
    name: 'mass',
    about: `${count} keys of an environment have to be revoked at once`,
    days: 0,
    alarmsEveryMinutes: 60,
    keys: () =>
      manyKeys({ count, environment: 'prod', policy: 'prod', kinds: of.map(provider => kinds[provider]) }),
    holds: found => {
      const { keys, provenDead, toRevocationMs, boundMs, throttled, commandEndedWith } =
        found as unknown as MassFindings;
      const isInTime = toRevocationMs <= aloneMs + ratioAtMost * boundMs;
      // Nobody else writes here: being refused for the rate would be the function's own fault.
      return provenDead === keys && isInTime && !throttled && commandEndedWith === 0;
    },

    async play(context) {
      await setIssuers(context);
      await makeSteadyKeys(context);
      context.world.takeRequestsAtOnce();
      Object.assign(context.findings, await revokeAll(context));
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

async function revokeAll(context: RehearsalContext): Promise<MassFindings> {
  const { world, environment, ledger, cliOutput } = context;
  const { clock } = world;
  const keys = environment.servers.flatMap(server => server.keys);
  const old = keys.map(key => oldKey(context, key));
  const calls: CallRecord[] = [];
  const verdicts: RecordedCall[] = [];
  context.onAwsCall = record => void calls.push(record);
  context.onProviderAnswer = call => void (call.kind === 'verify' && verdicts.push(call));
  const outputBefore = cliOutput.length;
  ledger.tell('fault', `all ${keys.length} keys of ${environment.name} have to be revoked`);
  const began = clock.now().getTime();
  const reason = 'the laptop that deploys was stolen';
  const code = await context.keyturn([
    ...['revoke', '--all', '--env', environment.name, '--grace', '0s', '--reason', reason, '--yes'],
  ]);
  const commandMs = clock.now().getTime() - began;
  context.onAwsCall = undefined;
  context.onProviderAnswer = undefined;
  const { written, perSecond } = writesToSecrets(context, calls);
  const incidents = incidentsOf(context);
  const deaths = incidents.flatMap(({ steps }) => steps.filter(({ what }) => what === 'rejected'));
  const atProviders = old.flatMap(({ arn, known }) => (known ? [{ arn, known }] : []));
  /** Until the last of those that there are: what is missing is not contained. */
  const sinceBegan = (dates: (Date | undefined)[]) =>
    Math.max(began, ...dates.flatMap(at => at?.getTime() ?? [])) - began;
  const beforeRevocation = atProviders.flatMap(({ arn, known: { revokedAt } }) =>
    written.filter(({ resource, at }) => resource === arn && revokedAt && at < revokedAt),
  );
  const toRevocationMs = sinceBegan(atProviders.map(({ known }) => known.revokedAt));
  const boundMs = (keys.length / perSecond) * 1000;
  const contained = incidents.filter(({ outcome }) => outcome === 'contained').length;
  return {
    keys: keys.length,
    contained,
    provenDead: old.filter(one => isDead(context, one)).length,
    failed: keys.length - contained,
    writes: written.length,
    writesPerKey: rounded(written.length / keys.length),
    writesPerKeyBeforeRevocation: rounded(beforeRevocation.length / atProviders.length),
    quotaPerSecond: perSecond,
    boundMs,
    toRevocationMs,
    toFirstRejectionMs: sinceBegan(
      atProviders.map(({ known }) => verdicts.find(call => isRejectionOf(known, call))?.at),
    ),
    toLastRejectionMs: sinceBegan(deaths.map(({ at }) => new Date(at))),
    ratio: rounded(toRevocationMs / boundMs),
    throttled: calls.filter(({ errorCode }) => errorCode === 'ThrottlingException').length,
    computedMs: Math.round(world.runtime.computedMs(functionName(environment.name, 'emergency-revoke'))),
    commandEndedWith: code,
    commandMs,
    commandLines: cliOutput.slice(outputBefore).join('').split('\n').length,
  };
}

/** What the emergency function wrote, and what AWS takes of it a second, from the model that refuses the rest. */
function writesToSecrets({ world, environment }: RehearsalContext, calls: readonly CallRecord[]) {
  const emergency = functionName(environment.name, 'emergency-revoke');
  const written = calls.filter(
    ({ operation, caller, status }) =>
      status === 200 && writes.includes(operation) && caller.sessionName === emergency,
  );
  const { quotas = [] } = world.model.secretsManager.service;
  const { perSecond } = needed(
    quotas.find(({ operations }) => operations.includes('PutSecretValue')),
    'a quota on PutSecretValue',
  );
  return { written, perSecond };
}

interface OldKey {
  provider: string;
  arn: string;
  secret: string;
  /** In its provider's books; absent for keys that no provider knows. */
  known?: FakeKey;
}

function oldKey({ world }: RehearsalContext, { address }: Key): OldKey {
  const held = world.model.secretsManager.secret(secretName(address));
  const { secret } = needed(valueAt(held, 'AWSCURRENT'), 'a current key');
  const { provider } = address;
  const isKnown = connectorFor(provider).kind !== 'self-issued';
  const known =
    isKnown && needed(world.providers.account(provider).ownerOf(secret), 'a key with this secret');
  return { provider, arn: held.arn, secret, ...(known && { known }) };
}

function isRejectionOf({ secret, revokedAt }: FakeKey, { key, status, at }: RecordedCall): boolean {
  return (
    key?.secret === secret &&
    status !== 'dropped' &&
    status >= 400 &&
    revokedAt !== undefined &&
    at >= revokedAt
  );
}

/** Seen from outside: what the provider's books say, and what stands in the secret. */
function isDead({ world }: RehearsalContext, { provider, arn, secret, known }: OldKey): boolean {
  const { labels, versions } = world.model.secretsManager.secret(arn);
  const isHeld = Object.keys(labels).some(id => JSON.stringify(versions[id]?.content).includes(secret));
  return !isHeld && !(known && world.providers.account(provider).accepts(known));
}

function rounded(ratio: number): number {
  return Number(ratio.toFixed(3));
}
