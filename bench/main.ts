// `npm run bench`: sizes, times and counts. Slow, and no test: what it prints depends on the machine.
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { entry, runEntry, wholeNumber } from '../bin/terminal/entry';
import { benchAudit } from './audit';
import { benchBroker } from './broker';
import { benchBundle } from './bundle';
import { benchClient } from './client';
import { benchLoad } from './load';
import { benchPromotion } from './promotion';
import { benchRehearsal, type RehearsalBench, readSizes, type Size, sizesTable } from './rehearsal';
import { benchRotationCalls } from './rotation-calls';
import { benchSynth } from './synth';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

interface Flags {
  only?: string[];
  /** Of rehearsals. */
  size?: Size[];
  before?: string;
  /** Of the audit. */
  keys: number;
  json?: boolean;
}

type Earlier = { rehearsal?: RehearsalBench } | undefined;

const parts = new Map<string, (flags: Flags, earlier: Earlier) => unknown>([
  ['bundle', benchBundle],
  ['load', benchLoad],
  ['synth', () => [1, 100, 1000].map(benchSynth)],
  ['awsCallsPerRotation', benchRotationCalls],
  ['client', benchClient],
  ['broker', () => benchBroker()],
  ['promotion', benchPromotion],
  ['audit', ({ keys }) => benchAudit(keys)],
  ['rehearsal', ({ size }, earlier) => benchRehearsal(size, earlier?.rehearsal)],
]);

const program = entry('npm run bench --', 'Measures sizes, times and counts, which depend on the machine.')
  .addOption(new Option('--only <part...>', 'only these').choices([...parts.keys()]))
  .option('--size <keys x days>', 'rehearsals of this size, such as 9x92; may be repeated', readSizes)
  .option('--keys <number>', 'of the audit', wholeNumber(1, 10_000), 1_000)
  .option('--before <file>', 'what an earlier run printed with --json, to show both');

async function main(flags: Flags): Promise<number> {
  const earlier: Earlier = flags.before ? JSON.parse(readFileSync(flags.before, 'utf8')) : undefined;
  const found: Record<string, unknown> = {};
  for (const [name, run] of parts) {
    if (flags.only && !flags.only.includes(name)) continue;
    if (!flags.json) process.stderr.write(`${name} ...\n`);
    found[name] = await run(flags, earlier);
  }
  process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : `${linesOf(found).join('\n')}\n`);
  return 0;
}

function linesOf({ rehearsal, ...others }: Record<string, unknown>): string[] {
  return [...rowsOf(others), ...(rehearsal ? sizesTable(rehearsal as RehearsalBench) : [])];
}

/** One line a number: where it stands, and what it is. */
function rowsOf(found: unknown, path: string[] = []): string[] {
  if (typeof found !== 'object' || found === null) return [`${path.join(' ').padEnd(60)}  ${found}`];
  return Object.entries(found).flatMap(([name, value]) => rowsOf(value, [...path, name]));
}

void runEntry(program, main);
