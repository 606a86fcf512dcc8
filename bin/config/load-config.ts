// Reads the configuration as it is now: TypeScript, compiled when a command runs, so that an edit takes effect at once.
// This folder holds what commands learn from the configuration alone.
import { existsSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import { KeyturnError } from '../../core/errors';
import { oneLine } from '../../core/text/safe-text';
import type { AnyKeysInput, Config } from '../../lib/config/config';
import { buildProblemOf } from '../../lib/config/problems/build-problem';
import { withoutLikelySecrets } from '../../lib/config/problems/likely-secrets';
import { sourcePlaces } from '../../lib/config/problems/source-places';
import { validateConfig } from '../../lib/config/validate-config';

/**
 * What a module of a team's exports, as it is now.
 * @throws {KeyturnError} bad-config
 */
export async function loadModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new KeyturnError(
      'bad-config',
      `${file} does not exist; run this where it does, or name it with --config`,
    );
  }
  return evaluate(await compile(path, file), path, file);
}

/** @throws {KeyturnError} bad-config */
export async function loadConfig(file: string): Promise<Config> {
  const exported: { readonly keys?: AnyKeysInput } = await loadModule(file);
  const { keys } = exported;
  if (typeof (keys as { then?: unknown } | undefined)?.then === 'function') {
    throw new KeyturnError(
      'bad-config',
      `${file} exports "keys" as a promise, which is not awaited; export the object itself`,
    );
  }
  if (!keys) {
    throw new KeyturnError(
      'bad-config',
      `${file} exports no "keys"${'default' in exported ? ', but a default' : ''}; write \`export const keys = defineKeys({ ... })\``,
    );
  }
  try {
    return validateConfig(keys, sourcePlaces(resolve(file), file));
  } catch (error) {
    if (error instanceof KeyturnError) throw new KeyturnError(error.code, `${file}: ${error.message}`);
    throw error;
  }
}

interface CompiledConfig {
  code: string;
  /** Leads from the code back to the file. */
  map: SourceMap;
}

async function compile(path: string, file: string): Promise<CompiledConfig> {
  try {
    const { outputFiles } = await build({
      absWorkingDir: process.cwd(),
      entryPoints: [path],
      outfile: 'keys.js',
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      sourcemap: 'external',
      write: false,
      logLevel: 'silent',
    });
    const textOf = (end: string) => outputFiles.find(output => output.path.endsWith(end))?.text ?? '';
    return { code: textOf('.js'), map: new SourceMap(JSON.parse(textOf('.js.map'))) };
  } catch (error) {
    const problem = buildProblemOf(error);
    if (!problem) throw error;
    const { at, said } = problem;
    const where = at ? `${at.file}:${at.line}:${at.column + 1}` : file;
    throw new KeyturnError('bad-config', `${where} cannot be compiled (${said}); correct this line`);
  }
}

function evaluate({ code, map }: CompiledConfig, path: string, file: string): Record<string, unknown> {
  const module = { exports: {} };
  try {
    compileFunction(code, ['module', 'exports', 'require'], { filename: path })(
      module,
      module.exports,
      createRequire(path),
    );
  } catch (error) {
    const { name = '', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>;
    // A module that is not found tells more lines: who required it.
    const said = withoutLikelySecrets(oneLine(`${name ? `${name}: ` : ''}${message.split('\n', 1)[0]}`));
    throw new KeyturnError(
      'bad-config',
      `${file}${lineOf(stack, path, map)} failed to load (${said}); correct it`,
    );
  }
  return module.exports;
}

/** `:12:7`; empty where the file itself is not on the stack. */
function lineOf(stack: string, path: string, map: SourceMap): string {
  const at = stack.indexOf(`${path}:`);
  const [, line, column] = /^:(\d+):(\d+)/.exec(at < 0 ? '' : stack.slice(at + path.length)) ?? [];
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
  if (line === undefined || !('originalLine' in entry)) return '';
  return `:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
