// Dialects that a configuration names, which takes a compiler: contract suites have theirs in hand, and load none of this.
import { loadModule } from '../../../bin/config/load-config';
import { KeyturnError } from '../../../core/errors';
import { ownConnectorsOf } from '../../../lib/config/own-connectors';
import type { Dialect } from '../../providers/dialect';
import { isDialect } from '../../providers/load-dialects';

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
