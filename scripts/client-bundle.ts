// How `keyturn/client` is bundled: the build makes it so, and a test holds its size.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { loadsConnectorsFrom } from '../lib/bundling/bundle';
import { dependencies, peerDependencies } from '../package.json';

/** What every file of the package has in common. */
export const packageOptions = {
  bundle: true,
  // What npm installs stays outside; what only this repository has goes in.
  external: [...Object.keys({ ...dependencies, ...peerDependencies }), 'tsx'],
  platform: 'node',
  target: 'node20',
  outdir: 'dist',
  // Names stay as they are: a stack that somebody reports can be read.
  minifyWhitespace: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/** A server loads the connectors of its keys, from where the functions have theirs, and only to ask their providers. */
export const clientOptions = {
  ...packageOptions,
  ...loadsConnectorsFrom('./functions/connectors/'),
  entryPoints: { client: 'client/index.ts' },
  minify: true,
  // Said once for all, and not again by each module.
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  banner: { js: '"use strict";' },
} satisfies BuildOptions;

/** Loaded by its path into Node servers, with all that it needs inside. @param outdir where the command line lies */
export function brokerPreloadOptions(outdir: string): BuildOptions {
  return {
    entryPoints: ['client/broker/broker-preload.cjs'],
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    target: 'node20',
    outdir,
    logLevel: 'warning',
  };
}

/** In a folder of its own: Python looks for all that it imports there. @param outdir where the command line lies */
export function copyPythonPreload(outdir: string): void {
  cpSync('client/broker/python/sitecustomize.py', join(outdir, 'python/sitecustomize.py'));
}
