// Bundles the functions from their sources: for the package when it is built, in a clone at the first synth after a change.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { type Rule, requireMet, slimSdk } from './slim-sdk';

const root = join(__dirname, '../..');
const handlersDirectory = join(root, 'lambda');
const providersDirectory = join(root, 'connectors', 'providers');
/** Nothing is written there: source maps quote paths relative to it, so one place for all keeps the hash the same everywhere. */
const outdir = join(root, 'bundle');

/** What connectors of a team's own import, beside the functions; its name is none of a provider. */
export const toolkit = 'connector-toolkit';

/**
 * @returns what is inside each
 * @throws where a function does not compile
 */
export async function bundleFunctions(outputDirectory: string): Promise<Metafile[]> {
  const handlers = readdirSync(handlersDirectory).filter(file => file.endsWith('.ts'));
  const met = new Set<Rule>();
  // Each by itself: in chunks shared by all, esbuild keeps what any of them uses, and each would load it.
  const all = [...handlers.map(handler => bundleOptions(handler, met)), connectorOptions(met)];
  const metafiles = await Promise.all(all.map(options => bundle(options, outputDirectory)));
  requireMet(met);
  return metafiles;
}

async function bundle(
  options: ReturnType<typeof bundleOptions | typeof connectorOptions>,
  outputDirectory: string,
): Promise<Metafile> {
  const { outputFiles, metafile } = await build({ ...options, metafile: true });
  for (const { path, contents } of outputFiles) {
    const file = join(outputDirectory, relative(outdir, path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  return metafile;
}

const common = {
  bundle: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  // The rehearsal runs the same bundle, on the Node that its user has.
  target: 'node20',
  // A third smaller than with the CommonJS builds that esbuild would choose.
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  // Licenses lie beside the code, and are not loaded with it.
  legalComments: 'external',
  outdir,
  write: false,
  absWorkingDir: root,
  logLevel: 'warning',
} satisfies BuildOptions;

const runtime = (file: string) => join(handlersDirectory, 'aws', 'runtime', file);
const checksums = { '@smithy/core/checksum': runtime('checksums.ts') };
/** S3 wants the SDK's other checksums, too. */
const withAllChecksums = 'removal-guard.ts';
/** They call Secrets Manager, DynamoDB and EventBridge. */
export const withJsonAlone = ['leak-report.ts', 'rotate.ts', 'token.ts'];

/** @param met gets what of the SDK has been made smaller */
export function bundleOptions(handler: string, met = new Set<Rule>()) {
  return {
    ...common,
    entryPoints: [join(handlersDirectory, handler)],
    // What is imported lazily becomes a file of its own, named by its contents.
    splitting: true,
    alias: {
      ...(handler !== withAllChecksums && checksums),
      '@smithy/core/config': runtime('env-config.ts'),
      '@aws-sdk/credential-provider-node': runtime('env-credentials.ts'),
      '@aws/lambda-invoke-store': runtime('invoke-store.ts'),
      '@aws-sdk/endpoint-cache': runtime('endpoint-cache.ts'),
    },
    plugins: [slimSdk(withJsonAlone.includes(handler), met)],
    ...loadsConnectorsFrom('./connectors/'),
  } satisfies BuildOptions;
}

/** @param folder as code in the bundle names it, with a slash at its end */
export function loadsConnectorsFrom(folder: string) {
  const names = connectorFiles().map(file => basename(file, '.ts'));
  return {
    define: {
      'globalThis.keyturnConnectors': JSON.stringify(folder),
      'globalThis.keyturnProviders': JSON.stringify(names.join(' ')),
    },
  } satisfies BuildOptions;
}

/** Every connector, each with all that it needs in one file: so none grows by what another one uses. */
export function connectorOptions(met = new Set<Rule>()) {
  return {
    ...common,
    entryPoints: {
      ...Object.fromEntries(connectorFiles().map(file => [`connectors/${basename(file, '.ts')}`, file])),
      [toolkit]: join(root, 'connectors', 'toolkit.ts'),
    },
    alias: checksums,
    plugins: [slimSdk(false, met)],
  } satisfies BuildOptions;
}

/** A connector is `<provider>.ts`, or `<provider>/<provider>.ts`. */
function connectorFiles(): string[] {
  return readdirSync(providersDirectory, { withFileTypes: true }).map(each =>
    join(providersDirectory, each.isDirectory() ? join(each.name, `${each.name}.ts`) : each.name),
  );
}
