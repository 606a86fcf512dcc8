// How synthesis grows with the number of keys in one environment, and how near the largest template comes to CloudFormation's
// limits: 500 resources, 1 MB. On its own: npx tsx bench/synth.ts 100
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateConfig } from '../lib/config/validate-config';
import { buildApp } from '../lib/stacks/app';
import { manyKeys } from '../rehearsal/world/configs/many-keys';

export interface SynthBench {
  keys: number;
  stacks: number;
  /** From the start of a process, as `npx cdk synth` begins one, to the last template. */
  seconds: number;
  largest: { stack: string; bytes: number; resources: number };
}

/** In a process of its own: in one for all, the first would pay for loading CDK and the others would find it warm. */
export function benchSynth(keys: number): SynthBench {
  const args = ['--import', 'tsx', __filename, String(keys)];
  const stdout = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(stdout.slice(stdout.trimEnd().lastIndexOf('\n') + 1)) as SynthBench;
}

function synthesize(keys: number): SynthBench {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  try {
    buildApp({ config: validateConfig(manyKeys({ count: keys })), outdir }).synth();
    const seconds = Number((performance.now() / 1000).toFixed(1));
    const templates = readdirSync(outdir)
      .filter(file => file.endsWith('.template.json'))
      .map(file => {
        const text = readFileSync(join(outdir, file), 'utf8');
        const { Resources } = JSON.parse(text) as { Resources: object };
        const stack = file.replace('.template.json', '');
        return { stack, bytes: Buffer.byteLength(text), resources: Object.keys(Resources).length };
      })
      .sort((a, b) => b.bytes - a.bytes);
    const [largest] = templates;
    if (!largest) throw new Error(`the synthesis of ${keys} keys wrote no template`);
    return { keys, stacks: templates.length, seconds, largest };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

if (require.main === module) {
  process.stdout.write(`${JSON.stringify(synthesize(Number(process.argv[2])))}\n`);
}
