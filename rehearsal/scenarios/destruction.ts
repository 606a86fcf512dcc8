// An environment outside production that ends as it began: `cdk destroy --all` takes all of it, what its trail wrote included.
import { loadConfig } from '../../bin/config/load-config';
import type { Environment, KeysInput } from '../../lib/config/config';
import { stackNamesOf } from '../world/account/stacks';
import { inputOf, writeConfig } from '../world/configs/own-config';
import type { RehearsalContext } from '../world/rehearsal-context';
import { synthesizeApart } from '../world/synthesis';
import { createWorld } from '../world/world';

export interface DestroyFindings {
  /** Environments that were destroyed, each with all of its stacks. */
  destroyed: number;
  failures: number;
  /** What was left under a name of its own. */
  orphans: number;
  problems: string[];
}

/** Of no other name: the names of its trail's bucket and of all else are short enough. */
const name = 'short';

/** The same account, servers and options, as somebody would try them out. */
function asTrial(environment: Environment): KeysInput {
  const trial = {
    ...environment,
    name,
    policy: 'non-prod',
    trail: 'create' as const,
    terminationProtection: false,
  };
  return inputOf(trial, ({ keys }) =>
    // What has no key leaves nothing behind at a provider.
    keys.length
      ? {
          keys: keys.map(
            ({ address: { provider, purpose }, spec: { tier, scopes, settings }, env, requestsPerHour }) => ({
              provider,
              ...(purpose !== 'main' && { purpose }),
              ...{ tier, scopes, settings, env, requestsPerHour },
            }),
          ),
        }
      : undefined,
  );
}

export async function destroyWhole({
  environment,
  world: { clock },
}: Pick<RehearsalContext, 'environment' | 'world'>): Promise<DestroyFindings> {
  const found: DestroyFindings = { destroyed: 0, failures: 0, orphans: 0, problems: [] };
  const written = writeConfig(asTrial(environment));
  const {
    directory,
    environment: trial,
    remove,
  } = await synthesizeApart(await loadConfig(written.file), written.file, name);
  const world = await createWorld({
    assemblyDirectory: directory,
    environment: trial,
    start: clock.now(),
    seed: 1,
  });
  try {
    // Whatever needs another goes before it.
    for (const stack of stackNamesOf(trial).reverse()) {
      const { status, failures } = await world.clock.runWhile(() => world.stacks.destroy(stack));
      if (status === 'DELETE_COMPLETE') continue;
      found.failures++;
      found.problems.push(`destroyed outside production: ${stack} ended in ${status}: ${failures[0]?.text}`);
    }
    for (const left of world.stacks.leftBehind()) {
      found.orphans++;
      found.problems.push(`destroyed outside production: ${left} is left behind`);
    }
    found.destroyed++;
    return found;
  } finally {
    await world.close();
    remove();
    written.remove();
  }
}
