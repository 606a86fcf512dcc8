import { minuteMs } from '../../../core/time';
import { functionName } from '../../../lib/config/aws/names';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { bot, rotate } from '../support/renaming';

const promotesAnything = `async (
  { store, publishRotated }: RotationTools,
  { secretId, token }: Rotation,
) => {
  const state = await store.describe(secretId);
  const [current] = Object.entries(state.versions).find(([, labels]) => labels.includes('AWSCURRENT')) ?? [];
  await store.moveLabel(state, 'AWSCURRENT', { from: current, to: token });
  await publishRotated(state, token);
}`;

export const attack = rehearsedAttack({
  about:
    'who may invoke the rotation function asks for finishSecret during a failing rotation, of an empty and of a dead key',
  guards: [
    {
      module: 'core/rotation/rotation.ts',
      exports: { finishSecret: promotesAnything },
      functions: ['rotate'],
    },
  ],
  async play(context) {
    const { world } = context;
    await makeFirstKeys(context);
    await context.pass(10 * minuteMs);
    const secret = () => world.model.secretsManager.secret(bot);
    const pending = () =>
      Object.entries(secret().labels).find(([, labels]) => labels.includes('AWSPENDING'))?.[0];
    const finish = (token: string | undefined) =>
      world.clock.runWhile(() =>
        world.runtime.invoke(functionName('prod', 'rotate-sendgrid'), {
          Step: 'finishSecret',
          SecretId: secret().arn,
          ClientRequestToken: token,
        }),
      );
    const isCurrent = (token: string | undefined) => token && secret().labels[token]?.includes('AWSCURRENT');

    // Nothing can be made, so that the pending version is empty.
    context.faults.ofProvider = ({ method }) =>
      method === 'POST' ? { kind: 'status', status: 503 } : undefined;
    await rotate(context, bot);
    await context.pass(minuteMs);
    const empty = pending();
    for (let n = 0; n < 2; n++) await finish(empty);
    if (isCurrent(empty)) return 'a version without a key is current';

    // One is made, and dies before anybody has tested it.
    const { keys } = world.providers.account('sendgrid');
    const known = keys.length;
    let made = false;
    context.faults.ofProvider = ({ method, path }) => {
      made ||= method === 'POST' && path.startsWith('/v3/api_keys');
      return made && method === 'GET' ? { kind: 'status', status: 503 } : undefined;
    };
    for (let n = 0; n < 120 && keys.length === known; n++) await context.pass(minuteMs);
    await context.pass(minuteMs);
    for (const key of keys.slice(known)) {
      world.providers.account('sendgrid').revoke(key);
      key.deadFrom = world.clock.now();
    }
    context.faults.ofProvider = undefined;
    const dead = pending();
    if (!dead) throw new Error('no rotation is under way');
    await finish(dead);
    return isCurrent(dead) ? 'a dead key is current' : undefined;
  },
});
