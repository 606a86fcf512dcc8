// `npm start`: rehearses the app on this machine, with no account anywhere.
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Option } from 'commander';
import { loadConfig } from '../bin/config/load-config';
import type { StoryEvent } from '../bin/report/lives';
import { entry, runEntry, wholeNumber } from '../bin/terminal/entry';
import { KeyturnError } from '../core/errors';
import { isBroken, problemsOf, titleOf } from './lanes/lane-row';
import { startLanes } from './lanes/start-lanes';
import type { Story, Summary } from './report/story';
import { areGrantsJudged, eventLine, findingsText, progressLine, summaryTable } from './report/summary-text';
import { scenarios } from './scenarios/index';
import type { Scenario } from './scenarios/scenario';
import { manyKeys, usualKinds } from './world/configs/many-keys';
import { writeConfig } from './world/configs/own-config';
import { spareMemory } from './world/function-threads';
import { needed } from './world/needed';
import { type Rehearsal, rehearse } from './world/rehearse';

interface Flags {
  scenario: string;
  environment: string;
  config?: string;
  keys?: number;
  days?: number;
  seed: number;
  page: string;
  lanes: boolean;
  json?: boolean;
}

// On a machine with much memory, V8 lets garbage grow to four times of what is in use before it collects any.
setFlagsFromString('--heap-growing-percent=30');
spareMemory();
// V8 optimizes code anew in every thread, for a speed that a function of a few calls an hour never makes use of. Begun some four times
// later, it spares a sixth of the CPU of a rehearsal. Later versions than that of Node 20 begin it late by themselves, and have no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');

/** Ten years: what rotates once a year is seen to do so. */
const daysAtMost = 3_660;
const keysAtMost = 10_000;

const program = entry('npm start --', 'Rehearses the app on this machine, without any account.')
  .addOption(
    new Option('--scenario <scenario>', 'what happens').choices(Object.keys(scenarios)).default('quarter'),
  )
  .option('--environment <environment>', 'the environment of the configuration', 'prod')
  .addOption(new Option('--config <file>', 'the configuration (default: "config/keys.ts")').conflicts('keys'))
  .option('--keys <number>', 'use this many made-up keys instead', wholeNumber(1, keysAtMost))
  .option(
    '--days <number>',
    'how much time to play (default: depends on the scenario)',
    wholeNumber(1, daysAtMost),
  )
  .option('--seed <number>', 'a seed; another one picks other moments', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--page <file>', 'where to write the page with the chart', 'rehearsal-report/index.html')
  .option('--no-lanes', 'leave out the ways to get a key that run in real time beside a quarter');

async function main(values: Flags): Promise<number> {
  beginFolderOf(values.page);
  const scenario = needed(scenarios[values.scenario], `scenario ${values.scenario}`);
  const say = (text: string) => void (values.json || process.stdout.write(text));
  const made = writeConfigFor(scenario, values);
  const configFile = made?.file ?? values.config ?? 'config/keys.ts';
  say(
    `Keyturn rehearsal: ${scenario.about}.\nThe ${values.environment} environment of ${made ? 'a configuration made for it' : configFile}, on this machine alone: real templates, real bundles, no cloud.\n\n`,
  );
  // Before anything has to be ended again.
  const config = await loadConfig(configFile);
  const lanes = scenario.hasLanes && values.lanes ? startLanes() : undefined;
  const { story, page, findings, details } = await rehearse({
    config,
    configFile,
    environment: values.environment,
    scenario: values.days ? { ...scenario, days: values.days } : scenario,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: values.seed,
    ...(lanes && { lanes: lanes.rows }),
    onProgress: progress => void process.stderr.write(`${progressLine(progress)}\n`),
    onEvent: (event: StoryEvent) =>
      say(`${eventLine(event, process.stdout.isTTY && process.stdout.hasColors())}\n`),
  }).finally(() => {
    made?.remove();
    lanes?.stop();
  });
  writeFileSync(values.page, page);
  tellSummary(say, { story, page, findings, details });
  say(`\nThe page: ${values.page}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...findings, ...story.summary })}\n`);
  return isClean(story, scenario, findings) ? 0 : 1;
}

/** @throws before anything is played, which takes minutes */
function beginFolderOf(page: string): void {
  const folder = path.dirname(path.resolve(page));
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new KeyturnError(
      'usage',
      `${page} cannot be written (${(error as NodeJS.ErrnoException).code}); name another file after --page`,
    );
  }
}

function tellSummary(
  say: (text: string) => void,
  { story: { summary, isOrdinary }, findings, details }: Rehearsal,
): void {
  say(`\n${summaryTable(summary, isOrdinary)}\n`);
  // Excuses are many and stand in the templates; what went wrong is shown.
  const { excusedGrants: _, ...shown } = details;
  for (const [what, lines] of Object.entries(shown))
    for (const line of lines.slice(0, 10)) say(`${what}: ${line}\n`);
  for (const row of summary.realTimeLanes)
    for (const problem of problemsOf(row)) say(`${titleOf(row)}: ${problem}\n`);
  for (const grant of unusedGrants(summary, isOrdinary)) say(`unused grant: ${grant}\n`);
  if (Object.keys(findings).length) say(`\n${findingsText(findings)}\n`);
}

function unusedGrants(summary: Summary, isOrdinary: boolean): string[] {
  return areGrantsJudged(summary, isOrdinary) ? summary.iam.unusedGrants : [];
}

function isClean(
  { summary, isOrdinary }: Story,
  scenario: Scenario,
  findings: Record<string, unknown>,
): boolean {
  const isQuiet = !summary.requests.failed && !unusedGrants(summary, isOrdinary).length;
  return isSafe(summary, scenario) && (isQuiet || !isOrdinary) && (scenario.holds?.(findings) ?? true);
}

function isSafe(summary: Summary, { strays = 0 }: Scenario): boolean {
  const { orphans, secretsInOutput, iam, violations, realTimeLanes } = summary;
  const isKept = orphans === strays && !secretsInOutput && !iam.denied && !violations.length;
  return isKept && !realTimeLanes.some(isBroken);
}

/** A configuration that is made for this rehearsal: of so many keys, or what the scenario is about. */
function writeConfigFor(scenario: Scenario, { config, keys, environment }: Flags) {
  if (keys) return writeConfig(manyKeys({ count: keys, environment, policy: 'prod', kinds: usualKinds }));
  return config || !scenario.keys ? undefined : writeConfig(scenario.keys());
}

void runEntry(program, main);
