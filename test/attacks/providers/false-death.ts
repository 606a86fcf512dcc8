import type { WireReply } from '../../../rehearsal/providers/dialect';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { valueAt } from '../../../rehearsal/world/counts/stored-values';
import { type AttackContext, bareStatus, openaiKeys, rehearsedAttack } from '../attack';

const name = 'prod/openai/bot';
const secretId = 'keyturn/prod/openai/bot/main';
const gone: WireReply = { status: 404, body: { error: { message: 'No such service account' } } };

export const attack = rehearsedAttack({
  about:
    'a superseded key that lives on answers 401 for another reason than its death: it lacks a scope, or its address is not allowed',
  guards: [bareStatus],
  keys: openaiKeys,
  async play(context) {
    const { world, faults, pass } = context;
    await makeFirstKeys(context);
    const superseded = valueAt(world.model.secretsManager.secret(secretId), 'AWSCURRENT');
    const rotated = await context.keyturn(['rotate', name, '--yes']);
    if (rotated !== 0 || !superseded)
      throw new Error(`the key was not rotated: ${context.cliOutput.join('')}`);
    const { verifyAnswers } = world.providers.dialect('openai');
    const live = verifyAnswers.flatMap(([, means, reply]) => (means === 'rejected' ? [] : [reply]));
    // The provider cannot end it by its id, and has all the other 401s and 403s in turn.
    let asked = 0;
    faults.ofProvider = ({ provider, kind }) => {
      if (provider !== 'openai') return undefined;
      if (kind === 'revoke') return { kind: 'instead', answer: () => gone };
      const reply = live[asked++ % live.length];
      return kind === 'verify' && reply ? { kind: 'instead', answer: () => reply } : undefined;
    };
    // Twice the overlap, after which a key is retired even if it is used.
    await pass(7 * 24 * 3_600_000);
    return forgotten(context, superseded.keyId);
  },
});

function forgotten({ world }: AttackContext, keyId: string): string | undefined {
  const lives = world.providers.liveKeys('openai').some(({ id }) => id === keyId);
  const previous = valueAt(world.model.secretsManager.secret(secretId), 'AWSPREVIOUS');
  return lives && previous?.keyId !== keyId ? `${keyId} lives, and is forgotten as dead` : undefined;
}
