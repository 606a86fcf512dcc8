// Keys, servers and providers that are taken out of an environment while it runs, and put back; at last all of them. First as
// somebody would who knows nothing of `keyturn end`, whom the deploy must stop; then as docs/deploy.md says.

import { isMadeByHand } from '../../bin/aws/keys/key-state';
import { loadConfig } from '../../bin/config/load-config';
import { hasIssuer } from '../../connectors/contract/connector';
import { shortName } from '../../core/key/key-address';
import { logGroupName, serverStackName } from '../../lib/config/aws/names';
import { type Environment, type Key, keysOf, providersInUse } from '../../lib/config/config';
import { providers } from '../../lib/config/providers';
import { inputWithout, writeConfig } from '../world/configs/own-config';
import { keySecrets, labelledValues } from '../world/counts/stored-values';
import type { RehearsalContext } from '../world/rehearsal-context';
import { type Synthesized, synthesizeApart } from '../world/synthesis';
import { adoptRoot, makeFirstKeys, setIssuers } from './parts/first-keys';

export interface RemovalFindings {
  /** Deploys that were to take out keys that had not ended: stopped, and all of them. */
  removalsStopped: number;
  removals: number;
  /** Removed keys that were put back, and got a key of their own again. */
  keysAddedAgain: number;
  failures: number;
  /** Keys that were alive at their provider after their removal. */
  orphans: number;
  problems: string[];
}

interface Removal {
  what: string;
  keys: Key[];
}

/** What is taken out in turn, as far as the environment has it. */
function removalsFrom(environment: Environment): Removal[] {
  const keys = keysOf(environment);
  const of = (field: 'server' | 'provider', value?: string) =>
    keys.filter(({ address }) => address[field] === value);
  const [first, ...others] = keys;
  const last = others.at(-1);
  const shared = providersInUse(environment).at(0);
  return [
    { what: 'a key', keys: first ? [first] : [] },
    { what: 'a server', keys: of('server', last?.address.server) },
    { what: 'a provider', keys: of('provider', shared) },
    { what: 'all keys', keys },
  ].filter(removal => removal.keys.length);
}

export async function removeInEveryWay(context: RehearsalContext): Promise<RemovalFindings> {
  const { environment, world } = context;
  const found: RemovalFindings = {
    removalsStopped: 0,
    removals: 0,
    keysAddedAgain: 0,
    failures: 0,
    orphans: 0,
    problems: [],
  };
  const fail = (problem: string) => {
    found.failures++;
    found.problems.push(problem);
  };
  const expectCode = async (what: string, wanted: number, args: string[], config?: string) => {
    const before = context.cliOutput.length;
    const code = await context.keyturn([...args, '--env', environment.name], '', config);
    if (code !== wanted)
      fail(
        `${what}: keyturn ${args.join(' ')} ended with ${code}: ${context.cliOutput.slice(before).join('').trim()}`,
      );
    return code === wanted;
  };
  const synthesized: Synthesized[] = [];
  await makeFirstKeys(context);

  async function remove({ what, keys }: Removal): Promise<void> {
    const names = keys.map(({ address }) => shortName(address));
    const written = writeConfig(inputWithout(environment, names));
    try {
      const without = await synthesizeApart(await loadConfig(written.file), written.file, environment.name);
      synthesized.push(without);
      const before = secretsOf(context, names);
      if (!(await isStopped(without, what, names))) {
        fail(`${what} was taken out while alive, and nothing stopped the deploy`);
        found.orphans += aliveOf(context, before).length;
        found.problems.push(...aliveOf(context, before).map(key => `${what}: ${key} lives on`));
        return;
      }
      found.removalsStopped++;
      await expectCode(what, 1, ['check'], written.file);
      if (!(await expectCode(what, 0, ['end', ...names, '--yes']))) return;
      await expectCode(what, 0, ['check'], written.file);
      const went = await deploy(without, `${what} taken out after its end`);
      for (const alive of aliveOf(context, before)) {
        found.orphans++;
        found.problems.push(`${what}: ${alive} lives on after its removal`);
      }
      if (!went) return;
      found.removals++;
      await destroyServers(without.environment);
      if (names.length < keysOf(environment).length) await addAgain(without, what, names, written.file);
    } finally {
      written.remove();
    }
  }

  /** The platform's update fails and names the keys, and no server's stack is touched. */
  async function isStopped({ directory, environment: after }: Synthesized, what: string, names: string[]) {
    const [platform, ...others] = await world.clock.runWhile(() => world.stacks.deploy(directory, after));
    const text = platform?.deployed.failures[0]?.text ?? '';
    if (platform?.deployed.status === 'UPDATE_COMPLETE' || others.length) return false;
    const said = names.filter(name => text.includes(name)).length;
    if (
      platform?.deployed.status !== 'UPDATE_ROLLBACK_COMPLETE' ||
      !said ||
      !text.includes('npx keyturn end')
    )
      fail(`${what}: the deploy ended in ${platform?.deployed.status}, and said: ${text}`);
    return true;
  }

  async function deploy(
    { directory, environment: wanted }: Pick<Synthesized, 'directory' | 'environment'>,
    when: string,
  ) {
    const went = await world.clock.runWhile(() => world.stacks.deploy(directory, wanted));
    context.ledger.observeNew();
    for (const { stack, deployed } of went)
      if (deployed.failures.length)
        fail(`${when}: ${stack} ended in ${deployed.status}: ${deployed.failures[0]?.text}`);
    return went.every(({ deployed }) => !deployed.failures.length);
  }

  async function destroyServers({ servers: left }: Environment): Promise<void> {
    for (const { name } of environment.servers)
      if (!left.some(other => other.name === name)) {
        const stack = serverStackName(environment.name, name);
        const { status, failures } = await world.clock.runWhile(() => world.stacks.destroy(stack));
        if (status !== 'DELETE_COMPLETE') fail(`${stack} ended in ${status}: ${failures[0]?.text}`);
      }
  }

  /** What production keeps of a provider that it no longer uses. */
  function deleteKept(provider: string): void {
    const log = logGroupName(environment.name, `rotate-${provider}`);
    world.stacks.deleteByHand(`AWS::Logs::LogGroup ${log}`);
    const issuer = world.model.secretsManager
      .secrets()
      .find(({ name }) => name === `keyturn/${environment.name}/issuers/${provider}`);
    if (issuer) world.model.secretsManager.remove(issuer.arn);
  }

  /** As docs/deploy.md says: what production keeps goes first. */
  async function addAgain(
    { environment: without }: Synthesized,
    what: string,
    names: string[],
    config: string,
  ) {
    if (secretsOf(context, names).length)
      await expectCode(what, 0, ['end', '--forget', ...names, '--yes'], config);
    const gone = providersInUse(environment).filter(provider => !providersInUse(without).includes(provider));
    for (const provider of gone) deleteKept(provider);
    const whole = { directory: context.assemblyDirectory, environment };
    if (!(await deploy(whole, `${what} added again`))) return;
    if (gone.some(provider => hasIssuer(providers[provider]))) await setIssuers(context);
    const keys = keysOf(environment).filter(({ address }) => names.includes(shortName(address)));
    try {
      for (const key of keys.filter(isMadeByHand)) await adoptRoot(context, key);
    } catch (error) {
      return fail(`${what}: ${(error as Error).message}`);
    }
    const issued = keys.filter(key => !isMadeByHand(key)).map(({ address }) => shortName(address));
    if (issued.length && !(await expectCode(what, 0, ['issue', ...issued]))) return;
    found.keysAddedAgain += names.length;
  }

  try {
    // What comes after one that failed would tell nothing.
    for (const removal of removalsFrom(environment)) if (!found.failures) await remove(removal);
    return found;
  } finally {
    // Functions of a deploy run from there until the end.
    for (const { remove } of synthesized) remove();
  }
}

function secretsOf(
  { world, environment }: RehearsalContext,
  names: readonly string[],
): { provider: string; secret: string }[] {
  const wanted = keysOf(environment).filter(({ address }) => names.includes(shortName(address)));
  return keySecrets(world.model).flatMap(stored => {
    const key = wanted.find(
      ({ address }) =>
        stored.name ===
        `keyturn/${address.environment}/${address.provider}/${address.server}/${address.purpose}`,
    );
    if (!key) return [];
    return labelledValues(stored).map(({ value }) => ({
      provider: key.address.provider,
      secret: value?.secret ?? '',
    }));
  });
}

/** Those of the secrets that their provider accepts. */
function aliveOf(
  { world }: RehearsalContext,
  secrets: readonly { provider: string; secret: string }[],
): string[] {
  return secrets.flatMap(({ provider, secret }) =>
    world.providers
      .liveKeys(provider)
      .filter(key => key === world.providers.account(provider).ownerOf(secret))
      .map(({ id }) => `${provider} ${id}`),
  );
}
