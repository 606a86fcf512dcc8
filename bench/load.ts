// What a cold start spends on loading: functions as they are deployed, beside bare Node, and beside the same sources as CDK bundles
// them where nothing is said.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFunctions, bundleOptions } from '../lib/bundling/bundle';
import { median } from './cached-reads';

const handlers = ['rotate', 'retire', 'emergency-revoke', 'deliver', 'token'];
/** The rotation function loads one besides. */
const provider = 'sendgrid';
const rounds = 21;

/** Medians, of a whole process: from its start to its end, and what it takes of a core. */
interface Times {
  wallMs: number;
  cpuMs: number;
}

interface Load {
  /** Above those of bare Node. */
  keyturn: Times;
  cdkDefaults: Times;
  /** CPU time above bare Node, by that of CDK's defaults: below 1, it is faster. */
  against: number;
}

export interface LoadBench {
  bareNode: Times;
  aboveBareNode: Record<string, Load>;
}

export async function benchLoad(): Promise<LoadBench> {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-load-'));
  try {
    await bundleFunctions(directory);
    await bundleByCdkDefaults(directory);
    const bare = join(directory, 'bare.mjs');
    writeFileSync(bare, tellCpu);
    const programs = { bare, ...Object.assign({}, ...handlers.map(each => programsOf(directory, each))) };
    const { bare: bareNode, ...others } = timesOf(programs);
    const above = (way: string) => difference(others[way], bareNode);
    const loads = handlers.map(handler => {
      const [keyturn, cdkDefaults] = [above(handler), above(defaultsOf(handler))];
      const against = Number((keyturn.cpuMs / cdkDefaults.cpuMs).toFixed(2));
      return [handler, { keyturn, cdkDefaults, against }] as const;
    });
    return { bareNode: difference(bareNode, none), aboveBareNode: Object.fromEntries(loads) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const none = { wallMs: 0, cpuMs: 0 };
const defaultsOf = (handler: string) => `${handler} by CDK's defaults`;
const tellCpu =
  'const { user, system } = process.cpuUsage();\nprocess.stdout.write(String((user + system) / 1_000));\n';

/** @returns way -> its program */
function programsOf(directory: string, handler: string): Record<string, string> {
  const connector = (file: string) => (handler === 'rotate' ? [file] : []);
  const files = {
    [handler]: [`${handler}.mjs`, ...connector(`connectors/${provider}.mjs`)],
    [defaultsOf(handler)]: [`default/${handler}.cjs`, ...connector(`default/${provider}.cjs`)],
  };
  return Object.fromEntries(
    Object.entries(files).map(([way, loaded]) => {
      const program = join(directory, `${way.replace(/\W+/g, '-')}-load.mjs`);
      const urls = loaded.map(file => pathToFileURL(join(directory, file)).href);
      writeFileSync(
        program,
        [...urls.map(url => `await import(${JSON.stringify(url)});`), tellCpu].join('\n'),
      );
      return [way, program];
    }),
  );
}

/** In turns, so that whatever else the machine does meets all alike; one round more than is counted warms the disk. */
function timesOf(programs: Record<string, string>): Record<string, Times> & { bare: Times } {
  const taken = Object.keys(programs).map(way => [way, [] as Times[]] as const);
  for (let round = 0; round <= rounds; round++)
    for (const [way, times] of taken) {
      const time = timeToRun(programs[way] ?? '');
      if (round) times.push(time);
    }
  const medians = taken.map(([way, times]) => [
    way,
    { wallMs: median(times.map(({ wallMs }) => wallMs)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) },
  ]);
  return Object.fromEntries(medians);
}

function timeToRun(file: string): Times {
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    KEYTURN_ENVIRONMENT: 'prod',
    KEYTURN_PROVIDER: provider,
  };
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { env, encoding: 'utf8' });
  const wallMs = performance.now() - begun;
  if (status !== 0) throw new Error(`${basename(file)} did not load: ${stderr}`);
  return { wallMs, cpuMs: Number(stdout) };
}

function difference(times: Times | undefined, from: Times): Times {
  const of = (name: keyof Times) => Number(((times?.[name] ?? Number.NaN) - from[name]).toFixed(1));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs') };
}

/**
 * As NodejsFunction does it where nothing is said: CommonJS, main fields of Node, not minified, the whole credential chain.
 * It would leave the SDK out, to load it from the runtime, which differs from machine to machine; here it is in both.
 */
export async function bundleByCdkDefaults(directory: string): Promise<Record<string, number>> {
  const { absWorkingDir, target } = bundleOptions('rotate.ts');
  const sources = [
    ...handlers.map(handler => [handler, `lambda/${handler}.ts`] as const),
    [provider, `connectors/providers/${provider}/${provider}.ts`] as const,
  ];
  const sizes = sources.map(async ([name, source]) => {
    const outfile = join(directory, 'default', `${name}.cjs`);
    const options = { absWorkingDir, target, outfile, metafile: true, logLevel: 'warning' } as const;
    const { metafile } = await build({ ...options, entryPoints: [source], bundle: true, platform: 'node' });
    const bytes = Object.values(metafile.outputs).map(output => output.bytes);
    return [name, bytes.reduce((sum, each) => sum + each, 0)] as const;
  });
  return Object.fromEntries(await Promise.all(sizes));
}
