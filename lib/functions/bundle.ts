// Bundles the functions from their sources, once a process: for the package when it is built, in a clone at each synth.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild';

const root = join(__dirname, '../..');
const handlersDirectory = join(root, 'lambda');

let bundled: OutputFile[] | undefined;

/** @throws where a function does not compile */
export function bundleFunctions(outputDirectory: string): void {
  mkdirSync(outputDirectory, { recursive: true });
  // Once, however many stacks and environments there are.
  bundled ??= readdirSync(handlersDirectory)
    .filter(file => file.endsWith('.ts'))
    .flatMap(bundleFunction);
  for (const { path, contents } of bundled) writeFileSync(join(outputDirectory, basename(path)), contents);
}

/** Each by itself: in chunks shared by all, esbuild keeps what any of them uses, and each would load it. */
function bundleFunction(handler: string): OutputFile[] {
  return buildSync(bundleOptions(handler)).outputFiles;
}

export function bundleOptions(handler: string) {
  return {
    entryPoints: [join(handlersDirectory, handler)],
    bundle: true,
    format: 'esm',
    // What is imported lazily becomes a file of its own, named by its contents.
    splitting: true,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    // The rehearsal runs the same bundle, on the Node that its user has.
    target: 'node20',
    // A third smaller than with the CommonJS builds that esbuild would choose.
    mainFields: ['module', 'main'],
    alias: {
      '@smithy/core/config': join(handlersDirectory, 'aws', 'runtime', 'env-config.ts'),
      '@aws-sdk/credential-provider-node': join(handlersDirectory, 'aws', 'runtime', 'env-credentials.ts'),
    },
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    // Licenses lie beside the code, and are not loaded with it.
    legalComments: 'external',
    // Nothing is written there: source maps quote paths relative to it, so one place for all keeps the hash the same everywhere.
    outdir: join(root, 'bundle'),
    write: false,
    absWorkingDir: root,
    logLevel: 'warning',
  } satisfies BuildOptions;
}
