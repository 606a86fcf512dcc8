// `keyturn agent`: for programs that no other way reaches. It writes keys into files and says so when they change, or starts
// a program with its keys in variables again. It never has a key on a command line.
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { KeySource } from '../keys/sources/key-source';
import { createLaunches, withoutAwsCredentials } from '../run/host/launches';
import { startReaper } from '../run/host/reaper';
import type { ErrorPipe } from '../run/host/server-errors';
import { type ServerProcess, startServer } from '../run/host/server-process';
import { createLineReader } from '../run/relay/lines';
import { followQueue } from '../run/watch/event-queue';
import { watchRotations } from '../run/watch/rotation-watch';
import { type KeyFile, writeKeyFile } from './key-files';

/** What happens, once the files are written, when keys have changed. */
export type OnChange =
  | { kind: 'nothing' }
  /** The program reads its files again. */
  | { kind: 'signal'; name: NodeJS.Signals; program: readonly string[] }
  /** The program gets the keys in variables when it starts. */
  | { kind: 'restart'; program: readonly string[] }
  /** A line for a shell. */
  | { kind: 'command'; line: string };

export interface AgentParts {
  variables: readonly Variable[];
  source: KeySource;
  env: NodeJS.ProcessEnv;
  /** What is started gets the AWS credentials of this process. */
  passesAws: boolean;
  files: readonly KeyFile[];
  onChange: OnChange;
  /** Writes the files and ends. */
  once: boolean;
  pollMs: number;
  /** Between SIGTERM and SIGKILL where a program is started again. */
  stopMs: number;
  output: Writable;
  errors: Writable;
  /** For people. */
  say(text: string): void;
  queueUrl?: string;
  region?: string | undefined;
}

const endingSignals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT'];

/**
 * @returns the exit code of the program, or 0 where there is none
 * @throws {KeyturnError} where the keys cannot be had or written at first: then nothing was started
 */
export async function runAgent(parts: AgentParts): Promise<number> {
  const { variables, source, files, onChange, say } = parts;
  const env = parts.passesAws ? parts.env : withoutAwsCredentials(parts.env);
  const launches = createLaunches(variables, source, env, () => ({}));
  const addresses = [...new Map(variables.map(({ address }) => [shortName(address), address])).values()];
  const reaper = startReaper();
  const stop = new AbortController();
  const state = {
    /** Times that the keys were read; those of `inUse` are written, and whoever needs them knows. */
    ...{ reads: 1, inUse: 1, starts: 0 },
    program: undefined as ServerProcess | undefined,
    renewing: undefined as Promise<void> | undefined,
  };
  let programEnded: (code: number) => void = code => end(code);
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>(resolve => {
    end = resolve;
  });

  const redacted = (line: Buffer) => `${launches.redaction().redact(line.toString())}\n`;

  /** By lines, since its keys change while it runs. */
  function passOn(from: Readable, to: Writable): ErrorPipe {
    const lines = createLineReader(
      line => void to.write(redacted(line)),
      ({ bytes }) => say(`a line of ${bytes} bytes was dropped.`),
    );
    from.on('data', lines.take);
    return { end: lines.end };
  }

  function start(command: readonly string[], itsEnv: NodeJS.ProcessEnv): void {
    state.program = startServer(++state.starts, command, itsEnv, reaper, {
      onLine: line => void parts.output.write(redacted(line)),
      onOversized: ({ bytes }) => say(`a line of ${bytes} bytes was dropped.`),
      onRoom() {},
      onEnd(code) {
        state.program = undefined;
        programEnded(code);
      },
      onSpawnError: error =>
        say(`could not start "${command[0]}": ${error.code}. Check the command behind "--".`),
      passOnErrors: from => passOn(from, parts.errors),
    });
  }

  async function restart(command: readonly string[], itsEnv: NodeJS.ProcessEnv): Promise<void> {
    const since = performance.now();
    await new Promise<void>(resolve => {
      programEnded = () => resolve();
      state.program?.signal('SIGTERM');
      state.program?.stop(parts.stopMs / 2);
    });
    programEnded = end;
    // It was asked to end meanwhile.
    if (stop.signal.aborted) return end(0);
    start(command, itsEnv);
    say(
      `the program was started again with its new keys, ${Math.round(performance.now() - since)} ms after it was told to end.`,
    );
  }

  function runCommand(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(line, { env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const passed = [child.stdout, child.stderr].map(from => passOn(from, parts.errors));
      child.on('error', reject);
      child.on('close', code => {
        for (const each of passed) each.end();
        if (code === 0) resolve();
        else reject(new Error(`the command of --on-change exited with code ${code}`));
      });
    });
  }

  async function act(itsEnv: NodeJS.ProcessEnv): Promise<void> {
    if (onChange.kind === 'restart') await restart(onChange.program, itsEnv);
    else if (onChange.kind === 'command') await runCommand(onChange.line);
    else if (onChange.kind === 'signal') state.program?.signal(onChange.name);
  }

  async function renew(): Promise<void> {
    const read = state.reads + 1;
    try {
      const launch = await launches.prepare(read);
      state.reads = read;
      for (const file of files) writeKeyFile(file, launch.env);
      if (files.length) say(`${files.map(({ path }) => path).join(', ')}: written with the new keys.`);
      await act(launch.env);
      state.inUse = read;
    } catch (error) {
      // The keys in use stay the old ones, so the next look at AWS leads here again.
      say(`${(error as Error).message}. It is tried again.`);
    }
  }

  const first = await launches.prepare(1);
  for (const file of files) writeKeyFile(file, first.env);
  if (parts.once) return 0;
  if (onChange.kind === 'restart') start(onChange.program, first.env);
  if (onChange.kind === 'signal') start(onChange.program, env);

  const watch = watchRotations({
    ...{ source, addresses, say, rests: false, now: Date.now, random: Math.random },
    ...{ everyMs: parts.pollMs, freshMs: parts.pollMs },
    inUse: () => launches.givenTo(state.inUse),
    superseded: () => new Map(),
    onChange() {
      state.renewing ??= renew().finally(() => {
        state.renewing = undefined;
      });
    },
    onKeysEnded() {},
    sleep: ms => sleep(ms, undefined, { ref: true, signal: stop.signal }),
  });
  if (parts.queueUrl)
    void followQueue({
      ...{ queueUrl: parts.queueUrl, region: parts.region, say, stop: stop.signal },
      onMessage: watch.checkNow,
    });

  const onSignal = (name: NodeJS.Signals) => {
    stop.abort();
    if (!state.program) end(0);
    state.program?.signal(name);
    state.program?.stop(parts.stopMs / 2);
  };
  const killNow = () => state.program?.signal('SIGKILL');
  for (const name of endingSignals) process.on(name, onSignal);
  process.on('SIGHUP', watch.checkNow);
  process.on('exit', killNow);
  const code = await ended;
  stop.abort();
  for (const name of endingSignals) process.off(name, onSignal);
  process.off('SIGHUP', watch.checkNow);
  process.off('exit', killNow);
  return code;
}
