// Builds what npm installs: the command line, the client, the constructs and the rehearsal, each as one file, with types; and
// beside them what these would make from sources in a clone: the functions, and the programs that the rehearsal calls.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, buildSync } from 'esbuild';
import { programs } from '../bin/programs';
import { bundleFunctions, bundleOptions } from '../lib/functions/bundle';
import { dependencies, peerDependencies } from '../package.json';
import { buildMcpPrograms } from '../rehearsal/servers/mcp-programs';
import { licensesOf } from './licenses';
import { buildSmallPackages } from './small-packages';

process.chdir(join(__dirname, '..'));
const dist = 'dist';

async function main(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await build({
    entryPoints: {
      keyturn: 'bin/keyturn.ts',
      client: 'client/index.ts',
      cdk: 'lib/index.ts',
      config: 'lib/config/define-keys.ts',
      ...programs,
    },
    bundle: true,
    // What npm installs stays outside; what only this repository has goes in.
    external: [...Object.keys({ ...dependencies, ...peerDependencies }), 'tsx'],
    platform: 'node',
    target: 'node20',
    outdir: dist,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  chmodSync(join(dist, 'keyturn.js'), 0o755);
  // Loaded by their paths, so they stay files of their own.
  for (const file of [
    'client/run/usage/preload.cjs',
    'rehearsal/world/virtual-process.mjs',
    'rehearsal/sandbox/outside.mjs',
  ])
    copyFileSync(file, join(dist, file.slice(file.lastIndexOf('/'))));
  bundleFunctions(join(dist, 'functions'));
  const inside = [
    ...(await buildMcpPrograms(join(dist, 'mcp-programs'))),
    ...readdirSync('lambda')
      .filter(file => file.endsWith('.ts'))
      .map(file => buildSync({ ...bundleOptions(file), metafile: true }).metafile),
  ];
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licensesOf(inside));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  await buildSmallPackages(join(dist, 'packages'));
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
