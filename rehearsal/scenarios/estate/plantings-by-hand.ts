// What is wrong in the scenario `estate` with keys that only people make.
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { shortName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import { dayMs } from '../../../core/time';
import { keysOf } from '../../../lib/config/config';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { adoptRoot } from '../parts/first-keys';
import { environmentName } from './estate-keys';
import { asAdmin, nameOf, type Planting } from './planting';

const env = environmentName;

/** A person replaces them, so that they are younger than their policy asks for. */
async function replaceByHand(context: RehearsalContext, keys: readonly string[]): Promise<void> {
  for (const key of keysOf(context.environment))
    if (keys.includes(shortName(key.address))) await adoptRoot(context, key, ['--replace', '--yes']);
}

/** Ten days before the audit at least: people are reminded in the second half of a key's life. */
export async function plantExpiring(context: RehearsalContext): Promise<void> {
  await replaceByHand(context, [`${env}/anthropic/desk/expiring`]);
}

/** Keyturn cannot rotate them: a person replaces both, so that they are not old. */
export async function longTokens(context: RehearsalContext): Promise<Planting> {
  await replaceByHand(context, [`${env}/github-app/shop/lasting`, `${env}/github-app/shop/brief`]);
  return {
    rule: 'token-outlives-tier',
    subject: `${env}/github-app/shop/lasting`,
    planted: 'a key of tier high, whose tokens may live for half an hour, at a provider whose live for one',
    twin: `${env}/github-app/shop/brief, of tier normal, whose tokens may live so long`,
  };
}

/** What only a person can make again: one whose provider ends it soon, and one whose policy asks for another soon. */
export async function endingKeys(context: RehearsalContext): Promise<Planting[]> {
  const now = context.world.clock.now().getTime();
  const [expiring, renewed] = [`${env}/anthropic/desk/expiring`, `${env}/anthropic/desk/renewed`];
  const [aged, fresh] = [`${env}/notion/desk/aged`, `${env}/notion/desk/fresh`];
  await replaceByHand(context, [renewed, aged, fresh]);
  const { keyId } = await currentOf(context, expiring);
  const held = context.world.providers.liveKeys('anthropic').find(({ id }) => id === keyId);
  needed(held, 'the key at Anthropic').details.expiresAt = new Date(now + 3 * dayMs);
  // As if it had been made so long before.
  const value = { ...(await currentOf(context, aged)), issuedAt: new Date(now - 28 * dayMs).toISOString() };
  await asAdmin(context, client =>
    client.send(new PutSecretValueCommand({ SecretId: nameOf(aged), SecretString: JSON.stringify(value) })),
  );
  return [
    {
      rule: 'ends-soon',
      subject: expiring,
      planted: 'a key that Anthropic ends in three days',
      twin: `${renewed}, which it ends in three months`,
    },
    {
      rule: 'ends-soon',
      subject: aged,
      planted: 'a key that only a person can make, and that its policy wants replaced in three days',
      twin: `${fresh}, which was replaced just now`,
    },
  ];
}

function currentOf(context: RehearsalContext, key: string): Promise<SecretValue> {
  return asAdmin(context, async client => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: nameOf(key) }));
    return needed(parseSecretValue(SecretString, key), `a key of ${key}`);
  });
}
