// All functions in one asset, bundled once per synth however many stacks use it.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild';

const root = join(__dirname, '..');
const handlersDirectory = join(root, 'lambda');

/** The code of every function; a handler is `<file in lambda/>.handler`. */
export function functionsCode(): Code {
  return Code.fromAsset(handlersDirectory, {
    // By what comes out, so that a change elsewhere in the repository deploys no function again.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never run: the local bundling below always succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(outputDirectory) {
          bundleFunctions(outputDirectory);
          return true;
        },
      },
    },
  });
}

/** @throws where a function does not compile */
export function bundleFunctions(outputDirectory: string): void {
  mkdirSync(outputDirectory, { recursive: true });
  const handlers = readdirSync(handlersDirectory).filter(file => file.endsWith('.ts'));
  for (const { path, contents } of handlers.flatMap(bundleFunction))
    writeFileSync(join(outputDirectory, basename(path)), contents);
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
      '@aws-sdk/credential-provider-node': join(handlersDirectory, 'aws', 'env-credentials.ts'),
      '@aws-sdk/signature-v4-multi-region': join(handlersDirectory, 'aws', 'one-region-signer.ts'),
    },
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    // Nothing is written there: source maps quote paths relative to it, so one place for all keeps the hash the same everywhere.
    outdir: join(root, 'bundle'),
    write: false,
    absWorkingDir: root,
    logLevel: 'warning',
  } satisfies BuildOptions;
}
