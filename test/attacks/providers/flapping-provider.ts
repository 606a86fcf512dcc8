import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type CertifiedKey, deathState, type Look } from '../../../core/ending/certificate';
import type { Item } from '../../../lambda/aws/table/table';
import { tableName } from '../../../lib/config/aws/names';
import { likeGoogle } from '../../../rehearsal/providers/replicas';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { type AttackContext, openaiKeys, rehearsedAttack } from '../attack';
import type { Guard } from '../guards';

const key = 'prod/openai/bot';
const minuteMs = 60_000;

/** That one rejection is one sample. */
const severalRejections: Guard = {
  module: 'core/ending/proof.ts',
  exports: {
    proveRejected: `async (provider, value, clock) => {
      const verdict = await provider.verify(value);
      return { finding: verdict === 'denied' ? 'unknown' : verdict, probes: [{ at: clock.now().toISOString(), verdict }] };
    }`,
  },
};

/** That the second look comes hours after the first. */
const lateLook: Guard = {
  module: 'core/ending/certificate.ts',
  exports: { secondLookDue: '({ probes, revokedAt }) => new Date(probes.at(-1)?.at ?? revokedAt)' },
};

export const attack = rehearsedAttack({
  about: 'a thief goes on with revoked keys at the servers of a provider that have not heard of it yet',
  guards: [severalRejections, lateLook],
  keys: openaiKeys,
  async play(context) {
    await makeFirstKeys(context);
    context.world.providers.account('openai').disagreement = { ...likeGoogle, random: seededRandom(7) };
    // Spread over an hour, so that every distance to the hourly run is met.
    for (let n = 0; n < 12; n++) {
      await context.keyturn(['revoke', key, '--grace', '0s', '--reason', 'leaked', '--yes']);
      await context.pass(5.5 * minuteMs);
    }
    await context.keyturn(['rotate', key, '--yes']);
    await context.pass(5 * 24 * 60 * minuteMs);
    const dead = deathsOf(context);
    if (dead.length < 13) throw new Error(`only ${dead.length} of 13 keys were ever called dead`);
    const early = dead.filter(({ keyId, at }) => at < lastAcceptedBy(context, keyId));
    return early.length
      ? `${early.length} keys were called dead while a server still accepted them`
      : undefined;
  },
});

/** Every key whose certificate says that it is dead, and since when. */
function deathsOf({ world, environment }: AttackContext): { keyId: string; at: number }[] {
  const items = world.model.dynamoDb.items(tableName(environment.name)) as unknown as Item[];
  return items
    .filter(({ pk }) => pk?.S === 'certificate')
    .flatMap(({ about, looks }) => {
      const { keyId = '' } = JSON.parse(about?.S ?? '') as CertifiedKey;
      const seen = (looks?.L ?? []).map(({ S = '' }) => JSON.parse(S) as Look);
      const last = seen.at(-1)?.probes.at(-1)?.at ?? '';
      return deathState({ looks: seen }) === 'dead' ? [{ keyId, at: Date.parse(last) }] : [];
    });
}

function lastAcceptedBy({ world }: AttackContext, keyId: string): number {
  const known = world.providers.account('openai').keys.find(({ id }) => id === keyId);
  if (!known?.replicas) throw new Error(`the provider never revoked ${keyId}`);
  return known.replicas.lastMs;
}
