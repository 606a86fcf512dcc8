import { connectors } from '../../connectors/index';
import type { Dialect } from './dialect';

/** One file of dialects/ for each provider of the registry. */
export async function loadDialects(): Promise<Dialect[]> {
  const modules: Record<string, Dialect>[] = await Promise.all(
    // A relative path: as a whole one, a folder with # in its name would end there. The build finds all files by it.
    Object.keys(connectors).map(provider => import(`./dialects/${provider}.ts`)),
  );
  return modules.flatMap(module => Object.values(module)).filter(isDialect);
}

export function isDialect(value: unknown): value is Dialect {
  return typeof value === 'object' && value !== null && 'routes' in value && Array.isArray(value.routes);
}
