// All functions in one asset, bundled once per synth however many stacks use it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { AssetCode, type Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild';
import type { KeySpecs } from '../../core/key/key-spec';

const root = join(__dirname, '../..');
const handlersDirectory = join(root, 'lambda');

/**
 * The code of every function of one stack; a handler is `<file in lambda/>.handler`.
 * @param keys what its functions know of the environment's keys. @default - they are told by a variable
 */
export function functionsCode(keys?: KeySpecs): Code {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-functions-'));
  if (keys) writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
  return new FunctionsCode(directory);
}

/**
 * An asset that is hashed by what comes out, so that a change elsewhere in the repository deploys no function again. CDK's
 * own bundling would want a container image that is never run, and say on every terminal where in the tree it bundles.
 */
class FunctionsCode extends AssetCode {
  private isStaged = false;

  override bind(scope: Construct): CodeConfig {
    if (this.isStaged) return super.bind(scope);
    this.isStaged = true;
    try {
      if (Stack.of(scope).bundlingRequired) bundleFunctions(this.path);
      return super.bind(scope);
    } finally {
      rmSync(this.path, { recursive: true });
    }
  }
}

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
