// What an MCP server pays for importing the client library.

import { join } from 'node:path';
import { build } from 'esbuild';

it('the client library needs neither CDK nor zod to load, and CloudWatch only where it reports there', async () => {
  const { metafile } = await build({
    entryPoints: [join(__dirname, '../../client/index.ts')],
    bundle: true,
    platform: 'node',
    write: false,
    metafile: true,
    splitting: true,
    format: 'esm',
    outdir: 'out',
    logLevel: 'silent',
  });
  const [entry] = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === 'client/index.ts',
  )!;
  const loaded = new Set<string>();
  const load = (output: string): void => {
    for (const input of Object.keys(metafile.outputs[output]!.inputs)) loaded.add(input);
    for (const { path, kind } of metafile.outputs[output]!.imports) {
      if (kind !== 'dynamic-import' && metafile.outputs[path]) load(path);
    }
  };
  load(entry);
  const packages = new Set(
    [...loaded].map(path => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean),
  );
  expect([...packages]).toContain('@aws-sdk/client-secrets-manager');
  for (const heavy of ['aws-cdk-lib', 'constructs', 'zod', '@aws-sdk/client-cloudwatch', 'commander']) {
    expect([...packages]).not.toContain(heavy);
  }
  const own = [...loaded].filter(path => !path.includes('node_modules'));
  // What loads one connector when it is asked for, and none before.
  expect(own.filter(path => !/^(client|core)\//.test(path)).sort()).toEqual([
    'connectors/load.ts',
    'connectors/own.ts',
  ]);
});
