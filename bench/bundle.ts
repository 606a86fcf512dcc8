// What Lambda loads for a rotation: its bytes, and the time it takes, beside bare Node and beside what CDK bundles by default.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';
import { bundleFunctions, bundleOptions } from '../lib/functions/bundle';
import { median } from './cached-reads';

export interface BundleBench {
  /** Of the rotation function, without its connector: what it loads before its first step. */
  rotationBytes: number;
  /** Loaded when it is needed, or never -> bytes. */
  lazyBytes: Record<string, number>;
  /** The same code as NodejsFunction bundles it by default. */
  cdkDefaultBytes: number;
  /** From the start of a process to its end. Medians. */
  loadMs: { bareNode: number; rotation: number; cdkDefaults: number };
  /** Time above bare Node, by that of CDK's defaults: below 1, it is faster. */
  loadAgainstCdkDefaults: number;
}

const handler = 'rotate.ts';
const rounds = 11;

export function benchBundle(): BundleBench {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  try {
    bundleFunctions(directory);
    const cdkDefaultBytes = bundleByCdkDefaults(join(directory, 'default.cjs'));
    const times = timesToLoad(directory);
    const above = (ms: number) => ms - times.bareNode;
    return {
      ...sizes(),
      cdkDefaultBytes,
      loadMs: times,
      loadAgainstCdkDefaults: Number((above(times.rotation) / above(times.cdkDefaults)).toFixed(2)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sizes(): Pick<BundleBench, 'rotationBytes' | 'lazyBytes'> {
  const { outputs } = buildSync({ ...bundleOptions(handler), metafile: true }).metafile;
  const eager = eagerlyLoaded(outputs, ({ entryPoint }) => entryPoint === `lambda/${handler}`);
  const others = Object.entries(outputs).filter(([path]) => !(path in eager) && path.endsWith('.mjs'));
  return {
    rotationBytes: bytesOf(eager),
    lazyBytes: Object.fromEntries(others.map(([path, { bytes }]) => [basename(path), bytes])),
  };
}

type Outputs = Metafile['outputs'];

/** The entry, and all chunks that it imports before it runs. */
export function eagerlyLoaded(
  outputs: Outputs,
  isEntry: (output: Outputs[string], path: string) => boolean,
): Outputs {
  const loaded: Outputs = {};
  const load = (path: string): void => {
    const output = outputs[path];
    // What is not bundled, such as Node's own modules, is no output.
    if (!output || path in loaded) return;
    loaded[path] = output;
    for (const { path: next, kind } of output.imports) if (kind !== 'dynamic-import') load(next);
  };
  for (const [path, output] of Object.entries(outputs)) if (isEntry(output, path)) load(path);
  if (!Object.keys(loaded).length)
    throw new Error(`none of ${Object.keys(outputs).join(', ')} is the entry that was asked for`);
  return loaded;
}

export function bytesOf(outputs: Outputs): number {
  return Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * As NodejsFunction does it where nothing is said: CommonJS, main fields of Node, not minified, the whole credential chain.
 * It would leave the SDK out, to load it from the runtime, which differs from machine to machine; here it is in both.
 */
function bundleByCdkDefaults(outfile: string): number {
  const { entryPoints, absWorkingDir, target } = bundleOptions(handler);
  const { metafile } = buildSync({
    entryPoints,
    absWorkingDir,
    target,
    bundle: true,
    platform: 'node',
    outfile,
    metafile: true,
    logLevel: 'warning',
  });
  return bytesOf(metafile.outputs);
}

function timesToLoad(directory: string): BundleBench['loadMs'] {
  const load = (file: string) => `await import(${JSON.stringify(pathToFileURL(join(directory, file)).href)})`;
  const programs = { bareNode: '', rotation: load('rotate.mjs'), cdkDefaults: load('default.cjs') };
  const ways = Object.keys(programs) as (keyof typeof programs)[];
  for (const way of ways) writeFileSync(join(directory, `${way}.mjs`), programs[way]);
  const taken = { bareNode: [], rotation: [], cdkDefaults: [] } as Record<keyof typeof programs, number[]>;
  // In turns, so that whatever else the machine does meets all alike; one round more than is counted warms the disk.
  for (let round = 0; round <= rounds; round++) {
    for (const way of ways) {
      const ms = timeToRun(join(directory, `${way}.mjs`));
      if (round) taken[way].push(ms);
    }
  }
  const rounded = (way: keyof typeof programs) => Number(median(taken[way]).toFixed(1));
  return {
    bareNode: rounded('bareNode'),
    rotation: rounded('rotation'),
    cdkDefaults: rounded('cdkDefaults'),
  };
}

function timeToRun(file: string): number {
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    KEYTURN_ENVIRONMENT: 'prod',
    KEYTURN_PROVIDER: 'sendgrid',
  };
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [file], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${basename(file)} did not load: ${stderr}`);
  return performance.now() - begun;
}
