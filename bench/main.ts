// `npm run bench`: sizes, times and counts. Slow, and no test: what it prints depends on the machine.
import { parseArgs } from 'node:util';
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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
  });
  const wanted = (values.only ?? [...parts.keys()]).map(name => {
    const run = parts.get(name);
    if (!run) throw new Error(`there is no part "${name}"; --only takes ${[...parts.keys()].join(', ')}`);
    return { name, run };
  });
  const found: Record<string, unknown> = {};
  for (const { name, run } of wanted) {
    if (!values.json) process.stderr.write(`${name} ...\n`);
    found[name] = await run();
  }
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : `${rowsOf(found).join('\n')}\n`);
}

/** One line a number: where it stands, and what it is. */
function rowsOf(found: unknown, path: string[] = []): string[] {
  if (typeof found !== 'object' || found === null) return [`${path.join(' ').padEnd(60)}  ${found}`];
  return Object.entries(found).flatMap(([name, value]) => rowsOf(value, [...path, name]));
}

main().catch(error => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 70;
});
