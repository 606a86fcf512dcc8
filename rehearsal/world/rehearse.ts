// Plays one scenario on the synthesized app, and sums up what happened.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoryEvent } from '../../bin/report/lives';
import { KeyturnError } from '../../core/errors';
import { dayMs } from '../../core/time';
import type { Config, Environment } from '../../lib/config/config';
import { providersInUse } from '../../lib/config/config';
import type { LaneRow } from '../lanes/lane-row';
import { reportPage } from '../report/report-page';
import type { Story, Summary } from '../report/story';
import type { Scenario } from '../scenarios/scenario';
import type { McpLoad } from '../servers/mcp-load';
import { auditOf, overviewOf } from './counts/overview-of';
import { openRehearsal } from './open-rehearsal';
import type { RehearsalContext } from './rehearsal-context';
import { requireEnvironment, type Synthesized, synthesizeApart } from './synthesis';

export interface RehearsalOptions {
  config: Config;
  configFile: string;
  environment: string;
  scenario: Scenario;
  start: Date;
  seed: number;
  /** Told of everything as it happens. */
  onEvent(event: StoryEvent): void;
  /** Told every few seconds how far it is. */
  onProgress?(progress: Progress): void;
  /** @default - synthesized from the config */
  synthesized?: Synthesized;
  /** Played beside it in real time. @default - none */
  lanes?: Promise<LaneRow[]>;
  /** Changes what was synthesized before it is played: how a stack that was edited by hand would fare. */
  alterAssembly?(directory: string): void;
}

export interface Progress {
  at: Date;
  /** Of the time that is to be simulated, 0 to 1. */
  part: number;
  rotations: number;
  requests: number;
}

const progressEveryMs = 10_000;

export interface Rehearsal {
  story: Story;
  page: string;
  /** What the scenario is about. */
  findings: Record<string, unknown>;
  /** What stands behind the counts, a line each. */
  details: {
    failedRequests: string[];
    orphans: string[];
    leaks: string[];
    denials: string[];
    excusedGrants: string[];
  };
}

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { scenario, start } = options;
  requireNeeds(scenario, requireEnvironment(options.config, options.environment));
  const began = performance.now();
  const synthesized =
    options.synthesized ?? (await synthesizeApart(options.config, options.configFile, options.environment));
  const { directory, remove } = synthesized;
  options.alterAssembly?.(directory);
  let context: RehearsalContext | undefined;
  try {
    context = await openRehearsal({
      synthesized,
      configFile: options.configFile,
      start,
      seed: options.seed,
      alarmsEveryMinutes: () => scenario.alarmsEveryMinutes ?? 1,
      onEvent: options.onEvent,
    });
    const end = new Date(start.getTime() + scenario.days * dayMs);
    const telling = setInterval(progressOf, progressEveryMs, context, options, end);
    await scenario.play(context, end).finally(() => clearInterval(telling));
    const realTimeLanes = (await options.lanes) ?? [];
    const summed = sumUp(context, options, realTimeLanes, (performance.now() - began) / 1000);
    // After all was counted: whoever looks changes no number.
    summed.story.audited = await auditOf(context);
    const page = reportPage(summed.story);
    lookAtTheRest(context, directory, [page, JSON.stringify(summed)]);
    const leaks = context.world.leaks.takeFound();
    summed.story.summary.secretsInOutput = leaks.length;
    return {
      story: summed.story,
      findings: context.findings,
      page: leaks.length ? reportPage(summed.story) : page,
      details: { ...summed.details, leaks },
    };
  } finally {
    await context?.load?.close();
    await context?.world.close();
    remove();
  }
}

/** @throws {KeyturnError} usage, where the scenario could show nothing there */
function requireNeeds({ name, needs }: Scenario, environment: Environment): void {
  const lack = needs?.(environment);
  if (lack)
    throw new KeyturnError('usage', `${environment.name} cannot play the scenario "${name}": ${lack}`);
}

function progressOf(
  { world, ledger, load }: RehearsalContext,
  { start, onProgress }: RehearsalOptions,
  end: Date,
): void {
  const at = world.clock.now();
  const part = Math.min(1, (at.getTime() - start.getTime()) / (end.getTime() - start.getTime()));
  onProgress?.({ at, part, rotations: ledger.rotations().succeeded, requests: load?.total ?? 0 });
}

function sumUp(
  context: RehearsalContext,
  { scenario, start }: RehearsalOptions,
  realTimeLanes: LaneRow[],
  wallSeconds: number,
) {
  const { environment, world, ledger, load } = context;
  const { engine, model, providers, clock } = world;
  const orphans = ledger.orphans();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const story: Story = {
    ...overviewOf(context, { missing: 'The audit comes last.' }),
    start,
    end: clock.now(),
    lanes: ledger.lanes(),
    events: ledger.events,
    isOrdinary: scenario.isOrdinary ?? false,
    summary: {
      scenario: scenario.name,
      simulatedDays: Math.round((clock.now().getTime() - start.getTime()) / dayMs),
      keys: environment.servers.flatMap(({ keys }) => keys).length,
      rotations: ledger.rotations(),
      retired: ledger.retired,
      requests: countRequests(load),
      realTimeLanes,
      orphans: orphans.length,
      secretsInOutput: 0,
      iam: {
        checkedCalls: engine.checkedCalls,
        denied: engine.denials.length,
        unusedGrants: engine.unusedGrants(),
        excusedGrants: engine.excusedGrants().length,
      },
      providers: providersInUse(environment),
      rollWindowMs: ledger.rollWindowMs,
      currentDeadMs: ledger.currentDeadMs,
      awsCallsPerRotation: ledger.awsCallsPerRotation(),
      violations: [...model.violations.map(({ text }) => text), ...providers.violations],
      leftOut: context.leftOut,
      wallSeconds,
      cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1e6),
      // The system tells kilobytes.
      peakMemoryMb: Math.round(maxRSS / 1000),
    },
  };
  const denials = engine.denials.map(({ message }) => message);
  return {
    story,
    details: {
      failedRequests: load?.failures ?? [],
      orphans,
      denials,
      excusedGrants: engine.excusedGrants(),
    },
  };
}

function countRequests(load: McpLoad | undefined): Summary['requests'] {
  const count = (lane = { total: 0, failures: [] as string[] }) => ({
    total: lane.total,
    failed: lane.failures.length,
  });
  const { client, tokens, federated, run } = load?.lanes ?? {};
  const lanes = {
    client: count(client),
    tokens: count(tokens),
    federated: count(federated),
    run: count(run),
  };
  return { total: load?.total ?? 0, failed: load?.failures.length ?? 0, lanes };
}

/** What is written by other hands than those of functions, providers and AWS, or is read as a whole. */
function lookAtTheRest(
  { world, cliOutput }: RehearsalContext,
  assemblyDirectory: string,
  report: string[],
): void {
  const { leaks, model } = world;
  for (const text of report) leaks.look('the report', text);
  leaks.look('the CLI', cliOutput.join(''));
  for (const { name, description, tags } of model.secretsManager.secrets())
    leaks.look('a name or tag', JSON.stringify([name, description, tags]));
  for (const file of readdirSync(assemblyDirectory).filter(name => name.endsWith('.json')))
    leaks.look('the templates', readFileSync(join(assemblyDirectory, file), 'utf8'));
}
