// Builds what npm installs: the command line, the client, the constructs and the rehearsal, each as one file, with types; and
// beside them what these would make from sources in a clone: the functions, and the programs that the rehearsal calls.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { programs } from '../bin/programs';
import { bundleFunctions } from '../lib/bundling/bundle';
import { buildMcpPrograms } from '../rehearsal/servers/mcp-programs';
import { brokerPreloadOptions, clientOptions, copyPythonPreload, packageOptions } from './client-bundle';
import { licensesOf } from './licenses';
import { buildSmallPackages } from './small-packages';

process.chdir(join(__dirname, '..'));
const dist = 'dist';

async function main(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await build({
    ...packageOptions,
    entryPoints: {
      cdk: 'lib/index.ts',
      connectors: 'connectors/toolkit.ts',
      config: 'lib/config/define-keys.ts',
      ...programs,
    },
  });
  await build(clientOptions);
  await build(brokerPreloadOptions(dist));
  copyPythonPreload(dist);
  await build({
    ...packageOptions,
    entryPoints: { 'connector-suite': 'test/connectors/contract/suite.ts' },
    inject: ['scripts/suite-expect.ts'],
    minify: true,
  });
  chmodSync(join(dist, 'keyturn.js'), 0o755);
  // Loaded by their paths, so they stay files of their own.
  for (const file of [
    'client/run/usage/preload.cjs',
    'rehearsal/world/virtual-process.mjs',
    'rehearsal/sandbox/outside.mjs',
  ])
    copyFileSync(file, join(dist, file.slice(file.lastIndexOf('/'))));
  const laneServers = join(dist, 'lane-servers');
  cpSync('rehearsal/lanes/servers', laneServers, { recursive: true });
  cpSync('clients/python/src', laneServers, {
    recursive: true,
    filter: path => !path.includes('__pycache__') && !path.endsWith('.egg-info'),
  });
  const inside = [
    ...(await bundleFunctions(join(dist, 'functions'))),
    ...buildMcpPrograms(join(dist, 'mcp-programs')),
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
