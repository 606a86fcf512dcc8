import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type * as KeptBuild from '../../../lib/bundling/kept-build';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));
let clones = 0;
let clone: string;

beforeEach(() => {
  clone = join(folder, String(clones++));
  const rooms = ['bin', 'client', 'connectors', 'core', 'lambda', 'lib', 'packages', 'rehearsal', 'targets'];
  for (const room of [...rooms, 'node_modules', 'docs'])
    mkdirSync(join(clone, room, 'within'), { recursive: true });
  for (const file of [
    'node_modules/.package-lock.json',
    'package.json',
    'tsconfig.json',
    'lib/within/a.ts',
    'docs/page.md',
  ])
    write(file, 'as it was');
});

const write = (file: string, content: string) => writeFileSync(join(clone, file), content);

function metafile(...read: string[]): Metafile {
  return { inputs: Object.fromEntries(read.map(file => [file, { bytes: 1, imports: [] }])), outputs: {} };
}

/** By a process of its own. @returns what the kept folder holds, and where it is */
function kept(content: string, read = ['lib/within/a.ts']): { text: string; at: string } {
  let at = '';
  jest.isolateModules(() => {
    const { keptBuild } = require('../../../lib/bundling/kept-build') as typeof KeptBuild;
    at = keptBuild(
      'some',
      into => {
        writeFileSync(join(into, 'made'), content);
        return [metafile(...read)];
      },
      clone,
    );
  });
  return { text: readFileSync(join(at, 'made'), 'utf8'), at };
}

test('the next process has what the one before made of the same sources, wherever the times of files have gone', () => {
  expect(kept('first').text).toBe('first');
  utimesSync(join(clone, 'lib/within/a.ts'), 1, 1);
  write('docs/page.md', 'another');
  expect(kept('second').text).toBe('first');
});

test.each<[string, () => void]>([
  ['a source changes', () => write('lib/within/a.ts', 'as it has')],
  ['a source is added', () => write('core/within/b.mjs', '')],
  ['a source is taken away', () => rmSync(join(clone, 'lib/within/a.ts'))],
  ['a source is renamed', () => renameSync(join(clone, 'lib/within/a.ts'), join(clone, 'lib/b.ts'))],
  ['something else is installed', () => write('node_modules/.package-lock.json', 'another')],
  ['the compiler is told something else', () => write('tsconfig.json', 'another')],
])('it is made again where %s, and once it is as before, there it is', (_, change) => {
  const before = kept('first').at;
  change();
  expect(kept('second').text).toBe('second');
  rmSync(join(clone, 'lib'), { recursive: true });
  rmSync(join(clone, 'core'), { recursive: true });
  for (const room of ['lib/within', 'core/within']) mkdirSync(join(clone, room), { recursive: true });
  for (const file of ['node_modules/.package-lock.json', 'tsconfig.json', 'lib/within/a.ts'])
    write(file, 'as it was');
  expect(kept('third')).toEqual({ text: 'first', at: before });
});

test('where nothing can be kept, each process makes its own, once', () => {
  write('node_modules/.cache', 'a file where there should be a folder');
  let made = 0;
  const places: string[] = [];
  jest.isolateModules(() => {
    const { keptBuild } = require('../../../lib/bundling/kept-build') as typeof KeptBuild;
    for (const name of ['some', 'other', 'some'])
      places.push(
        keptBuild(
          name,
          into => {
            writeFileSync(join(into, 'made'), `${name} ${++made}`);
            return [metafile('lib/within/a.ts')];
          },
          clone,
        ),
      );
  });
  const texts = places.map(at => readFileSync(join(at, 'made'), 'utf8'));
  expect(texts).toEqual(['some 1', 'other 2', 'some 1']);
  for (const place of new Set(places)) rmSync(place, { recursive: true });
});

test('what fails leaves nothing, and is tried again', () => {
  expect(() => kept('first', ['docs/page.md'])).toThrow('docs/page.md is in none of the rooms that');
  expect(() => kept('first', ['../elsewhere.ts'])).toThrow('elsewhere.ts is in none of the rooms that');
  expect(kept('second', ['(disabled):node_modules/x/y.js', 'lib/within/a.ts']).text).toBe('second');
});

test('what is a day old goes when another is made', () => {
  const old = kept('first').at;
  write('lib/within/a.ts', 'b');
  const young = kept('second').at;
  utimesSync(old, new Date(), new Date(Date.now() - 25 * 3_600_000));
  utimesSync(young, new Date(), new Date(Date.now() - 23 * 3_600_000));
  write('lib/within/a.ts', 'c');
  kept('third');
  expect([old, young].map(at => existsSync(at))).toEqual([false, true]);
});
