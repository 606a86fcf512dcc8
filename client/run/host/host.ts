// Runs an MCP server for one client over stdio, and replaces its process when its keys change. The relay says what each
// line means; here are the processes, the clock, and what to do when one of them fails.

import { minuteMs } from '../../../core/time';
import { createLineReader } from '../relay/lines';
import { createRelay } from '../relay/relay';
import type { Effect } from '../relay/relay-state';
import { createFlow } from './flow';
import type { Host, HostParts, Launch } from './host-parts';
import { startReaper } from './reaper';
import { type ServerProcess, startServer } from './server-process';

const retryMs = { first: 5_000, factor: 3, most: 5 * minuteMs };
/** A process that has lived this long did not die of how it was started. */
const soundMs = minuteMs;

export function startHost(parts: HostParts): Host {
  const { command, input, output, say, limits } = parts;
  const relay = createRelay();
  const servers = new Map<number, ServerProcess>();
  const versions = new Map<number, string>();
  const timers = new Map<number | 'retry', NodeJS.Timeout>();
  const reaper = startReaper();
  const flow = createFlow(input, output, servers);
  let count = 0;
  let latest = parts.first;
  let active: number | undefined;
  let starting: { id: number; since: number } | undefined;
  let activeSince = 0;
  let hasSpoken = false;
  let isReading = false;
  let isWanted = false;
  /** Who waits for the process that is being started. */
  let waiting: (() => void)[] = [];
  let failedStarts = 0;
  let deaths = 0;
  let exitCode: number | undefined;
  let isEnding = false;
  let finish: (code: number) => void = () => {};
  const ended = new Promise<number>(resolve => {
    // Not before the client's pipe has taken everything.
    finish = code => void output.write('', () => resolve(code));
  });

  function start(launch: Launch, since: number): void {
    const id = ++count;
    latest = launch;
    versions.set(id, launch.versions);
    starting = { id, since };
    servers.set(
      id,
      startServer(command, launch.env, reaper, {
        onLine: line => {
          hasSpoken = true;
          carryOut(relay.fromServer(id, line));
        },
        onRoom: () => flow.hasRoom(id),
        onEnd: code => onEnd(id, code),
        onSpawnError: error =>
          say(`could not start "${command[0]}": ${error.code}. Check the command behind "--".`),
      }),
    );
    after(id, limits.startMs, () => expire(id));
    carryOut(relay.begin(id));
  }

  function carryOut(effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'to-client') flow.toClient(effect.line);
      else if (effect.kind === 'to-server') flow.toServer(effect.server, effect.line);
      else if (effect.kind === 'switched') onSwitched(effect.to, effect.from);
      else if (effect.kind === 'drained') stop(effect.server);
      else if (effect.kind === 'unfit') onUnfit(effect.server, effect.reason);
      else if (effect.kind === 'note') say(effect.text);
      else say(`the server wrote to its standard output what is no JSON-RPC: ${effect.line}`);
    }
  }

  function onSwitched(to: number, from: number | undefined): void {
    clear(to);
    active = to;
    const took = performance.now() - starting!.since;
    starting = undefined;
    failedStarts = 0;
    activeSince = performance.now();
    if (from !== undefined) after(from, limits.drainMs, () => expire(from));
    if (to > 1) parts.onSwitched(to, took);
    void replace();
  }

  function onUnfit(id: number, reason: string): void {
    starting = undefined;
    stop(id);
    release();
    if (isEnding) return;
    parts.onFailedStart();
    if (active === undefined) {
      restart(`the process that was to replace it failed: ${reason}`);
      return;
    }
    say(
      `a process with the new keys could not take over: ${reason}. The old one goes on; it is tried again.`,
    );
    retry();
  }

  function retry(): void {
    const wait = retryMs.first * retryMs.factor ** failedStarts++;
    after('retry', Math.min(wait, retryMs.most), renew);
  }

  function renew(): void {
    clear('retry');
    isWanted = true;
    void replace();
  }

  function release(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  async function replace(): Promise<void> {
    if (isReading || starting) return;
    // Without a process there is no handshake to wait for.
    const mayStart = active === undefined || relay.isSettled();
    if (!isWanted || isEnding || !mayStart) {
      release();
      return;
    }
    isWanted = false;
    isReading = true;
    const since = performance.now();
    const launch = await parts.launch(count + 1).catch((error: Error) => error);
    isReading = false;
    if (isEnding) {
      release();
      return;
    }
    if (!(launch instanceof Error)) {
      if (active === undefined || launch.versions !== versions.get(active)) start(launch, since);
    } else {
      say(`the keys could not be read: ${launch.message}`);
      if (active === undefined) start(latest, since);
      else retry();
    }
    void replace();
  }

  function onEnd(id: number, code: number): void {
    servers.delete(id);
    clear(id);
    flow.hasRoom(id);
    const wasActive = id === active;
    if (wasActive) {
      active = undefined;
      exitCode = code;
    }
    carryOut(relay.gone(id));
    if (isEnding) {
      if (!servers.size) finish(exitCode ?? code);
    } else if (wasActive) {
      // A server may end by itself; and one that never spoke would not speak the next time either.
      if (code === 0 || !hasSpoken) end();
      else restart(`the server ended with code ${code}`);
    }
  }

  function restart(why: string): void {
    if (starting) return;
    if (performance.now() - activeSince > soundMs) deaths = 0;
    const wait = limits.restartMs[deaths++];
    if (wait === undefined) {
      say(`${why}, and so it did ${deaths} times in a row. Giving up.`);
      carryOut(relay.giveUp());
      end();
      return;
    }
    say(`${why}; it is started again.`);
    after('retry', wait, renew);
  }

  function expire(id: number): void {
    if (id !== starting?.id) {
      say('a superseded process did not finish in time; what it still owed was answered with an error.');
    }
    carryOut(relay.expire(id));
    stop(id);
  }

  function stop(id: number): void {
    clear(id);
    servers.get(id)?.stop(limits.stopMs);
  }

  /** @param graceMs for a server that was asked in another way, before its input is closed */
  function end(graceMs = 0): void {
    if (isEnding) return;
    isEnding = true;
    timers.forEach(clearTimeout);
    for (const id of servers.keys()) after(id, graceMs, () => stop(id));
    if (!servers.size) finish(exitCode ?? 0);
  }

  function after(what: number | 'retry', ms: number, act: () => void): void {
    clear(what);
    timers.set(what, setTimeout(act, ms));
  }

  function clear(what: number | 'retry'): void {
    clearTimeout(timers.get(what));
    timers.delete(what);
  }

  const lines = createLineReader(line => {
    carryOut(relay.fromClient(line));
    if (isWanted) void replace();
  });
  input.on('data', lines.take);
  input.on('end', () => {
    lines.end();
    end();
  });
  input.on('close', () => end());
  output.on('error', () => end());
  start(parts.first, performance.now());

  return {
    ended,
    renew,
    replacing() {
      if (!isReading && !starting) return undefined;
      return new Promise(resolve => waiting.push(resolve));
    },
    signal(name) {
      for (const server of servers.values()) server.signal(name);
      end(limits.stopMs / 4);
    },
    killNow() {
      for (const server of servers.values()) server.signal('SIGKILL');
    },
  };
}
