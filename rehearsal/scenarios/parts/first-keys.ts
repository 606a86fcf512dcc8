// How every scenario begins: an administrator sets the issuer credentials and has the first keys made, through the CLI.
import { isMadeByHand } from '../../../bin/aws/keys/key-state';
import { usesIssuer } from '../../../connectors/contract/connector';
import { connectorFor } from '../../../connectors/index';
import { groupedBy } from '../../../core/grouped-by';
import { shortName } from '../../../core/key/key-address';
import { hourMs } from '../../../core/time';
import { type Key, keysOf } from '../../../lib/config/config';
import { tokenPlaces } from '../../../lib/config/keys/delivery-places';
import { makeAtPartner } from '../../world/account/aws-partners';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';

/** @throws where a command ends in anything but success */
export async function makeFirstKeys(context: RehearsalContext): Promise<void> {
  const { environment, world } = context;
  // After a deploy, Secrets Manager tries every rotation function once; a person comes later.
  await world.clock.runUntil(new Date(world.clock.now().getTime() + hourMs));
  await setIssuers(context);
  await setPlaceTokens(context);
  const keys = keysOf(environment);
  for (const key of keys.filter(isMadeByHand)) await adoptRoot(context, key);
  if (keys.some(({ awsRotation }) => awsRotation?.isOn)) world.rotateByAws();
  if (!keys.every(isMadeByHand)) await succeed(context, ['issue', '--env', environment.name]);
}

/** A person makes it in the provider's console, and has Keyturn take it over. */
export async function adoptRoot(
  context: RehearsalContext,
  key: Key,
  flags: readonly string[] = [],
): Promise<void> {
  const { world, ledger } = context;
  const { address, spec } = key;
  const { provider } = address;
  if (key.awsRotation) return adoptForAws(context, key, flags);
  const makeRoot = needed(world.providers.dialect(provider).root, `a person who makes keys of ${provider}`);
  const { keyId, secret, refreshToken } = makeRoot(spec.settings, world.providers.account(provider));
  const name = shortName(address);
  const input = refreshToken ? JSON.stringify({ secret, refreshToken }) : secret;
  await succeed(context, ['adopt', name, '--key-id', keyId, ...flags], input);
  ledger.tell('note', `a person made the key of ${name}, and Keyturn took it over`);
}

/** A person makes it in the provider's console, and enters it as AWS's partner has it. */
async function adoptForAws(context: RehearsalContext, key: Key, flags: readonly string[]): Promise<void> {
  const { world, ledger, environment } = context;
  const { clock, providers } = world;
  const { stored } = await clock.runWhile(() => makeAtPartner({ environment, providers, clock }, key));
  const name = shortName(key.address);
  await succeed(context, ['adopt', name, ...flags], JSON.stringify(stored));
  ledger.tell('note', `a person made the first key of ${name}, which AWS rotates from now on`);
}

/** @throws where a command ends in anything but success */
export async function setIssuers(context: RehearsalContext): Promise<void> {
  const { environment, world, ledger } = context;
  const withIssuer = keysOf(environment).filter(({ address, spec }) =>
    usesIssuer(connectorFor(address.provider), spec),
  );
  const byProvider = groupedBy(withIssuer, ({ address }) => address.provider);
  for (const [provider, keys] of byProvider) {
    const { issuer } = world.providers.dialect(provider);
    // One credential serves all keys of a provider: it may hold a part for each.
    const credential = Object.assign({}, ...keys.map(({ spec }) => issuer(spec.settings)));
    await succeed(
      context,
      ['issuer', 'set', provider, '--env', environment.name],
      JSON.stringify(credential),
    );
  }
  if (byProvider.size) ledger.tell('note', `issuer credentials set for ${[...byProvider.keys()].join(', ')}`);
}

/** @throws where a command ends in anything but success */
async function setPlaceTokens(context: RehearsalContext): Promise<void> {
  const { environment, outside } = context;
  for (const { to } of tokenPlaces(environment))
    await succeed(context, ['issuer', 'set', to, '--env', environment.name], outside.tokenOf(to));
}

async function succeed(context: RehearsalContext, args: string[], input?: string): Promise<void> {
  const code = await context.keyturn(args, input);
  if (code !== 0)
    throw new Error(`npx keyturn ${args.join(' ')} ended with ${code}:\n${context.cliOutput.join('')}`);
}
