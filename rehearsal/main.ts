// `npm start`: rehearses the app on this machine, with no account anywhere.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Option } from 'commander';
import { loadConfig } from '../bin/config/load-config';
import type { StoryEvent } from '../bin/report/lives';
import { entry, runEntry, wholeNumber } from '../bin/terminal/entry';
import type { Summary } from './report/story';
import { areGrantsJudged, eventLine, findingsText, progressLine, summaryTable } from './report/summary-text';
import { scenarios } from './scenarios/index';
import type { Scenario } from './scenarios/scenario';
import { manyKeys, usualKinds } from './world/many-keys';
import { needed } from './world/needed';
import { writeConfig } from './world/own-config';
import { rehearse } from './world/rehearse';

interface Flags {
  scenario: string;
  environment: string;
  config?: string;
  keys?: number;
  days?: number;
  seed: number;
  page: string;
  json?: boolean;
}

// On a machine with much memory, V8 lets garbage grow to four times of what is in use before it collects any.
setFlagsFromString('--heap-growing-percent=30');
// V8 optimizes code anew in every thread, for a speed that a function of a few calls an hour never makes use of. Begun some four times
// later, it spares a sixth of the CPU of a rehearsal. Later versions than that of Node 20 begin it late by themselves, and have no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');

/** Ten years: what rotates once a year is seen to do so. */
const daysAtMost = 3_660;
const keysAtMost = 10_000;

const program = entry('npm start --', 'Rehearses the app on this machine, with no account anywhere.')
  .addOption(
    new Option('--scenario <scenario>', 'what happens').choices(Object.keys(scenarios)).default('quarter'),
  )
  .option('--environment <environment>', 'the environment of the configuration', 'prod')
  .addOption(new Option('--config <file>', 'the configuration (default: "config/keys.ts")').conflicts('keys'))
  .option('--keys <number>', 'make up so many keys in its place', wholeNumber(1, keysAtMost))
  .option('--days <number>', 'how long it goes on (default: by scenario)', wholeNumber(1, daysAtMost))
  .option('--seed <number>', 'another one chooses other moments', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--page <file>', 'where the picture goes', 'rehearsal-report/index.html');

async function main(values: Flags): Promise<number> {
  const scenario = needed(scenarios[values.scenario], `scenario ${values.scenario}`);
  const say = (text: string) => void (values.json || process.stdout.write(text));
  const made = writeConfigFor(scenario, values);
  const configFile = made?.file ?? values.config ?? 'config/keys.ts';
  say(
    `Keyturn rehearsal: ${scenario.about}.\nThe ${values.environment} environment of ${made ? 'a configuration made for it' : configFile}, on this machine alone: real templates, real bundles, no cloud.\n\n`,
  );
  const { story, page, findings, details } = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: values.environment,
    scenario: values.days ? { ...scenario, days: values.days } : scenario,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: values.seed,
    onProgress: progress => void process.stderr.write(`${progressLine(progress)}\n`),
    onEvent: (event: StoryEvent) =>
      say(`${eventLine(event, process.stdout.isTTY && process.stdout.hasColors())}\n`),
  }).finally(() => made?.remove());
  mkdirSync(path.dirname(path.resolve(values.page)), { recursive: true });
  writeFileSync(values.page, page);
  const { summary, isOrdinary } = story;
  say(`\n${summaryTable(summary, isOrdinary)}\n`);
  // Excuses are many and stand in the templates; what went wrong is shown.
  const { excusedGrants: _, ...shown } = details;
  for (const [what, lines] of Object.entries(shown))
    for (const line of lines.slice(0, 10)) say(`${what}: ${line}\n`);
  const unused = areGrantsJudged(summary, isOrdinary) ? summary.iam.unusedGrants : [];
  for (const grant of unused) say(`unused grant: ${grant}\n`);
  if (Object.keys(findings).length) say(`\n${findingsText(findings)}\n`);
  say(`\nThe picture: ${values.page}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...findings, ...summary })}\n`);
  const isQuiet = !summary.requests.failed && !unused.length;
  const isClean =
    isSafe(summary, scenario) && (isQuiet || !isOrdinary) && (scenario.holds?.(findings) ?? true);
  return isClean ? 0 : 1;
}

function isSafe({ orphans, secretsInOutput, iam, violations }: Summary, { strays = 0 }: Scenario): boolean {
  return orphans === strays && !secretsInOutput && !iam.denied && !violations.length;
}

/** A configuration that is made for this rehearsal: of so many keys, or what the scenario is about. */
function writeConfigFor(scenario: Scenario, { config, keys, environment }: Flags) {
  if (keys) return writeConfig(manyKeys({ count: keys, environment, policy: 'prod', kinds: usualKinds }));
  return config || !scenario.keys ? undefined : writeConfig(scenario.keys());
}

void runEntry(program, main);
