// The source files of the repository, for tests of their shape.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../..');

const layers = [
  'bench',
  'bin',
  'client',
  'config',
  'connectors',
  'core',
  'examples',
  'lambda',
  'lib',
  'packages',
  'rehearsal',
  'scripts',
  'targets',
  'test',
];

/** Paths from the root of every file of code. */
export const sources: string[] = layers
  .filter(layer => existsSync(join(root, layer)))
  .flatMap(layer =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' }).map(file => join(layer, file)),
  )
  .filter(
    file =>
      /\.[cm]?[jt]s$/.test(file) && !file.includes('node_modules') && statSync(join(root, file)).isFile(),
  );

export function textOf(source: string): string {
  return readFileSync(join(root, source), 'utf8');
}

/** Lines that say something: blank ones, comments and imports aside. */
export function linesOfCode(source: string): number {
  return linesIn(textOf(source));
}

export function linesIn(text: string): number {
  const code = text.replace(/^import [^;]*;\n/gm, '');
  return code.split('\n').filter(line => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
}
