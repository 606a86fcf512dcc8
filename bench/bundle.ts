// What Lambda loads for each function, in bytes, beside what CDK bundles by default.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundleOptions } from '../lib/bundling/bundle';
import { bundleByCdkDefaults } from './load';

export interface BundleBench {
  /** Of the rotation function, without its connector: what it loads before its first step. */
  rotationBytes: number;
  /** Loaded when it is needed, or never -> bytes. */
  lazyBytes: Record<string, number>;
  /** The same code as NodejsFunction bundles it by default. */
  cdkDefaultBytes: number;
}

const handler = 'rotate';

export async function benchBundle(): Promise<BundleBench> {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  try {
    const { [handler]: cdkDefaultBytes = Number.NaN } = await bundleByCdkDefaults(directory);
    return { ...(await sizes()), cdkDefaultBytes };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function sizes(): Promise<Pick<BundleBench, 'rotationBytes' | 'lazyBytes'>> {
  const { metafile } = await build({ ...bundleOptions(`${handler}.ts`), metafile: true });
  const { outputs } = metafile;
  const eager = eagerlyLoaded(outputs, ({ entryPoint }) => entryPoint === `lambda/${handler}.ts`);
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
