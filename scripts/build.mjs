// Builds what npm installs: the command line, the client and the constructs, each as one file, with types.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

process.chdir(new URL('..', import.meta.url).pathname);
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { keyturn: 'bin/keyturn.ts', client: 'client/index.ts', cdk: 'lib/index.ts' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  outdir: 'dist',
  sourcemap: true,
  sourcesContent: false,
});
chmodSync('dist/keyturn.js', 0o755);
// Loaded into MCP servers by its path, so it stays a file of its own.
copyFileSync('client/run/usage/preload.cjs', 'dist/preload.cjs');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
