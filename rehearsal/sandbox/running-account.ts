// The account of a sandbox: set up, with some days of history, and from then on at the pace of the wall.

import type { AuditResult } from '../../bin/report/findings';
import type { StoryEvent } from '../../bin/report/lives';
import { learningMs } from '../../core/incident/readers';
import { dayMs } from '../../core/time';
import type { Identities } from '../world/account/identities';
import { openRehearsal } from '../world/open-rehearsal';
import type { RehearsalContext } from '../world/rehearsal-context';
import type { Synthesized } from '../world/synthesis';
import type { Ports } from '../world/world';
import { historyDays, playHistory, serversAtMost } from './history';
import { followWall, type Pace, type Reading } from './pace';
import { createProviderFaults, type ProviderFaults } from './provider-faults';

export interface AccountOptions {
  synthesized: Synthesized;
  configFile: string;
  speed: number;
  identities: Identities;
  /** Of the account that this one takes the place of. */
  ports?: Ports;
  /** Told what is played before people can begin: `day 3 of 8`. */
  onProgress(what: string): void;
  /** Told of what happens from the end of the history on. */
  onEvent(event: StoryEvent): void;
  onFailure(error: unknown): void;
  onClockSet(reading: Reading, context: RehearsalContext): void;
}

export interface RunningAccount {
  context: RehearsalContext;
  pace: Pace;
  faults: ProviderFaults;
  /** When the history was over, and people could begin. */
  beganAt: Date;
  /** From then on a place from which a server has not read yet is strange. */
  learnedAt: Date;
  /** What an audit of the history found. */
  audited: AuditResult;
  close(): Promise<void>;
}

/** How often servers are called, in real time: less than what looks like work outside business hours. */
const callsEveryMs = 10_000;

export async function startAccount(options: AccountOptions): Promise<RunningAccount> {
  let isHistory = true;
  let alarmsEveryMinutes = 60;
  const days = historyDays(options.synthesized.environment);
  const start = new Date(Date.now() - days * dayMs);
  const context = await openRehearsal({
    ...options,
    start,
    seed: 1,
    alarmsEveryMinutes: () => alarmsEveryMinutes,
    onEvent: event => isHistory || options.onEvent(event),
  });
  const { clock } = context.world;
  let audited: AuditResult;
  try {
    audited = await playHistory(context, days, options.onProgress);
    options.onProgress('the last hour');
    // What is watched hourly would notice what happens next an hour late.
    alarmsEveryMinutes = 1;
    await clock.runUntil(new Date(Date.now()));
  } catch (error) {
    await context.load?.close();
    await context.world.close();
    throw error;
  }
  isHistory = false;
  const pace = followWall({
    clock,
    speed: options.speed,
    onFailure: options.onFailure,
    onChange: () => options.onClockSet(pace.reading(), context),
  });
  options.onClockSet(pace.reading(), context);
  const calling = setInterval(() => callServers(context), callsEveryMs);
  callServers(context);
  return {
    context,
    pace,
    faults: createProviderFaults(context),
    beganAt: clock.now(),
    learnedAt: new Date(start.getTime() + learningMs + dayMs),
    audited,
    async close() {
      clearInterval(calling);
      await pace.stop();
      await context.load?.close();
      await context.world.close();
    },
  };
}

function callServers({ environment, load }: RehearsalContext): void {
  for (const { name } of environment.servers.slice(0, serversAtMost)) load?.lookClosely({ server: name });
}
