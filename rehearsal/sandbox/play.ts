// The account of a sandbox: set up, with some days of history, and from then on at the pace of the wall.

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Audited } from '../../bin/report/findings';
import type { StoryEvent } from '../../bin/report/lives';
import { connectorFor } from '../../connectors/index';
import { secretName } from '../../core/key/key-address';
import { dayMs, hourMs } from '../../core/time';
import type { Environment } from '../../lib/config/config';
import { keysOf } from '../../lib/config/config';
import { makeFirstKeys, setIssuers } from '../scenarios/first-keys';
import { makeSteadyKeys } from '../scenarios/steady-keys';
import { McpLoad } from '../servers/mcp-load';
import type { Identities } from '../world/identities';
import { openStage } from '../world/open-stage';
import { auditOf } from '../world/overview-of';
import type { Stage } from '../world/stage';
import type { Synthesized } from '../world/synthesis';
import type { Ports } from '../world/world';
import { followWall, type Pace, type Reading } from './pace';
import { createTroubles, type Troubles } from './troubles';

export interface PlayOptions {
  synthesized: Synthesized;
  configFile: string;
  speed: number;
  identities: Identities;
  /** Of the account that this one takes the place of. */
  ports?: Ports;
  /** Told of what happens from the end of the history on. */
  onEvent(event: StoryEvent): void;
  onFailure(error: unknown): void;
  onClockSet(reading: Reading, stage: Stage): void;
}

export interface Play {
  stage: Stage;
  pace: Pace;
  troubles: Troubles;
  /** When the history was over, and people could begin. */
  beganAt: Date;
  /** What an audit of the history found. */
  audited: Audited;
  close(): Promise<void>;
}

/** From where its servers read is learned within a week: a theft on the first day would go unnoticed. */
const historyMs = 8 * dayMs;
/** Each runs in a thread of its own. */
const serversAtMost = 6;
/** More keys are not issued one by one. */
const issuedAtMost = 60;
/** How often servers are called, in real time: less than what looks like work outside business hours. */
const callsEveryMs = 10_000;
const forever = 3650 * dayMs;

export async function openPlay(options: PlayOptions): Promise<Play> {
  let isHistory = true;
  let alarmsEveryMinutes = 60;
  const stage = await openStage({
    ...options,
    start: new Date(Date.now() - historyMs),
    seed: 1,
    alarmsEveryMinutes: () => alarmsEveryMinutes,
    onEvent: event => isHistory || options.onEvent(event),
  });
  const { clock } = stage.world;
  let audited: Audited;
  try {
    await playHistory(stage);
    await clock.runUntil(new Date(Date.now() - hourMs));
    audited = await auditHistory(stage);
    // What is watched hourly would notice what happens next an hour late.
    alarmsEveryMinutes = 1;
    await clock.runUntil(new Date(Date.now()));
  } catch (error) {
    await stage.load?.close();
    await stage.world.close();
    throw error;
  }
  isHistory = false;
  const pace = followWall({
    clock,
    speed: options.speed,
    onFailure: options.onFailure,
    onChange: () => options.onClockSet(pace.reading(), stage),
  });
  options.onClockSet(pace.reading(), stage);
  const calling = setInterval(() => callServers(stage), callsEveryMs);
  callServers(stage);
  return {
    stage,
    pace,
    troubles: createTroubles(stage),
    beganAt: clock.now(),
    audited,
    async close() {
      clearInterval(calling);
      await pace.stop();
      await stage.load?.close();
      await stage.world.close();
    },
  };
}

/** Of few keys; to look at many takes minutes. */
async function auditHistory(stage: Stage): Promise<Audited> {
  if (keysOf(stage.environment).length <= issuedAtMost) return auditOf(stage);
  return { missing: 'So many keys are not audited by themselves: `npx keyturn audit` looks at them.' };
}

async function playHistory(stage: Stage): Promise<void> {
  const { environment, world } = stage;
  if (keysOf(environment).length <= issuedAtMost) await makeFirstKeys(stage);
  else {
    await setIssuers(stage);
    await makeSteadyKeys(stage);
  }
  const called: Environment = { ...environment, servers: environment.servers.slice(0, serversAtMost) };
  const end = new Date(world.clock.now().getTime() + forever);
  stage.load = await McpLoad.start(world, called, stage.assemblyDirectory, end);
  await readOnce(stage, { ...environment, servers: environment.servers.slice(serversAtMost) });
}

/** The servers that are not called have read their keys once, as servers do when they start. */
async function readOnce({ world }: Stage, { servers }: Environment): Promise<void> {
  const { clock } = world;
  await clock.runWhile(async () => {
    for (const { name, role, keys } of servers) {
      const client = new SecretsManagerClient(world.clientSettings(role, name));
      for (const { address } of keys) {
        if (connectorFor(address.provider).kind === 'mint') continue;
        await client.send(new GetSecretValueCommand({ SecretId: secretName(address) }));
        await clock.sleep(50);
      }
    }
  });
}

function callServers({ environment, load }: Stage): void {
  for (const { name } of environment.servers.slice(0, serversAtMost)) load?.lookClosely(name);
}
