// `keyturn run`: an MCP server, in any language, that gets its keys in variables, and a new process when they rotate.
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import { createRejections } from '../keys/rejections';
import type { KeySource } from '../keys/sources/key-source';
import { createUsage } from '../usage/usage';
import { type UsageTarget, usageSink } from '../usage/usage-sinks';
import { type Host, type HostParts, startHost } from './host/host';
import type { HostLimits } from './host/host-state';
import { createLaunches, withoutAwsCredentials } from './host/launches';
import { passOnErrors } from './host/server-errors';
import type { Spawn } from './host/server-process';
import { type HttpAddress, openPort } from './http/http-address';
import { createRequestCounts, providerHosts } from './usage/request-counts';
import { openUsageSocket } from './usage/usage-socket';
import { followQueue } from './watch/event-queue';
import { watchRotations } from './watch/rotation-watch';

export interface RunParts {
  command: readonly string[];
  variables: readonly Variable[];
  source: KeySource;
  env: NodeJS.ProcessEnv;
  /** The server gets the AWS credentials of this process. @default false */
  passesAws?: boolean;
  /** The server cannot run twice: its old process ends before the new one starts. @default false */
  stopFirst?: boolean;
  /** How its processes are started. @default - as this process starts others */
  spawn?: Spawn;
  /** How clients reach the server. */
  clients:
    | { over: 'stdio'; input: Readable; output: Writable }
    | { over: 'http'; address: HttpAddress; output: Writable };
  /** For people: a line on standard error. */
  say(text: string): void;
  /** Where the server's own standard error goes. */
  errors: Writable;
  limits: HostLimits;
  /** Between questions for new versions. */
  pollMs: number;
  /** How old the last answer to them may be when the client asks for something. */
  freshMs: number;
  usage: UsageTarget;
  /** The region for calls to AWS other than reading keys. @default - as AWS SDKs find it */
  region?: string | undefined;
  /** Counts the requests of Node servers from inside. */
  countsRequests: boolean;
  /** An SQS queue that `Key Rotated` events come to. */
  queueUrl?: string;
}

const endingSignals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT'];
/** The time limit of the last report: the client has disconnected already. */
const lastReportMs = 2_000;
const longestSaid = 2_000;

/**
 * @returns the server's exit code
 * @throws {KeyturnError} where the keys cannot be had: then nothing was started
 */
export async function runServer(parts: RunParts): Promise<number> {
  const { command, variables, source } = parts;
  const env = parts.passesAws ? parts.env : withoutAwsCredentials(parts.env);
  const stop = new AbortController();
  const addresses = [...new Map(variables.map(({ address }) => [shortName(address), address])).values()];
  const usage = createUsage(usageSink(parts.usage, parts.region));
  const rejections = createRejections(Date.now);
  const say = (text: string) => parts.say(shortened(launches.redaction().redact(text)));

  const hosts = await providerHosts(addresses);
  const tokens = new Set<KeyAddress>();
  for (const address of addresses) if (await source.givesTokens(address)) tokens.add(address);
  const onSeen = createRequestCounts({
    ...{ variables, addresses, hosts, usage },
    versionsOf: process => launches.givenTo(process).versions,
    latest: () => launches.latest().versions,
    onAccepted: (address, version) => rejections.accepted(shortName(address), version),
    onRejected(address, version, sentAt) {
      const verdict = rejections.judge(shortName(address), version, sentAt);
      if (verdict === 'reason') source.reject(address, version);
      watch.checkNow();
    },
  });
  // Reported also without requests: a server that was seen to read a key, and reports nothing, has a problem.
  const onWatched = () => {
    for (const address of addresses) if (!tokens.has(address)) usage.count(address, 'requests', 0);
    usage.settle();
  };
  const socket = parts.countsRequests
    ? await openUsageSocket({
        ...{ command, env, onWatched, onSeen, say },
        variables: variables.map(({ name }) => name),
      })
    : undefined;
  const launches = createLaunches(variables, source, env, process => socket?.envFor(process) ?? {});

  async function prepare(process: number) {
    const launch = await launches.prepare(process);
    for (const address of addresses) {
      const version = launches.givenTo(process).versions.get(shortName(address)) ?? '';
      // The keys of the first process may be weeks old.
      rejections.given(shortName(address), version, process > 1 || tokens.has(address));
    }
    return launch;
  }

  function giveUp(error: unknown): never {
    socket?.close();
    throw error;
  }

  const first = await prepare(1).catch(giveUp);
  const hostParts = {
    ...{ command, first, say, limits: parts.limits },
    stopFirst: parts.stopFirst ?? false,
    spawn: parts.spawn,
    launch: prepare,
    passOnErrors: (from: Readable) => passOnErrors(from, parts.errors, launches.redaction()),
    noteActivity: () => watch.noteActivity(),
    onSwitched: (number: number, ms: number) =>
      say(
        `the server's process ${number} took over, ${Math.round(ms)} ms after Keyturn saw its keys change.`,
      ),
    onFailedStart() {
      for (const address of addresses) usage.count(address, 'failedStarts');
      usage.settle();
    },
  };
  const host =
    parts.clients.over === 'stdio'
      ? startHost({ ...hostParts, ...parts.clients })
      : await startOverHttp(parts.clients, hostParts, text => launches.redaction().redact(text)).catch(
          giveUp,
        );
  const watch = watchRotations({
    ...{ source, addresses, say },
    // Not the keys that were read last: the process that should use them may have failed.
    inUse: () => launches.givenTo(host.serving()),
    superseded: () => new Map([...host.draining()].map(process => [process, launches.givenTo(process)])),
    onChange: host.keysChanged,
    onKeysEnded: host.keysEnded,
    rests: true,
    everyMs: parts.pollMs,
    freshMs: parts.freshMs,
    now: Date.now,
    sleep: ms => sleep(ms, undefined, { ref: false, signal: stop.signal }),
    random: Math.random,
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
  if (parts.clients.over === 'stdio') parts.clients.input.pause();
  await Promise.race([usage.flush(), sleep(lastReportMs, undefined, { ref: false })]);
  return code;
}

async function startOverHttp(
  { address, output }: Extract<RunParts['clients'], { over: 'http' }>,
  parts: Omit<HostParts, 'input' | 'output'>,
  redact: (text: string) => string,
): Promise<Host> {
  // What it is made of is of no use to a server over stdio.
  const { startHttpHost } = await import('./http/http-host');
  const server = await openPort(address);
  return startHttpHost({
    ...parts,
    server,
    readyPath: address.readyPath,
    onLine: line => void output.write(`${redact(line.toString())}\n`),
  });
}

/** A server may write megabytes to the wrong stream. */
function shortened(text: string): string {
  return text.length > longestSaid ? `${text.slice(0, longestSaid)} ... (${text.length} characters)` : text;
}

/** @returns a function that removes the listeners */
function passOnSignals(host: Host): () => void {
  const passOn = (name: NodeJS.Signals) => host.signal(name);
  for (const name of endingSignals) process.on(name, passOn);
  process.on('SIGHUP', host.lookAtKeys);
  process.on('exit', host.killNow);
  return () => {
    for (const name of endingSignals) process.off(name, passOn);
    process.off('SIGHUP', host.lookAtKeys);
    process.off('exit', host.killNow);
  };
}
