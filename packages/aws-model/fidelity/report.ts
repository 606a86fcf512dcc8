// The recorded behaviours and how the model stands to them: as a table for a terminal, and as a document.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, type Recorded, readRecorded } from './recorded';
import { type ReplayOutcome, replay } from './replay';

export interface ReplayResult {
  recorded: Recorded;
  /** `assumed` where there is nothing to hold. */
  outcome: ReplayOutcome | 'assumed';
}

export async function replayAll(): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  for (const recorded of readRecorded()) results.push({ recorded, outcome: await outcomeOf(recorded) });
  return results;
}

async function outcomeOf(recorded: Recorded): Promise<ReplayResult['outcome']> {
  if ('assumed' in recorded) return 'assumed';
  if ('notModelled' in recorded) return 'not modelled';
  if ('call' in recorded) return replay(recorded);
  // Whether the test passes is for the tests to say; here it must exist.
  const file = join(folder, '..', 'test', recorded.test);
  const isThere = existsSync(file) && readFileSync(file, 'utf8').includes(recorded.name);
  return isThere ? 'held' : { differs: `test/${recorded.test} has no test "${recorded.name}"` };
}

interface Count {
  service: string;
  held: number;
  differing: number;
  notModelled: number;
  assumed: number;
}

export function countByService(results: readonly ReplayResult[]): Count[] {
  const services = [...new Set(results.map(({ recorded }) => recorded.service))].sort();
  return services.map(service => count(service, results));
}

function count(service: string, results: readonly ReplayResult[]): Count {
  const outcomes = results
    .filter(({ recorded }) => recorded.service === service)
    .map(({ outcome }) => outcome);
  const those = (wanted: ReplayResult['outcome']) => outcomes.filter(outcome => outcome === wanted).length;
  return {
    service,
    held: those('held'),
    differing: outcomes.filter(outcome => typeof outcome === 'object').length,
    notModelled: those('not modelled'),
    assumed: those('assumed'),
  };
}

/** Of all recorded answers, what is not modelled included; what AWS does not publish is no answer. */
export function percentOfAll({ held, differing, notModelled }: Omit<Count, 'service'>): number {
  return Math.floor((held / Math.max(1, held + differing + notModelled)) * 100);
}

export function total(counts: readonly Count[]): Count {
  const sum = (of: 'held' | 'differing' | 'notModelled' | 'assumed') =>
    counts.reduce((all, one) => all + one[of], 0);
  return {
    service: 'all',
    held: sum('held'),
    differing: sum('differing'),
    notModelled: sum('notModelled'),
    assumed: sum('assumed'),
  };
}

/** Of what is modelled, in whole per cent and never rounded up to 100. */
export function percentHeld({ held, differing }: Count): number {
  return Math.floor((held / Math.max(1, held + differing)) * 100);
}

export function table(results: readonly ReplayResult[]): string {
  const counts = countByService(results);
  const rows = [...counts, total(counts)].map(one => [
    one.service,
    String(one.held),
    String(one.differing),
    String(one.notModelled),
    String(one.assumed),
    `${percentHeld(one)}%`,
    `${percentOfAll(one)}%`,
  ]);
  const all = [
    ['service', 'held', 'differing', 'not modelled', 'assumed', 'held of modelled', 'held of all'],
    ...rows,
  ];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  const lines = all.map(row =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0)))
      .join('  '),
  );
  return [...lines, ...differences(results)].join('\n');
}

function differences(results: readonly ReplayResult[]): string[] {
  return results.flatMap(({ recorded, outcome }) =>
    typeof outcome === 'object' ? [`${recorded.service}: ${recorded.fact}: ${outcome.differs}`] : [],
  );
}

/** After this line, a document holds the tables and nothing else. */
const tablesFollow = '<!-- printed by npm run test:fidelity -->\n';

/** A document with its tables as they are now. */
export function withTables(document: string, results: readonly ReplayResult[]): string {
  const [introduction, printed] = document.split(tablesFollow);
  if (printed === undefined) throw new Error(`the document has no line ${tablesFollow.trim()}; add it`);
  return `${introduction}${tablesFollow}\n${documentTables(results)}`;
}

function documentTables(results: readonly ReplayResult[]): string {
  const counts = countByService(results);
  const summary = [...counts, total(counts)].map(
    one => `| ${one.service} | ${one.held} | ${one.differing} | ${one.notModelled} | ${one.assumed} |`,
  );
  const sections = counts.map(({ service }) => section(service, results));
  return [
    '| service | held | differing | not modelled | assumed |',
    '| --- | --- | --- | --- | --- |',
    ...summary,
    ...sections,
    '',
  ].join('\n');
}

function section(service: string, results: readonly ReplayResult[]): string {
  const rows = results
    .filter(({ recorded }) => recorded.service === service)
    .map(({ recorded, outcome }) =>
      [cell(recorded.fact), cell(recorded.source), cell(standing(recorded, outcome))].join(' | '),
    );
  return [
    '',
    `### ${service}`,
    '',
    '| behaviour | source | in the model |',
    '| --- | --- | --- |',
    ...rows.map(row => `| ${row} |`),
  ].join('\n');
}

function standing(recorded: Recorded, outcome: ReplayResult['outcome']): string {
  if ('assumed' in recorded) return `assumed: ${recorded.assumed}`;
  if (typeof outcome === 'object') return `differs: ${outcome.differs}`;
  if (outcome === 'not modelled')
    return `not modelled${'notModelled' in recorded ? `: ${recorded.notModelled}` : ''}`;
  return 'test' in recorded ? `held by ${recorded.test}` : 'held by replay';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
