// How every scenario begins: an administrator sets the issuer credentials and has the first keys made, through the CLI.
import { isMadeByHand } from '../../bin/aws/key-state';
import { usesIssuer } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { groupedBy } from '../../core/grouped-by';
import { shortName } from '../../core/key/key-address';
import { hourMs } from '../../core/time';
import { type Key, keysOf } from '../../lib/config/config';
import { needed } from '../world/needed';
import type { Stage } from '../world/stage';

/** @throws where a command ends in anything but success */
export async function makeFirstKeys(stage: Stage): Promise<void> {
  const { environment, world } = stage;
  // After a deploy, Secrets Manager tries every rotation function once; a person comes later.
  await world.clock.runUntil(new Date(world.clock.now().getTime() + hourMs));
  await setIssuers(stage);
  const keys = keysOf(environment);
  for (const key of keys.filter(isMadeByHand)) await adoptRoot(stage, key);
  if (!keys.every(isMadeByHand)) await succeed(stage, ['issue', '--env', environment.name]);
}

/** A person makes it in the provider's console, and has Keyturn take it over. */
export async function adoptRoot(
  stage: Stage,
  { address, spec }: Key,
  flags: readonly string[] = [],
): Promise<void> {
  const { world, ledger } = stage;
  const { provider } = address;
  const makeRoot = needed(world.providers.dialect(provider).root, `a person who makes keys of ${provider}`);
  const { keyId, secret, refreshToken } = makeRoot(spec.settings, world.providers.account(provider));
  const name = shortName(address);
  const input = refreshToken ? JSON.stringify({ secret, refreshToken }) : secret;
  await succeed(stage, ['adopt', name, '--key-id', keyId, ...flags], input);
  ledger.tell('note', `a person made the key of ${name}, and Keyturn took it over`);
}

/** @throws where a command ends in anything but success */
export async function setIssuers(stage: Stage): Promise<void> {
  const { environment, world, ledger } = stage;
  const withIssuer = keysOf(environment).filter(({ address, spec }) =>
    usesIssuer(connectorFor(address.provider), spec.settings),
  );
  const byProvider = groupedBy(withIssuer, ({ address }) => address.provider);
  for (const [provider, keys] of byProvider) {
    const { issuer } = world.providers.dialect(provider);
    // One credential serves all keys of a provider: it may hold a part for each.
    const credential = Object.assign({}, ...keys.map(({ spec }) => issuer(spec.settings)));
    await succeed(stage, ['issuer', 'set', provider, '--env', environment.name], JSON.stringify(credential));
  }
  if (byProvider.size) ledger.tell('note', `issuer credentials set for ${[...byProvider.keys()].join(', ')}`);
}

async function succeed(stage: Stage, args: string[], input?: string): Promise<void> {
  const code = await stage.keyturn(args, input);
  if (code !== 0)
    throw new Error(`npx keyturn ${args.join(' ')} ended with ${code}:\n${stage.cliOutput.join('')}`);
}
