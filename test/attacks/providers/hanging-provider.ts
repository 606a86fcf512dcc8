import { hourMs, secondMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack, sampleKeys } from '../attack';

const projects = ['a', 'b', 'c', 'd', 'e'];

export const attack = rehearsedAttack({
  about: "a provider never answers, so that another provider's superseded keys stay alive",
  keys: {
    ...sampleKeys,
    servers: {
      bot: {
        ...sampleKeys.servers.bot,
        keys: [
          { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
          ...projects.map(purpose => ({
            provider: 'gitlab',
            purpose,
            scopes: ['read_api'],
            env: `GITLAB_${purpose.toUpperCase()}`,
            settings: { project: `acme/${purpose}` },
          })),
        ],
      },
    },
  } as typeof sampleKeys,
  guards: [
    {
      module: 'lambda/aws/secrets/retire-queues.ts',
      exports: {
        createRetireQueues: `(retireIfDue, noteFailure, clock) => async superseded => {
          const retired = [];
          const inOrder = [...superseded].sort((one, other) => (one.arn < other.arn ? -1 : 1));
          for (const state of inOrder) {
            try {
              if (await retireIfDue(state, clock)) retired.push(state.arn);
            } catch (error) {
              noteFailure(state, error);
            }
          }
          return { retired, left: [] };
        }`,
      },
    },
  ],
  async play(context) {
    const { faults, pass } = context;
    await makeFirstKeys(context);
    const rotated = await context.keyturn(['rotate', '--server', 'bot', '--yes']);
    if (rotated !== 0) throw new Error(`nothing was rotated: ${context.cliOutput.join('')}`);
    let revokedAt: Date | undefined;
    faults.ofProvider = ({ provider, kind, at }) => {
      if (provider === 'sendgrid' && kind === 'revoke') revokedAt ??= at;
      return provider === 'gitlab' ? { kind: 'hang' } : undefined;
    };
    // The overlap, and the run of the retire function after it.
    await pass(74 * hourMs);
    if (!revokedAt) return "the other provider's superseded key lives on";
    // Runs begin with the hour.
    const lateMs = revokedAt.getTime() % hourMs;
    return lateMs > 30 * secondMs ? `a superseded key had ${lateMs / secondMs} s more` : undefined;
  },
});
