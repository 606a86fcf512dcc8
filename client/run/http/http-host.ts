// Runs a server that is reached over HTTP, and replaces its process when its keys change. The front says which request goes
// where, the lifecycle which process lives when; here both meet the processes, their ports and the clock.
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostParts } from '../host/host';
import { type HostOutput, newHostState, type Timer } from '../host/host-state';
import { atOnce, createLifecycle } from '../host/lifecycle';
import { createPending, pinCheckMs } from '../host/pending';
import { startReaper } from '../host/reaper';
import { type ServerProcess, startServer } from '../host/server-process';
import { createFront } from './front';
import { freePort, waitUntilReady } from './readiness';

export type HttpHostParts = Omit<HostParts, 'input' | 'output'> & {
  /** It listens where clients come. */
  server: Server;
  /** Answers with anything but 5xx once the server is ready. */
  readyPath: string;
  /** Where the processes' standard output goes, line by line. */
  onLine(line: Buffer): void;
};

interface RunningServer {
  port?: number;
  process?: ServerProcess;
  /** Before it was started: it need not start any more. */
  isStopped: boolean;
  readiness: AbortController;
  refused?: number;
}

/** Container hosts kill ten seconds after they have asked to end. */
const lastCallsMs = 5_000;

export function startHttpHost(parts: HttpHostParts): Host {
  const { command, say, limits } = parts;
  const now = () => performance.now();
  const running = new Map<number, RunningServer>();
  const reaper = startReaper();
  // A failed start beside the old process is no reason to end one that has sessions.
  const state = newHostState(parts.first, parts.stopFirst ? 'yes' : 'no');
  const pending = createPending<Timer | string>(state);
  let isAskedToEnd = false;
  let finish: (code: number) => void = () => {};
  const ended = new Promise<number>(resolve => {
    finish = resolve;
  });

  function checkPins(): void {
    for (const process of state.draining.keys()) front.checkIdle(process);
    if (state.draining.size) pending.after('pins', pinCheckMs, checkPins);
  }

  const front = createFront({
    ...{ server: parts.server, waitMs: limits.startMs, now },
    beforeCall: () => parts.noteActivity()?.then(pending.untilReplaced) ?? pending.untilReplaced(),
    onIdle(process) {
      const isLeaving = state.step.kind === 'leaving' && state.step.process === process;
      if (isLeaving || state.draining.has(process)) lifecycle.drained(process);
    },
  });

  async function launch(number: number, env: NodeJS.ProcessEnv, known: RunningServer): Promise<void> {
    const port = await freePort();
    known.port = port;
    if (known.isStopped) {
      processEnded(number, 0);
      return;
    }
    known.process = startServer(
      number,
      command.map(word => word.replaceAll('{port}', String(port))),
      { ...env, PORT: String(port) },
      reaper,
      {
        onLine: parts.onLine,
        onOversized: ({ bytes }) =>
          say(`a line of ${bytes} bytes on the server's standard output was dropped.`),
        onRoom() {},
        onEnd: code => processEnded(number, code),
        onSpawnError: error =>
          say(`could not start "${command[0]}": ${error.code}. Check the command behind "--".`),
        passOnErrors: parts.passOnErrors,
      },
      parts.spawn,
    );
    const onRefused = (status: number) => {
      known.refused = status;
    };
    const place = await waitUntilReady(
      port,
      parts.readyPath,
      onRefused,
      known.readiness.signal,
      known.process.agent,
    );
    if (!place || state.isEnding) return;
    const from = state.active;
    state.hasSpoken = true;
    front.serve(number, place);
    lifecycle.switched(number, from);
    if (from === undefined) return;
    pending.after(`streams of ${from}`, limits.drainMs, () => front.endStreams(from));
    pending.after('pins', pinCheckMs, checkPins);
    front.checkIdle(from);
  }

  function processEnded(number: number, code: number): void {
    const known = running.get(number);
    known?.readiness.abort();
    running.delete(number);
    pending.clear(`streams of ${number}`);
    const isStarting = state.step.kind === 'starting' && state.step.process === number;
    lifecycle.ended(number, code, () => {
      front.gone(number);
      if (!isStarting) return;
      if (state.hasSpoken) lifecycle.unfit(number, `it ended with code ${code} before it was ready`);
      else endUnready(known, `ended with code ${code} before it answered`, code);
    });
  }

  /** The first process: another start would go no better. */
  function endUnready(known: RunningServer | undefined, what: string, code: number): void {
    if (state.isEnding) return;
    say(
      `the server ${what} at port ${known?.port}. It has to listen on the port in the variable PORT; if it takes its port as an argument, write {port} there.`,
    );
    state.exitCode = code || 1;
    lifecycle.end(atOnce);
  }

  const out: HostOutput = {
    now,
    readKeys(process) {
      parts
        .launch(process)
        .then(lifecycle.keysRead, (error: Error) => lifecycle.keysUnreadable(error.message));
    },
    start(process, { env }) {
      const known: RunningServer = { isStopped: false, readiness: new AbortController() };
      running.set(process, known);
      launch(process, env, known).catch((error: Error) => {
        say(`no free port was found for the server: ${error.message}`);
        processEnded(process, 1);
      });
    },
    stop(process) {
      const known = running.get(process);
      if (!known) return;
      known.isStopped = true;
      known.readiness.abort();
      known.process?.stop(limits.stopMs);
    },
    leave: front.leave,
    comeBack: front.comeBack,
    expire(process) {
      front.expire(process);
      if (state.step.kind !== 'starting' || state.step.process !== process) return;
      const known = running.get(process);
      const why = known?.refused ? `answered ${known.refused}` : 'did not answer';
      if (state.hasSpoken) lifecycle.unfit(process, `it ${why} within its time`);
      else endUnready(known, `${why} within ${limits.startMs / 1000} seconds`, 1);
    },
    giveUp: front.giveUp,
    sessionKnown: () => 'yes',
    after: (timer, ms) => pending.after(timer, ms, () => lifecycle.timeIsUp(timer)),
    clear: pending.clear,
    say,
    onSwitched: parts.onSwitched,
    onFailedStart: parts.onFailedStart,
    atRest: pending.atRest,
    finish(code) {
      pending.clearAll();
      front.close();
      finish(code);
    },
  };
  const lifecycle = createLifecycle(state, limits, out);
  lifecycle.start(parts.first);

  function endAllBy(name: NodeJS.Signals): void {
    for (const { process } of running.values()) process?.signal(name);
    lifecycle.end(() => limits.stopMs / 4);
  }

  return {
    ended,
    keysChanged: lifecycle.keysChanged,
    lookAtKeys: lifecycle.lookAtKeys,
    serving: () => state.active ?? state.started,
    draining: () => state.draining.keys(),
    keysEnded: lifecycle.keysEnded,
    signal(name) {
      // Whoever asks twice does not want to wait.
      if (isAskedToEnd) {
        endAllBy(name);
        return;
      }
      isAskedToEnd = true;
      const lastCalls = sleep(lastCallsMs, undefined, { ref: false });
      void Promise.race([front.finishCalls(), lastCalls]).then(() => endAllBy(name));
    },
    killNow() {
      for (const { process } of running.values()) process?.signal('SIGKILL');
    },
  };
}
