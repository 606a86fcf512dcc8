// Reads the configuration as it is now: TypeScript, compiled when a command runs, so that an edit takes effect at once.
// This folder holds what commands learn from the configuration alone.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import { type BuildFailure, build } from 'esbuild';
import { KeyturnError } from '../../core/errors';
import type { Config, KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';

/** @throws {KeyturnError} bad-config */
export async function loadConfig(file: string): Promise<Config> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new KeyturnError(
      'bad-config',
      `${file} does not exist; run this where it does, or name it with --config`,
    );
  }
  const { keys } = evaluate(await compile(path, file), path, file);
  if (!keys) {
    throw new KeyturnError(
      'bad-config',
      `${file} exports no "keys"; write \`export const keys = defineKeys({ ... })\``,
    );
  }
  try {
    return validateConfig(keys);
  } catch (error) {
    if (error instanceof KeyturnError) throw new KeyturnError(error.code, `${file}: ${error.message}`);
    throw error;
  }
}

async function compile(path: string, file: string): Promise<string> {
  try {
    const {
      outputFiles: [compiled],
    } = await build({
      entryPoints: [path],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      write: false,
      logLevel: 'silent',
    });
    return compiled?.text ?? '';
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    if (!first) throw error;
    const { location, text } = first;
    const where = location ? `${location.file}:${location.line}:${location.column + 1}` : file;
    throw new KeyturnError('bad-config', `${where} cannot be compiled (${text}); correct this line`);
  }
}

function evaluate(code: string, path: string, file: string): { keys?: KeysInput } {
  const module = { exports: {} as { keys?: KeysInput } };
  try {
    compileFunction(code, ['module', 'exports', 'require'], { filename: path })(
      module,
      module.exports,
      createRequire(path),
    );
  } catch (error) {
    throw new KeyturnError('bad-config', `${file} failed to load (${(error as Error).message}); correct it`);
  }
  return module.exports;
}
