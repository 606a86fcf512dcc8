// The packages as npm would publish them, and a new repository that installs them: for tests and for the journey.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { version } from '../package.json';

const root = join(__dirname, '..');
const minutes = 60_000;

/** Package -> its tarball */
export interface Packed {
  keyturn: string;
  client: string;
  create: string;
}

/** Builds and packs all. @param into a new or empty folder */
export function packAll(into: string): Packed {
  mkdirSync(into, { recursive: true });
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], timeout: 10 * minutes });
  npm('run', 'build');
  for (const folder of ['.', './dist/packages/client', './dist/packages/create-keyturn'])
    npm('pack', folder, '--ignore-scripts', '--pack-destination', into);
  return packedIn(into);
}

/** @returns where `packAll` puts them */
export function packedIn(folder: string): Packed {
  const tarball = (name: string) => join(folder, `${name}-${version}.tgz`);
  return {
    keyturn: tarball('keyturn'),
    client: tarball('keyturn-client'),
    create: tarball('create-keyturn'),
  };
}

/** What npm is asked in the place of `npm create keyturn`, before there is such a package at its registry. */
export function createCommand({ create }: Packed): string[] {
  return ['npm', 'exec', '--yes', `--package=${pathToFileURL(create).href}`, '--', 'create-keyturn'];
}

/** Lets a new repository install the tarball in the place of the version that its package.json names. */
export function installFrom({ keyturn }: Packed, repository: string): void {
  const file = join(repository, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
  manifest.dependencies.keyturn = pathToFileURL(keyturn).href;
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** @returns the arguments of npm that install what the folder's package.json names, from the cache where it can */
export const installCommand = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'];
