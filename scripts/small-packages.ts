// The packages besides `keyturn`: each is one folder with all that it needs inside, so that it installs in seconds.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { connectorOptions, loadsConnectorsFrom } from '../lib/bundling/bundle';
import manifest from '../package.json';
import { brokerPreloadOptions, copyPythonPreload } from './client-bundle';
import { licensesOf } from './licenses';

interface SmallPackage {
  name: string;
  description: string;
  /** File in the package, without its ending -> its source. */
  entries: Record<string, string>;
  /** What `npx` runs, and its file. */
  bin: Record<string, string>;
  exports?: object;
  readme: string;
}

const client: SmallPackage = {
  name: '@keyturn/client',
  description: 'Gives MCP servers the API keys that Keyturn manages: a library, and a command for any server',
  entries: { client: 'client/index.ts', 'keyturn-client': 'bin/client.ts' },
  bin: { 'keyturn-client': 'keyturn-client.js' },
  exports: {
    '.': { types: './types/client/index.d.ts', default: './client.js' },
    './package.json': './package.json',
  },
  readme: 'client/README.md',
};

const create: SmallPackage = {
  name: 'create-keyturn',
  description: 'npm create keyturn: starts a repository for the API keys of your MCP servers',
  entries: { 'create-keyturn': 'bin/create-keyturn.ts' },
  bin: { 'create-keyturn': 'create-keyturn.js' },
  readme: 'bin/init/README.md',
};

/** @param into the folder for one folder of each package */
export async function buildSmallPackages(into: string): Promise<void> {
  for (const [folder, each] of Object.entries({ client, 'create-keyturn': create }))
    await buildPackage(join(into, folder), each);
  // Loaded by its path, with the first key of its provider.
  mkdirSync(join(into, 'client', 'connectors'));
  const { outputFiles } = await build({ ...connectorOptions(), sourcemap: false });
  for (const { path, contents } of outputFiles)
    if (path.endsWith('.mjs')) writeFileSync(join(into, 'client', 'connectors', basename(path)), contents);
  // Loaded by its path into the servers that the command starts.
  copyFileSync('client/run/usage/preload.cjs', join(into, 'client', 'preload.cjs'));
  await build(brokerPreloadOptions(join(into, 'client')));
  copyPythonPreload(join(into, 'client'));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.client.json'], {
    stdio: 'inherit',
  });
}

/** These packages know where keys are delivered, and deliver none: what calls these places stays out. */
const withoutCouriers: Plugin = {
  name: 'without-couriers',
  setup({ onResolve }) {
    onResolve({ filter: /^@aws-sdk\// }, ({ importer, kind }) =>
      kind === 'dynamic-import' && importer.includes(`${sep}targets${sep}`) ? { external: true } : undefined,
    );
  },
};

async function buildPackage(folder: string, { entries, readme, ...own }: SmallPackage): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: entries,
    bundle: true,
    // Compiles config/keys.ts, which neither package reads.
    external: ['esbuild'],
    plugins: [withoutCouriers],
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    ...loadsConnectorsFrom('./connectors/'),
    outdir: folder,
    metafile: true,
    logLevel: 'warning',
  });
  for (const file of Object.values(own.bin)) chmodSync(join(folder, file), 0o755);
  const { version, license, repository, homepage, bugs, engines, keywords } = manifest;
  const common = { version, keywords, license, repository, homepage, bugs, engines };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...own, ...common }, undefined, 2)}\n`);
  copyFileSync(readme, join(folder, 'README.md'));
  copyFileSync('LICENSE', join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licensesOf([metafile]));
}
