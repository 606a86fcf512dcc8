import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { valueAt } from '../../../rehearsal/world/counts/stored-values';
import { bareStatus, openaiKeys, rehearsedAttack } from '../attack';

const secretId = 'keyturn/prod/openai/bot/main';

export const attack = rehearsedAttack({
  about: 'somebody restricts the keys of a project, so that new ones get 401 where Keyturn asks about them',
  guards: [bareStatus],
  keys: openaiKeys,
  async play(context) {
    const { world, faults } = context;
    await makeFirstKeys(context);
    const current = () => valueAt(world.model.secretsManager.secret(secretId), 'AWSCURRENT')?.keyId;
    const before = current();
    const [, , reply] =
      world.providers.dialect('openai').verifyAnswers.find(([, means]) => means === 'accepted') ?? [];
    if (!before || !reply) throw new Error('there is no key, or no answer that a restricted key gets');
    faults.ofProvider = ({ provider, kind }) =>
      provider === 'openai' && kind === 'verify' ? { kind: 'instead', answer: () => reply } : undefined;
    await context.keyturn(['rotate', 'prod/openai/bot', '--yes']);
    await context.pass(3_600_000);
    return current() === before ? 'no key of the project can be rotated any more' : undefined;
  },
});
