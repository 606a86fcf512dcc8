// Plays one scenario on the synthesized app, and sums up what happened.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayMs, minuteMs } from '../../core/time';
import type { Config } from '../../lib/config/config';
import { providersInUse } from '../../lib/config/config';
import { News } from '../report/news';
import { reportPage } from '../report/report-page';
import type { Story, StoryEvent, Summary } from '../report/story';
import { incidentsOf, triggerOf } from '../scenarios/incidents';
import type { Scenario } from '../scenarios/scenario';
import type { McpLoad } from '../servers/mcp-load';
import { synthesize } from './assemble';
import { findLeaks } from './leaks';
import { Ledger } from './ledger';
import { createStage, type Faults, type Stage } from './stage';
import { storedValues } from './stored-values';
import { createWorld } from './world';

export interface RehearsalOptions {
  config: Config;
  configFile: string;
  environment: string;
  scenario: Scenario;
  start: Date;
  seed: number;
  /** Told of everything as it happens. */
  onEvent(event: StoryEvent): void;
  /** Changes what was synthesized before it is played: how a stack that was edited by hand would fare. */
  alterAssembly?(directory: string): void;
}

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
  const began = performance.now();
  const { directory, environment, remove } = synthesize(options.config, options.environment);
  options.alterAssembly?.(directory);
  const lines: string[] = [];
  const ledger = new Ledger(
    event => {
      lines.push(event.text);
      options.onEvent(event);
    },
    serverName => stage?.load?.lookClosely(serverName),
  );
  const news = new News(ledger.tell, environment.name, id => stage && triggerOf(stage, id));
  const faults: Faults = {};
  let stage: Stage | undefined;
  const world = await createWorld({
    assemblyDirectory: directory,
    environment,
    start,
    seed: options.seed,
    knobs: {
      alarms: { evaluateEveryMs: () => (scenario.alarmsEveryMinutes ?? 1) * minuteMs },
      quotas: true,
    },
    interceptProvider: call => faults.ofProvider?.(call),
    interceptAws: call => faults.ofAws?.(call),
    onAwsCall: ledger.onAwsCall,
    onEvent: news.onEvent,
    onMail: news.onMail,
    onProviderAnswer: ledger.onProviderAnswer,
    aroundInvocation: ledger.aroundInvocation,
  });
  try {
    ledger.observe(world);
    stage = createStage({
      environment,
      world,
      ledger,
      faults,
      configFile: options.configFile,
      directory,
    });
    const end = new Date(start.getTime() + scenario.days * dayMs);
    await scenario.play(stage, end);
    const summed = sumUp(stage, options, (performance.now() - began) / 1000);
    const page = reportPage(summed.story);
    const places = outputsOf(stage, directory, [...lines, page, JSON.stringify(summed)]);
    const leaks = findLeaks(places, everySecret(stage));
    summed.story.summary.secretsInOutput = leaks.length;
    return {
      story: summed.story,
      findings: stage.findings,
      page: leaks.length ? reportPage(summed.story) : page,
      details: { ...summed.details, leaks },
    };
  } finally {
    await stage?.load?.close();
    await world.close();
    remove();
  }
}

function sumUp(stage: Stage, { scenario, start }: RehearsalOptions, wallSeconds: number) {
  const { environment, world, ledger, load } = stage;
  const { engine, model, providers, clock } = world;
  const orphans = ledger.orphans();
  const story: Story = {
    start,
    end: clock.now(),
    lanes: ledger.lanes(),
    events: ledger.events,
    reports: incidentsOf(stage).flatMap(({ outcome, report }) => (outcome === 'contained' && report) || []),
    isOrdinary: scenario.isOrdinary ?? false,
    summary: {
      scenario: scenario.name,
      simulatedDays: Math.round((clock.now().getTime() - start.getTime()) / dayMs),
      keys: environment.servers.flatMap(({ keys }) => keys).length,
      rotations: ledger.rotations(),
      retired: ledger.retired,
      requests: countRequests(load),
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
      wallSeconds,
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
  const { client, run } = load?.lanes ?? {};
  const count = (lane = { total: 0, failures: [] as string[] }) => ({
    total: lane.total,
    failed: lane.failures.length,
  });
  const lanes = { client: count(client), run: count(run) };
  return { total: load?.total ?? 0, failed: load?.failures.length ?? 0, lanes };
}

/** Everything that leaves the functions, the providers and the tools, by where it would be read. */
function outputsOf(
  { world, cliOutput }: Stage,
  assemblyDirectory: string,
  told: string[],
): Record<string, string> {
  const { model, providers, logLines } = world;
  const secrets = model.secretsManager.secrets();
  const templates = readdirSync(assemblyDirectory).filter(file => file.endsWith('.json'));
  return {
    'the log': logLines.map(({ line }) => line).join('\n'),
    'the CLI': cliOutput.join(''),
    'the report': told.join('\n'),
    'an event': JSON.stringify(model.eventBridge.events),
    'a name or tag': JSON.stringify(secrets.map(({ name, description, tags }) => [name, description, tags])),
    'a path at a provider': JSON.stringify(providers.calls.map(({ path }) => path)),
    'the templates': templates.map(file => readFileSync(join(assemblyDirectory, file), 'utf8')).join('\n'),
  };
}

function everySecret({ world }: Stage): string[] {
  const stored = world.model.secretsManager.secrets().filter(({ name }) => name.split('/').length === 5);
  return [...world.providers.allSecrets(), ...stored.flatMap(storedValues).map(({ value }) => value.secret)];
}
