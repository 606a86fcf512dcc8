// `keyturn` as one script, as it is published: made once for all files of a run. tsx would start a service of esbuild's where it meets
// a source for the first time. That service shares the command's standard error, and makes its writes wait for whoever reads it.
import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginMade, keep, runFolder } from './run-folder';

const root = join(__dirname, '../..');

/** @returns where it is */
export function commandScript(): string {
  const script = join(runFolder(), 'command', 'keyturn.cjs');
  if (existsSync(script)) return script;
  const made = beginMade();
  symlinkSync(join(root, 'node_modules'), join(made, 'node_modules'), 'junction');
  writeFileSync(join(made, 'keyturn.cjs'), make());
  keep(made, 'command');
  return script;
}

/** In a process of its own: esbuild is asynchronous, and what starts a command is not. */
function make(): Buffer {
  const program =
    "import { oneScript } from './scripts/one-script.mjs'; process.stdout.write(await oneScript('bin/keyturn.ts'))";
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
