// Somebody who may rename keys at a provider, and rotations that lose the key that they make.
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { minuteMs, secondMs } from '../../../core/time';
import type { FakeKey } from '../../../rehearsal/providers/fake-account';
import { valueAt } from '../../../rehearsal/world/counts/stored-values';
import { needed } from '../../../rehearsal/world/needed';
import { type AttackContext, administrator } from '../attack';
import type { Guard } from '../guards';

export const bot = 'keyturn/prod/sendgrid/bot/main';
export const pay = 'keyturn/prod/sendgrid/pay/main';

/** A name is taken for proof, where there is a record of it. */
export const recordIsEnough: Guard = {
  module: 'core/ending/lost-key.ts',
  exports: { isProvenLost: '() => true' },
};

const anyRecord = `{
  begin: async () => true,
  find: async (_: unknown, name: string) =>
    ({ name, versionId: 'of-nobody-'.repeat(4), at: new Date(0), wasListed: () => false }),
  claim: async () => true,
  tellUnproven: async () => {},
}`;

/** A name alone is taken for proof. */
export const nameIsEnough: Guard[] = [
  recordIsEnough,
  { module: 'lambda/aws/table/lazy-attempts.ts', exports: { createLazyAttempts: `() => (${anyRecord})` } },
];

/** What the provider keeps of the key that a secret holds. */
export function keyOf({ world }: AttackContext, secret: string): FakeKey {
  const value = valueAt(world.model.secretsManager.secret(secret), 'AWSCURRENT');
  return needed(world.providers.account('sendgrid').ownerOf(value?.secret), `the key of ${secret}`);
}

/** A key of somebody who does not use Keyturn. */
export function foreignKey({ world }: AttackContext, name: string): FakeKey {
  const account = world.providers.account('sendgrid');
  const { place } = needed(account.keys[0], 'a key of Keyturn’s');
  return account.add({
    id: account.fresh(22),
    place,
    name,
    secret: account.freshSecret(69),
    scopes: ['mail.send'],
  });
}

/** The next so many keys are made, and nobody hears of it. */
function loseKeys(context: AttackContext, count: number): void {
  let left = count;
  context.faults.ofProvider = ({ method, path }) =>
    method === 'POST' && path.startsWith('/v3/api_keys') && left-- > 0 ? { kind: 'drop-after' } : undefined;
}

export async function rotate({ world }: AttackContext, SecretId: string): Promise<void> {
  const client = new SecretsManagerClient(world.clientSettings(administrator, 'platform-admin'));
  await world.clock.runWhile(() => client.send(new RotateSecretCommand({ SecretId })));
}

/** Begins a rotation whose first try makes a key and loses it. @returns that key */
export async function loseOne(context: AttackContext, secret = bot, keys = 1): Promise<FakeKey> {
  const { keys: before } = context.world.providers.account('sendgrid');
  const known = before.length;
  loseKeys(context, keys);
  await rotate(context, secret);
  return lostSince(context, known);
}

async function lostSince(context: AttackContext, known: number): Promise<FakeKey> {
  const { keys } = context.world.providers.account('sendgrid');
  // The superseded key ends first, and its end takes a proof.
  for (let n = 0; n < 1800 && keys.length === known; n++) await context.pass(secondMs);
  return needed(keys[known], 'the key that was made and lost');
}

/** @returns which of these died, in words */
export function deadOf(keys: Record<string, FakeKey>): string | undefined {
  const dead = Object.entries(keys).filter(([, key]) => key.revokedAt);
  return dead.length ? `${dead.map(([whose]) => whose).join(' and ')} was revoked` : undefined;
}

/** AWS's own tries, and what they wait. */
export const retriedWithinMs = 90 * minuteMs;
