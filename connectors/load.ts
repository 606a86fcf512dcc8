// For functions and the client: the code of a provider comes with its first key, and nobody else's does. A bundle has each connector
// in a file of its own beside it, named by its provider; sources have all, from the registry.
import { KeyturnError } from '../core/errors';
import type { Connector } from './contract/connector';
import type { ProviderId } from './index';
import { ownConnector } from './own';

declare global {
  /** Where a bundle has its connectors, as its code names the place: `./connectors/`. Written into it when it is made. */
  var keyturnConnectors: string | undefined;
  /** Those that lie there, with a space between two: what is no string would be a module to each bundle. */
  var keyturnProviders: string | undefined;
}

/** All of them. In a bundle there are none, and nothing but this expression keeps their code out of it. */
const sources = globalThis.keyturnConnectors ? undefined : async () => (await import('./index')).connectors;

/** @throws {KeyturnError} bad-config, where no provider is called so */
export function loadConnector(provider: string): Promise<Connector> {
  const own = ownConnector(provider);
  if (own) return Promise.resolve(own);
  return globalThis.keyturnConnectors || !sources ? loadBeside(provider) : loadSource(provider, sources);
}

/** `undefined` for a provider that is not known here: its keys are secrets, as far as anybody here can tell. */
export async function kindOf(provider: string): Promise<Connector['kind'] | undefined> {
  return (await loadConnector(provider).catch(() => undefined))?.kind;
}

/** By their names; for those who have to tell keys of one provider from those of another. */
export async function loadEveryConnector(): Promise<Record<string, Connector>> {
  const names = globalThis.keyturnProviders
    ? globalThis.keyturnProviders.split(' ')
    : Object.keys((await sources?.()) ?? {});
  const loaded = await Promise.all(names.map(async name => [name, await loadConnector(name)] as const));
  return Object.fromEntries(loaded);
}

async function loadSource(provider: string, all: NonNullable<typeof sources>): Promise<Connector> {
  const known = await all();
  if (Object.hasOwn(known, provider)) return known[provider as ProviderId];
  throw unknown(provider);
}

async function loadBeside(provider: string): Promise<Connector> {
  // A name that leads elsewhere is none.
  if (!/^[a-z0-9-]+$/.test(provider)) throw unknown(provider);
  const file = `${globalThis.keyturnConnectors}${provider}.mjs`;
  const module: Record<string, Connector> = await import(file).catch(() => {
    throw unknown(provider);
  });
  const connector = Object.values(module).find(each => each?.provider === provider);
  if (!connector) throw unknown(provider);
  return connector;
}

function unknown(provider: string): KeyturnError {
  return new KeyturnError(
    'bad-config',
    `"${provider}" is not a provider that this version of Keyturn knows; deploy again with the version that your configuration needs`,
  );
}
