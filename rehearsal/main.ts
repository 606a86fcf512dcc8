// `npm start`: rehearses the app on this machine, with no account anywhere.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../bin/config/load-config';
import type { StoryEvent } from './report/story';
import { eventLine, findingsText, progressLine, summaryTable } from './report/summary-text';
import { scenarios } from './scenarios/index';
import type { Scenario } from './scenarios/scenario';
import { manyKeys, usualKinds } from './world/many-keys';
import { writeConfig } from './world/own-config';
import { rehearse } from './world/rehearse';

const usage = `Usage: npm start -- [--scenario ${Object.keys(scenarios).join('|')}] [--environment prod]
                    [--config config/keys.ts | --keys 200] [--days 92] [--seed 1] [--page keyturn-rehearsal.html] [--json]
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'quarter' },
      environment: { type: 'string', default: 'prod' },
      config: { type: 'string' },
      keys: { type: 'string' },
      days: { type: 'string' },
      seed: { type: 'string', default: '1' },
      page: { type: 'string', default: 'rehearsal-report/index.html' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const scenario = scenarios[values.scenario];
  if (values.help || !scenario) {
    process.stderr.write(values.help ? usage : `there is no scenario "${values.scenario}"\n${usage}`);
    return values.help ? 0 : 2;
  }
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
    scenario: values.days ? { ...scenario, days: Number(values.days) } : scenario,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: Number(values.seed),
    onProgress: progress => void process.stderr.write(`${progressLine(progress)}\n`),
    onEvent: (event: StoryEvent) =>
      say(`${eventLine(event, process.stdout.isTTY && process.stdout.hasColors())}\n`),
  }).finally(() => made?.remove());
  mkdirSync(path.dirname(path.resolve(values.page)), { recursive: true });
  writeFileSync(values.page, page);
  const { summary, isOrdinary } = story;
  say(`\n${summaryTable(summary, isOrdinary)}\n`);
  for (const [what, lines] of Object.entries(details)) {
    // Excuses are many and stand in the templates; what went wrong is shown.
    if (what !== 'excusedGrants') for (const line of lines.slice(0, 10)) say(`${what}: ${line}\n`);
  }
  for (const grant of isOrdinary ? summary.iam.unusedGrants : []) say(`unused grant: ${grant}\n`);
  if (Object.keys(findings).length) say(`\n${findingsText(findings)}\n`);
  say(`\nThe picture: ${values.page}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...findings, ...summary })}\n`);
  const isSafe =
    !summary.orphans && !summary.secretsInOutput && !summary.iam.denied && !summary.violations.length;
  const isQuiet = !summary.requests.failed && !summary.iam.unusedGrants.length;
  const isClean = isSafe && (isQuiet || !isOrdinary) && (scenario.holds?.(findings) ?? true);
  return isClean ? 0 : 1;
}

/** A configuration that is made for this rehearsal: of so many keys, or what the scenario is about. */
function writeConfigFor(
  scenario: Scenario,
  { config, keys, environment }: { config?: string; keys?: string; environment: string },
) {
  if (keys)
    return writeConfig(manyKeys({ count: Number(keys), environment, policy: 'prod', kinds: usualKinds }));
  return config || !scenario.keys ? undefined : writeConfig(scenario.keys());
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    if (error instanceof Error && error.cause)
      process.stderr.write(`${String((error.cause as Error).stack ?? error.cause)}\n`);
    process.exitCode = 70;
  },
);
