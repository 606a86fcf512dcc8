// What a library adds to a process that has read one secret: bytes, time and memory, each in a process of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bytesOf, eagerlyLoaded } from './bundle';
import { median } from './cached-reads';

export interface Footprint {
  /** Of the bundle, without what is only loaded where it is needed. */
  loadedKb: number;
  /** From the start of the script to the first value. */
  firstReadMs: number;
  heapMb: number;
}

const root = join(__dirname, '..');
const runs = 5;

const programs: Record<string, (name: string) => string> = {
  'bare node': () => 'const read = async () => {};',
  keyturn: () => `
    import { createKeys } from './client';
    const keys = createKeys({ usage: 'none' });
    const read = () => keys.use('gitlab', key => key.secret);`,
  'powertools parameters': name => `
    import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
    const read = () => getSecret('${name}');`,
  'middy secrets-manager': name => `
    import middy from '@middy/core';
    import secretsManager from '@middy/secrets-manager';
    const options = { fetchData: { key: '${name}' }, setToContext: true };
    const handler = middy(async (_event, context) => context.key).use(secretsManager(options));
    const read = () => handler({}, {});`,
};

/** Run with --expose-gc, so that what is measured is held and not left over. */
const measure = `
  const begun = performance.now();
  await read();
  const firstReadMs = performance.now();
  gc();
  process.stdout.write(JSON.stringify({ firstReadMs, heapMb: process.memoryUsage().heapUsed / 2 ** 20, begun }));
  process.exit(0);`;

export async function benchFootprints(
  secretName: string,
  env: NodeJS.ProcessEnv,
): Promise<Record<string, Footprint>> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-'));
  try {
    const footprints: Record<string, Footprint> = {};
    for (const [what, program] of Object.entries(programs)) {
      footprints[what] = await footprintOf(
        program(secretName) + measure,
        join(folder, what.replace(' ', '-')),
        env,
      );
    }
    return footprints;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function footprintOf(program: string, folder: string, env: NodeJS.ProcessEnv): Promise<Footprint> {
  const { metafile } = await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    outdir: folder,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const measured: { firstReadMs: number; heapMb: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', join(folder, 'main.mjs')],
      { env },
    );
    measured.push(JSON.parse(stdout));
  }
  const loaded = eagerlyLoaded(metafile.outputs, (_, path) => path.endsWith('main.mjs'));
  return {
    loadedKb: Math.round(bytesOf(loaded) / 1024),
    firstReadMs: Math.round(median(measured.map(({ firstReadMs }) => firstReadMs))),
    heapMb: Number(median(measured.map(({ heapMb }) => heapMb)).toFixed(1)),
  };
}
