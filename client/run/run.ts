// `keyturn run`: an MCP server over stdio, in any language, that gets its keys in variables and never has to be restarted.
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { KeySource } from '../keys/key-source';
import { createUsage } from '../usage/usage';
import { type UsageTarget, usageSink } from '../usage/usage-sinks';
import { startHost } from './host/host';
import type { Host, HostLimits } from './host/host-parts';
import { createLaunches } from './host/launches';
import { providerHosts } from './usage/provider-hosts';
import { openUsageSocket, type UsageSeen } from './usage/usage-socket';
import { followQueue } from './watch/event-queue';
import { createGate } from './watch/gate';
import { watchRotations } from './watch/rotation-watch';

export interface RunParts {
  command: readonly string[];
  variables: readonly Variable[];
  source: KeySource;
  env: NodeJS.ProcessEnv;
  input: Readable;
  output: Writable;
  /** For people: a line on standard error. */
  say(text: string): void;
  limits: HostLimits;
  /** Between questions for new versions. */
  pollMs: number;
  /** How old the last answer to them may be when the client asks for something. */
  freshMs: number;
  usage: UsageTarget;
  /** Of whatever is asked of AWS besides the keys. @default - as AWS SDKs find it */
  region?: string | undefined;
  /** Counts the requests of Node servers from inside. */
  countsRequests: boolean;
  /** An SQS queue that `Key Rotated` events come to. */
  queueUrl?: string;
}

const endingSignals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT'];
/** The last report must not keep a client waiting that has gone already. */
const lastReportMs = 2_000;

/**
 * @returns the server's exit code
 * @throws {KeyturnError} where the keys cannot be had: then nothing was started
 */
export async function runServer(parts: RunParts): Promise<number> {
  const { variables, source, env } = parts;
  const stop = new AbortController();
  const addresses = [...new Map(variables.map(({ address }) => [shortName(address), address])).values()];
  const usage = createUsage(usageSink(parts.usage, parts.region));
  const hosts = providerHosts(addresses);
  const socket = parts.countsRequests ? await openUsageSocket(countRequests) : undefined;
  const names = variables.map(({ name }) => name);
  const launches = createLaunches(variables, source, env, number => socket?.envFor(number, names, env) ?? {});

  function countRequests(seen: UsageSeen): void {
    const named = variables.find(({ name }) => name === seen.variable)?.address ?? hosts.get(seen.host);
    const address = named && addresses.find(other => shortName(other) === shortName(named));
    if (!address) return;
    const key = shortName(address);
    const isSuperseded = launches.versionsOf(seen.process).get(key) !== launches.latest().get(key);
    usage.count(address, 'requests', seen.requests);
    if (seen.rejected + seen.refused) usage.count(address, 'authFailures', seen.rejected + seen.refused);
    if (isSuperseded) usage.count(address, 'supersededUses', seen.requests);
    usage.settle();
    if (!seen.rejected) return;
    source.reject(address, launches.versionsOf(seen.process).get(key) ?? '');
    watch.checkNow();
  }

  const say = (text: string) => parts.say(launches.hide(text));
  const first = await launches.prepare(1).catch((error: unknown) => {
    socket?.close();
    throw error;
  });
  /** A superseded key works for its overlap: its process serves until the next one does. */
  let isEnding = false;
  const successor = () => (isEnding ? host.replacing() : undefined);
  const gate = createGate(parts.input, () => watch.noteActivity()?.then(successor) ?? successor());
  const host = startHost({
    ...parts,
    input: gate,
    say,
    first,
    launch: launches.prepare,
    onSwitched: (number, ms) =>
      say(
        `the server's process ${number} took over, ${Math.round(ms)} ms after the keys were found changed.`,
      ),
    onFailedStart: () => {
      isEnding = false;
      for (const address of addresses) usage.count(address, 'failedStarts');
      usage.settle();
    },
  });
  const watch = watchRotations({
    source,
    addresses,
    inUse: launches.latest,
    onChange(standing) {
      isEnding = standing === 'ending';
      host.renew();
    },
    say,
    everyMs: parts.pollMs,
    freshMs: parts.freshMs,
    now: () => Date.now(),
    sleep: ms => sleep(ms, undefined, { ref: false, signal: stop.signal }),
  });
  if (parts.queueUrl)
    void followQueue({
      queueUrl: parts.queueUrl,
      region: parts.region,
      onMessage: watch.checkNow,
      say,
      stop: stop.signal,
    });
  const endSignals = passOnSignals(host);
  const code = await host.ended;

  stop.abort();
  endSignals();
  socket?.close();
  gate.destroy();
  parts.input.pause();
  await Promise.race([usage.flush(), sleep(lastReportMs, undefined, { ref: false })]);
  return code;
}

/** @returns takes the listeners away */
function passOnSignals(host: Host): () => void {
  const passOn = (name: NodeJS.Signals) => host.signal(name);
  for (const name of endingSignals) process.on(name, passOn);
  process.on('SIGHUP', host.renew);
  process.on('exit', host.killNow);
  return () => {
    for (const name of endingSignals) process.off(name, passOn);
    process.off('SIGHUP', host.renew);
    process.off('exit', host.killNow);
  };
}
