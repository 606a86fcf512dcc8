// Runs an MCP server for one client over stdio, and replaces its process when its keys change. The relay says what each
// line means, the lifecycle which process lives when; here both meet the processes, the pipes and the clock.
import type { Readable, Writable } from 'node:stream';
import { createLineReader, longestLine, type OversizedLine } from '../relay/lines';
import { errorLine } from '../relay/message';
import { createRelay } from '../relay/relay';
import type { Effect } from '../relay/relay-state';
import { createBackpressure } from './backpressure';
import { type HostLimits, type HostOutput, type Launch, newHostState, type Timer } from './host-state';
import { atOnce, createLifecycle } from './lifecycle';
import { createPending, pinCheckMs } from './pending';
import { startReaper } from './reaper';
import type { ErrorPipe } from './server-errors';
import { type ServerEvents, type ServerProcess, type Spawn, startServer } from './server-process';

export interface HostParts {
  command: readonly string[];
  input: Readable;
  output: Writable;
  first: Launch;
  /** Reads the keys again. @param process the number of the process that would start with them */
  launch(process: number): Promise<Launch>;
  /** The client asks for something. @returns where its requests are to wait until the keys have been looked at */
  noteActivity(): Promise<unknown> | undefined;
  /** For people: a line on standard error. */
  say(text: string): void;
  /** What a process writes there itself. */
  passOnErrors(from: Readable): ErrorPipe;
  onSwitched(process: number, ms: number): void;
  /** A process with new keys could not take over. */
  onFailedStart(): void;
  limits: HostLimits;
  /** The old process ends before the new one starts. @default false */
  stopFirst?: boolean;
  /** How its processes are started. @default - as this process starts others */
  spawn?: Spawn | undefined;
}

export interface Host {
  /** The exit code, once the server has ended for good and everything is written. */
  ended: Promise<number>;
  /** There are newer keys; those in use still work, or have ended. */
  keysChanged(status: 'superseded' | 'expiring'): void;
  /** Reads the keys, and replaces the process if they have changed. */
  lookAtKeys(): void;
  /** The process that serves new requests, or the last that was to. */
  serving(): number;
  /** The superseded processes with open requests. */
  draining(): Iterable<number>;
  /** The keys of a superseded process no longer work. */
  keysEnded(process: number): void;
  /** Passes on a signal that asks to end. */
  signal(name: NodeJS.Signals): void;
  /** Nothing that was started survives this. */
  killNow(): void;
}

const tooLong = ({ bytes }: OversizedLine) =>
  `this message has ${Math.ceil(bytes / 2 ** 20)} MB; \`npx keyturn run\` passes on at most ${longestLine / 2 ** 20} MB.`;

export function startHost(parts: HostParts): Host {
  const { command, input, output, say, limits } = parts;
  const now = () => performance.now();
  const relay = createRelay(now);
  const servers = new Map<number, ServerProcess>();
  const reaper = startReaper();
  const backpressure = createBackpressure(input, output, servers);
  const state = newHostState(parts.first, parts.stopFirst ? 'yes' : 'unknown');
  const pending = createPending<Timer | 'pins'>(state);
  /** While the client's requests wait. */
  let held: Promise<void> | undefined;
  let finish: (code: number) => void = () => {};
  const ended = new Promise<number>(resolve => {
    // Not before the client's pipe has taken everything.
    finish = code => void output.write('', () => resolve(code));
  });

  function checkPins(): void {
    carryOut(relay.timePassed());
    if (state.draining.size) pending.after('pins', pinCheckMs, checkPins);
  }

  const out: HostOutput = {
    now,
    readKeys(process) {
      parts
        .launch(process)
        .then(lifecycle.keysRead, (error: Error) => lifecycle.keysUnreadable(error.message));
    },
    start(process, launch) {
      const events: ServerEvents = {
        onLine: line => {
          state.hasSpoken = true;
          carryOut(relay.fromServer(process, line));
          if (state.isEnding && !relay.owesAnswer(process)) lifecycle.settled(process);
        },
        onOversized(long) {
          if (long.id === undefined) say(`a message from the server was dropped: ${tooLong(long)}`);
          else if (long.hasMethod) backpressure.toServer(process, errorLine(long.id, tooLong(long)));
          else carryOut(relay.fromServer(process, errorLine(long.id, tooLong(long))));
        },
        onRoom: () => backpressure.hasRoom(process),
        onEnd(code) {
          servers.delete(process);
          backpressure.hasRoom(process);
          lifecycle.ended(process, code, () => carryOut(relay.gone(process)));
        },
        onSpawnError: error =>
          say(`could not start "${command[0]}": ${error.code}. Check the command behind "--".`),
        passOnErrors: parts.passOnErrors,
      };
      const server = startServer(process, command, launch.env, reaper, events, parts.spawn);
      servers.set(process, server);
      carryOut(relay.begin(process));
    },
    stop(process) {
      // Send what is pending before its input ends.
      backpressure.flush();
      servers.get(process)?.stop(limits.stopMs);
    },
    leave: process => carryOut(relay.leave(process)),
    comeBack: process => carryOut(relay.comeBack(process)),
    expire: process => carryOut(relay.expire(process)),
    giveUp: () => carryOut(relay.giveUp()),
    sessionKnown: relay.sessionKnown,
    after: (timer, ms) => pending.after(timer, ms, () => lifecycle.timeIsUp(timer)),
    clear: pending.clear,
    say,
    onSwitched: parts.onSwitched,
    onFailedStart: parts.onFailedStart,
    atRest: pending.atRest,
    finish(code) {
      backpressure.flush();
      pending.clearAll();
      finish(code);
    },
  };
  const lifecycle = createLifecycle(state, limits, out);

  const carry: { [K in Effect['kind']]: (effect: Extract<Effect, { kind: K }>) => void } = {
    'to-client': ({ line }) => backpressure.toClient(line),
    'to-server': ({ server, line }) => backpressure.toServer(server, line),
    switched({ to, from }) {
      lifecycle.switched(to, from);
      if (from !== undefined) pending.after('pins', pinCheckMs, checkPins);
    },
    drained: ({ server }) => lifecycle.drained(server),
    unfit: ({ server, reason }) => lifecycle.unfit(server, reason),
    stray: ({ line }) => say(`the server wrote to its standard output, but not JSON-RPC: ${line}`),
    note: ({ text }) => say(text),
  };

  function carryOut(effects: Effect[]): void {
    for (const effect of effects) (carry[effect.kind] as (effect: Effect) => void)(effect);
  }

  function holdIfNeeded(): void {
    if (held) return;
    const reason = parts.noteActivity()?.then(pending.untilReplaced) ?? pending.untilReplaced();
    if (!reason) return;
    carryOut(relay.hold());
    held = reason.then(() => {
      held = undefined;
      carryOut(relay.goOn());
    });
  }

  /** As without us: the server sees that its input has ended, and can still answer what it was asked before. */
  function clientLeft(): void {
    if (state.isEnding) return;
    backpressure.flush();
    for (const server of servers.values()) server.closeInput();
    lifecycle.end(process => (relay.owesAnswer(process) ? limits.drainMs : 0));
  }

  const lines = createLineReader(
    line => {
      carryOut(relay.fromClient(line));
      if (state.isStale) lifecycle.readIfNeeded();
    },
    long => {
      if (long.id === undefined) say(`a message from the client was dropped: ${tooLong(long)}`);
      else if (long.hasMethod) backpressure.toClient(errorLine(long.id, tooLong(long)));
      else carryOut(relay.fromClient(errorLine(long.id, tooLong(long))));
    },
  );
  input.on('data', (chunk: Buffer) => {
    holdIfNeeded();
    lines.take(chunk);
  });
  input.on('end', lines.end);
  // What waits is still for the server.
  input.on('close', () => void Promise.resolve(held).then(clientLeft));
  output.on('error', () => lifecycle.end(atOnce));
  lifecycle.start(parts.first);

  return {
    ended,
    keysChanged: lifecycle.keysChanged,
    lookAtKeys: lifecycle.lookAtKeys,
    serving: () => state.active ?? state.started,
    draining: () => state.draining.keys(),
    keysEnded: lifecycle.keysEnded,
    signal(name) {
      for (const server of servers.values()) server.signal(name);
      lifecycle.end(() => limits.stopMs / 4);
    },
    killNow() {
      for (const server of servers.values()) server.signal('SIGKILL');
    },
  };
}
