// A team's own connectors, as files beside the functions. What they import from `keyturn/connectors` lies there already, so that
// one configuration gives one hash, whether Keyturn is a package or a clone.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { KeyturnError } from '../../core/errors';
import { buildProblemOf } from '../config/problems/build-problem';
import type { OwnConnectorInput, OwnModule } from '../config/providers';
import { toolkit } from './bundle';

/** As a connector's file names it from its folder. */
const beside = `../${toolkit}.mjs`;

/** @throws {KeyturnError} bad-config, where a module cannot be bundled */
export function putOwnConnectors(directory: string, own: Readonly<Record<string, OwnConnectorInput>>): void {
  for (const [name, each] of Object.entries(own)) {
    const file = join(directory, 'connectors', `${name}.mjs`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'httpApi' in each ? apiSource(name, each.httpApi) : bundled(name, each));
  }
}

function apiSource(name: string, api: object): string {
  const told = [name, api].map(each => JSON.stringify(each)).join(', ');
  return `import { connectorOf } from '${beside}';\nexport const connector = connectorOf(${told});\n`;
}

function bundled(name: string, { file }: OwnModule): string {
  const place = `connectors.${name}`;
  const path = resolve(file);
  if (!existsSync(path))
    throw new KeyturnError(
      'bad-config',
      `${place}: file "${file}" does not exist; give its path relative to the folder where you run this, or run this in another folder`,
    );
  try {
    const { outputFiles } = buildSync({
      entryPoints: [path],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      minify: true,
      alias: { 'keyturn/connectors': beside },
      external: [beside],
      write: false,
      // Nothing of where it stands on this machine goes into it.
      absWorkingDir: dirname(path),
      legalComments: 'none',
      logLevel: 'silent',
    });
    return outputFiles.map(({ text }) => text).join('');
  } catch (error) {
    const problem = buildProblemOf(error);
    if (!problem) throw error;
    const { at, said } = problem;
    const line = at ? `:${at.line}:${at.column + 1}` : '';
    throw new KeyturnError(
      'bad-config',
      `${place}: ${file}${line} cannot be bundled (${said}); correct this line`,
    );
  }
}
