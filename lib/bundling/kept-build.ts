// In a clone: what esbuild makes of the sources, kept for the next process. Each synth, rehearsal and sandbox needs the same.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import { dayMs } from '../../core/time';

const thisClone = join(__dirname, '../..');
/** What is installed, esbuild among it, and how it compiles. */
const settings = ['node_modules/.package-lock.json', 'package.json', 'tsconfig.json'];
/** All that a build reads besides. */
const rooms = ['bin', 'client', 'connectors', 'core', 'lambda', 'lib', 'packages', 'rehearsal', 'targets'];
const isSource = /\.(ts|[cm]?js|json)$/;

/** What a build has read. */
export type Read = Pick<Metafile, 'inputs'>;

const hashes = new Map<string, string>();
/** Builds that this process alone has. */
const unkept = new Map<string, string>();

/**
 * @param make writes into an empty folder what follows from the sources alone, and tells what it has read
 * @returns the folder that holds it: made now, or earlier from the same sources; until this process ends, where none can be kept
 */
export function keptBuild(name: string, make: (folder: string) => Read[], clone = thisClone): string {
  // Once a process: a source that changes while it runs counts from the next one on.
  const hash = hashes.get(clone) ?? hashOfSources(clone);
  hashes.set(clone, hash);
  const keptIn = join(clone, 'node_modules/.cache/keyturn');
  const kept = unkept.get(`${name}-${hash}`) ?? join(keptIn, `${name}-${hash}`);
  if (existsSync(kept)) return kept;
  const made = newFolder(keptIn);
  try {
    requireHashed(make(made), clone);
    if (dirname(made) !== keptIn) return keepUntilExit(`${name}-${hash}`, made);
    renameSync(made, kept);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another process was as quick.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

/** In the folder where builds are kept, or elsewhere where that cannot be written, as in a clone of somebody else. */
function newFolder(keptIn: string): string {
  try {
    mkdirSync(keptIn, { recursive: true });
    removeOld(keptIn);
    return mkdtempSync(join(keptIn, 'made-'));
  } catch {
    return mkdtempSync(join(tmpdir(), 'keyturn-made-'));
  }
}

function keepUntilExit(build: string, folder: string): string {
  unkept.set(build, folder);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Of their names and contents, and not of their times, which a checkout changes. */
function hashOfSources(clone: string): string {
  const sources = rooms.flatMap(room =>
    readdirSync(join(clone, room), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && isSource.test(entry.name))
      .map(({ parentPath, name }) => relative(clone, join(parentPath, name))),
  );
  const sum = createHash('sha256');
  for (const file of [...settings, ...sources.sort()]) {
    const content = readFileSync(join(clone, file));
    sum.update(`${file}\0${content.length}\0`).update(content);
  }
  return sum.digest('hex').slice(0, 32);
}

/** @throws where something else was read: a change of it would go unseen */
function requireHashed(metafiles: readonly Read[], clone: string): void {
  const unseen = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    // esbuild marks so what it reads as empty for this platform.
    .map(file => relative(clone, resolve(clone, file.replace(/^\(disabled\):/, ''))))
    .find(file => ![...rooms, 'node_modules'].includes(file.split(sep)[0] ?? ''));
  if (unseen)
    throw new Error(`${unseen} is in none of the rooms that lib/bundling/kept-build.ts names; add its room`);
}

/** Of a day ago: nobody who found one still copies it. */
function removeOld(keptIn: string): void {
  for (const name of readdirSync(keptIn)) {
    const folder = join(keptIn, name);
    const { mtimeMs = Infinity } = statSync(folder, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > dayMs) rmSync(folder, { recursive: true, force: true });
  }
}
