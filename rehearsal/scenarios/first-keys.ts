// How every scenario begins: an administrator sets the issuer credentials and has the first keys made, through the CLI.

import { KeyturnError } from '../../core/errors';
import { hourMs } from '../../core/time';
import { keysOf, providersInUse } from '../../lib/config/config';
import { hasIssuer, providers } from '../../lib/config/providers';
import { needed } from '../world/needed';
import type { Stage } from '../world/stage';
import { keysThatKeyturnMakes } from './needs';

/** @throws {KeyturnError} usage, for a key that only a person can make; and where a command ends in anything but success */
export async function makeFirstKeys(stage: Stage): Promise<void> {
  const { environment, world } = stage;
  const lack = keysThatKeyturnMakes(environment);
  if (lack) throw new KeyturnError('usage', `${environment.name} cannot be rehearsed: ${lack}`);
  // After a deploy, Secrets Manager tries every rotation function once; a person comes later.
  await world.clock.runUntil(new Date(world.clock.now().getTime() + hourMs));
  await setIssuers(stage);
  if (keysOf(environment).length) await succeed(stage, ['issue', '--env', environment.name]);
}

/** @throws where a command ends in anything but success */
export async function setIssuers(stage: Stage): Promise<void> {
  const { environment, world, ledger } = stage;
  const withIssuer = providersInUse(environment).filter(provider => hasIssuer(providers[provider]));
  for (const provider of withIssuer) {
    const key = needed(
      keysOf(environment).find(({ address }) => address.provider === provider),
      `a key of ${provider}`,
    );
    const credential = JSON.stringify(world.providers.dialect(provider).issuer(key.spec.settings));
    await succeed(stage, ['issuer', 'set', provider, '--env', environment.name], credential);
  }
  if (withIssuer.length) ledger.tell('note', `issuer credentials set for ${withIssuer.join(', ')}`);
}

async function succeed(stage: Stage, args: string[], input?: string): Promise<void> {
  const code = await stage.keyturn(args, input);
  if (code !== 0)
    throw new Error(`keyturn ${args.join(' ')} ended with ${code}:\n${stage.cliOutput.join('')}`);
}
