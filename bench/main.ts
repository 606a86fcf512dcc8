// `npm run bench`: sizes, times and counts. Slow, and no test: what it prints depends on the machine.
import { Option } from 'commander';
import { entry, runEntry } from '../bin/terminal/entry';
import { benchBundle } from './bundle';
import { benchClient } from './client';
import { benchRehearsal } from './rehearsal';
import { benchRotationCalls } from './rotation-calls';
import { benchSynth } from './synth';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const parts = new Map<string, () => unknown>([
  ['bundle', benchBundle],
  ['synth', () => [1, 100, 1000].map(benchSynth)],
  ['awsCallsPerRotation', benchRotationCalls],
  ['client', benchClient],
  ['rehearsal', benchRehearsal],
]);

const program = entry(
  'npm run bench --',
  'Measures sizes, times and counts, which depend on the machine.',
).addOption(new Option('--only <part...>', 'only these').choices([...parts.keys()]));

async function main(values: { only?: string[]; json?: boolean }): Promise<number> {
  const found: Record<string, unknown> = {};
  for (const [name, run] of parts) {
    if (values.only && !values.only.includes(name)) continue;
    if (!values.json) process.stderr.write(`${name} ...\n`);
    found[name] = await run();
  }
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : `${rowsOf(found).join('\n')}\n`);
  return 0;
}

/** One line a number: where it stands, and what it is. */
function rowsOf(found: unknown, path: string[] = []): string[] {
  if (typeof found !== 'object' || found === null) return [`${path.join(' ').padEnd(60)}  ${found}`];
  return Object.entries(found).flatMap(([name, value]) => rowsOf(value, [...path, name]));
}

void runEntry(program, main);
