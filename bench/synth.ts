// How synthesis grows with the number of keys in one environment, and how near the largest template comes to CloudFormation's
// limits: 500 resources, 1 MB.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../lib/app';
import { validateConfig } from '../lib/validate-config';
import { manyKeys } from '../rehearsal/many-keys';

export interface SynthBench {
  keys: number;
  stacks: number;
  seconds: number;
  largest: { stack: string; bytes: number; resources: number };
}

export function benchSynth(keys: number): SynthBench {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  try {
    const begun = performance.now();
    buildApp({ config: validateConfig(manyKeys({ count: keys })), outdir }).synth();
    const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
    const templates = readdirSync(outdir)
      .filter(file => file.endsWith('.template.json'))
      .map(file => {
        const text = readFileSync(join(outdir, file), 'utf8');
        const { Resources } = JSON.parse(text) as { Resources: object };
        const stack = file.replace('.template.json', '');
        return { stack, bytes: Buffer.byteLength(text), resources: Object.keys(Resources).length };
      })
      .sort((a, b) => b.bytes - a.bytes);
    return { keys, stacks: templates.length, seconds, largest: templates[0]! };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
