import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { valueAt } from '../../../rehearsal/world/counts/stored-values';
import { rehearsedAttack } from '../attack';

const name = 'prod/sendgrid/bot';
const secretId = 'keyturn/prod/sendgrid/bot/main';

export const attack = rehearsedAttack({
  about: 'an account is suspended, so that all its keys get the answer of a dead one, and none is listed',
  guards: [
    {
      module: 'connectors/http/http.ts',
      exports: {
        createHttp: `target => {
          const http = original.createHttp(target);
          const probe = async (...asked) => {
            const verdict = await http.probe(...asked);
            return verdict === 'denied' ? 'rejected' : verdict;
          };
          return { ...http, probe };
        }`,
      },
    },
  ],
  async play(context) {
    const { world, faults, pass } = context;
    await makeFirstKeys(context);
    const superseded = valueAt(world.model.secretsManager.secret(secretId), 'AWSCURRENT')?.keyId;
    const rotated = await context.keyturn(['rotate', name, '--yes']);
    const denial = world.providers.dialect('sendgrid').verifyAnswers.find(([, means]) => means === 'denied');
    if (rotated !== 0 || !superseded || !denial)
      throw new Error(`the key was not rotated: ${context.cliOutput.join('')}`);
    const answers = {
      verify: denial[2],
      list: { status: 200, body: { result: [] } },
      revoke: { status: 404, body: { errors: [{ message: 'unable to find api key' }] } },
    };
    faults.ofProvider = ({ kind }) => {
      const reply = kind in answers ? answers[kind as keyof typeof answers] : undefined;
      return reply && { kind: 'instead', answer: () => reply };
    };
    await pass(7 * 24 * 3_600_000);
    const lives = world.providers.liveKeys('sendgrid').some(({ id }) => id === superseded);
    const previous = valueAt(world.model.secretsManager.secret(secretId), 'AWSPREVIOUS');
    return lives && previous?.keyId !== superseded
      ? `${superseded} lives, and is forgotten as dead`
      : undefined;
  },
});
