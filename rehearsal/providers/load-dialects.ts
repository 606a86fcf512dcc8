import { loadModule } from '../../bin/config/load-config';
import { connectors } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { ownConnectorsOf } from '../../lib/config/own-connectors';
import type { Dialect } from './dialect';

/** One file of dialects/ for each provider of the registry. */
export async function loadDialects(): Promise<Dialect[]> {
  const modules: Record<string, Dialect>[] = await Promise.all(
    // A relative path: as a whole one, a folder with # in its name would end there. The build finds all files by it.
    Object.keys(connectors).map(provider => import(`./dialects/${provider}.ts`)),
  );
  return modules.flatMap(module => Object.values(module)).filter(isDialect);
}

/**
 * Of connectors of a team's own, where the configuration names a module.
 * @throws {KeyturnError} bad-config, where that exports none of this provider
 */
export function loadOwnDialects(providers: readonly string[]): Promise<Dialect[]> {
  const own = Object.entries(ownConnectorsOf(providers));
  return Promise.all(
    own.flatMap(([name, { dialect }]) => (dialect === undefined ? [] : [loadOwnDialect(name, dialect)])),
  );
}

async function loadOwnDialect(provider: string, file: string): Promise<Dialect> {
  const found = Object.values(await loadModule(file))
    .filter(isDialect)
    .find(dialect => dialect.provider === provider);
  if (found) return found;
  throw new KeyturnError(
    'bad-config',
    `connectors.${provider}.dialect "${file}" exports no dialect whose provider is "${provider}"; export one`,
  );
}

function isDialect(value: unknown): value is Dialect {
  return typeof value === 'object' && value !== null && 'routes' in value && Array.isArray(value.routes);
}
