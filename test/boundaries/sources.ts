// The source files of the repository, for tests of their shape.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

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

export function layerOf(source: string): string {
  return source.split('/')[0]!;
}

export interface Import {
  /** As it is written. */
  specifier: string;
  /** Path from the root, where it names a file of the repository. */
  file?: string;
}

/** What a file imports, also lazily, also only types. */
export function importsOf(source: string): Import[] {
  const found = textOf(source).matchAll(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]([^'"\n]+)['"]/g);
  return [...found].map(([, specifier]) => {
    const file = specifier!.startsWith('.') ? resolved(source, specifier!) : undefined;
    return { specifier: specifier!, ...(file && { file }) };
  });
}

function resolved(source: string, specifier: string): string | undefined {
  const path = join(root, dirname(source), specifier);
  const file = [path, `${path}.ts`, `${path}/index.ts`].find(
    each => existsSync(each) && statSync(each).isFile(),
  );
  return file && relative(root, file);
}

/** Lines that say something: blank ones, comments and imports aside. */
export function linesOfCode(source: string): number {
  const code = textOf(source).replace(/^import [^;]*;\n/gm, '');
  return code.split('\n').filter(line => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
}
