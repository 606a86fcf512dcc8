// Which process of a server lives when: the first one, one beside it with newer keys, one after it where two cannot live at a
// time, one in place of a process that died. An explicit state with named transitions; no process and no clock.
import {
  canProve,
  type HostLimits,
  type HostOutput,
  type HostState,
  type Launch,
  type Timer,
} from './host-state';
import { createStopFirst, failuresBeside } from './stop-first';

const retryMs = { first: 5_000, factor: 3, most: 5 * 60_000 };
/** If a process ran at least this long, its start was not the cause of its exit. */
const soundMs = 60_000;

/** A grace for nobody. */
export const atOnce = () => 0;

export function createLifecycle(state: HostState, limits: HostLimits, out: HostOutput) {
  const stopFirst = createStopFirst(state, limits, out, { start, stop, tryLater, retryAfter });

  function start(launch: Launch, since = out.now()): void {
    const process = ++state.started;
    state.latest = launch;
    state.processes.set(process, launch);
    state.step = { kind: 'starting', process, since };
    out.after(process, limits.startMs);
    out.start(process, launch);
  }

  /** There are newer keys. @param status of those in use */
  function keysChanged(status: 'superseded' | 'expiring'): void {
    const isWorse = status === 'expiring' && !state.haveKeysEnded;
    state.haveKeysEnded = status === 'expiring';
    // A step that is under way reads the newer keys anyway; polling finds later ones.
    if (state.step.kind === 'none' && (isWorse || !state.isBackingOff)) lookAtKeys();
  }

  function lookAtKeys(): void {
    out.clear('retry');
    state.isBackingOff = false;
    state.isStale = true;
    readIfNeeded();
  }

  function readIfNeeded(): void {
    if (state.step.kind !== 'none') return;
    if (!state.isStale || state.isEnding || !mayReplace()) {
      out.atRest();
      return;
    }
    state.isStale = false;
    state.step = { kind: 'reading', since: out.now() };
    out.readKeys(state.started + 1);
  }

  /** A working process is replaced only once a new one can prove that it is ready, or if it has to stop first anyway. */
  function mayReplace(): boolean {
    const known = out.sessionKnown();
    if (state.active === undefined || known === 'yes') return true;
    if (known === 'no' && (state.runsAlone === 'yes' || state.haveKeysEnded)) return true;
    if (!state.hasSaidThatItWaits) {
      out.say(
        'the keys have changed; the process is replaced after its client has sent its first MCP messages.',
      );
    }
    state.hasSaidThatItWaits = true;
    return false;
  }

  function keysRead(launch: Launch): void {
    const since = state.step.kind === 'reading' ? state.step.since : out.now();
    state.step = { kind: 'none' };
    if (state.isEnding) {
      out.atRest();
      return;
    }
    if (state.active === undefined) startAgain(launch, since);
    else if (launch.versions !== state.processes.get(state.active)?.versions) {
      if (stopFirst.isDue()) stopFirst.leave(state.active, launch, since);
      else start(launch, since);
    }
    readIfNeeded();
  }

  function startAgain(launch: Launch, since: number): void {
    const [lingering] = state.runsAlone === 'yes' ? state.processes.keys() : [];
    if (lingering === undefined) start(launch, since);
    else state.step = { kind: 'stopping', process: lingering, next: launch, since };
  }

  function keysUnreadable(reason: string): void {
    state.step = { kind: 'none' };
    if (!state.isEnding) {
      out.say(`the keys could not be read: ${reason}`);
      if (state.active === undefined) start(state.latest);
      else tryLater();
    }
    readIfNeeded();
  }

  /** The process has no open requests. */
  function drained(process: number): void {
    const { step } = state;
    if (step.kind === 'leaving' && step.process === process) stopFirst.left(step);
    else stop(process);
  }

  function switched(to: number, from: number | undefined): void {
    out.clear(to);
    const since = state.step.kind === 'starting' ? state.step.since : out.now();
    state.step = { kind: 'none' };
    state.active = to;
    if (from !== undefined) state.draining.set(from, 'works');
    state.activeSince = out.now();
    state.hasSaidThatItWaits = false;
    const isBack = state.fallback !== undefined && state.latest === state.fallback;
    if (!isBack) tookOver(to, since);
    if (isBack || canProve(out)) state.fallback = undefined;
    readIfNeeded();
  }

  function tookOver(process: number, since: number): void {
    // A server that failed beside its predecessor, and works alone, cannot run twice.
    if (state.fallback && canProve(out) && state.runsAlone === 'unknown') {
      out.say(
        'this server cannot run twice: from now on, its old process ends before the new one starts. Add `--stop-first` to do this from the first rotation on.',
      );
      state.runsAlone = 'yes';
    }
    state.failedStarts = 0;
    state.haveKeysEnded = false;
    if (process > 1) out.onSwitched(process, out.now() - since);
  }

  function unfit(process: number, reason: string): void {
    state.step = { kind: 'none' };
    stop(process);
    if (state.isEnding) {
      out.atRest();
      return;
    }
    out.onFailedStart();
    if (state.active !== undefined) {
      out.say(
        `a process with the new keys could not take over: ${reason}. The old one keeps running; the next attempt follows${
          state.failedStarts + 1 >= failuresBeside && state.runsAlone !== 'no'
            ? ' after the old one has ended'
            : ' later'
        }.`,
      );
      tryLater();
      out.atRest();
    } else if (!stopFirst.goBack(process, reason)) {
      out.atRest();
      restart(`the process that should replace it failed: ${reason}`);
    }
  }

  function tryLater(): void {
    const wait = retryMs.first * retryMs.factor ** state.failedStarts++;
    retryAfter(Math.min(wait, retryMs.most));
  }

  function retryAfter(ms: number): void {
    state.isBackingOff = true;
    out.after('retry', ms);
  }

  /** @param isGone tells the relay, which may find that the process could not take over */
  function ended(process: number, code: number, isGone: () => void): void {
    const { step } = state;
    const wasActive = process === state.active;
    state.processes.delete(process);
    state.draining.delete(process);
    out.clear(process);
    if (wasActive) {
      state.active = undefined;
      state.exitCode = code;
    }
    isGone();
    if (state.isEnding) {
      if (!state.processes.size) out.finish(state.exitCode ?? code);
    } else if ((step.kind === 'leaving' || step.kind === 'stopping') && step.process === process) {
      out.clear('leave');
      start(step.next, step.since);
    } else if (wasActive) diedByItself(process, code);
  }

  function diedByItself(process: number, code: number): void {
    const reason = `the server ended with code ${code}`;
    const isSound = out.now() - state.activeSince > soundMs;
    if (code !== 0 && !isSound && state.fallback && state.step.kind === 'none') {
      out.onFailedStart();
      if (stopFirst.goBack(process, reason)) return;
    }
    // A server may exit by itself; and one that never wrote anything would not do so after a restart either.
    if (code === 0 || !state.hasSpoken) end(atOnce);
    else restart(reason);
  }

  function restart(why: string): void {
    if (state.step.kind === 'starting') return;
    if (out.now() - state.activeSince > soundMs) state.deaths = 0;
    const wait = limits.restartMs[state.deaths++];
    if (wait === undefined) {
      out.say(`${why}. This happened ${state.deaths} times in a row. Giving up.`);
      out.giveUp();
      end(atOnce);
      return;
    }
    out.say(`${why}; it is started again.`);
    retryAfter(wait);
  }

  /** The keys of a draining process no longer work. */
  function keysEnded(process: number): void {
    if (state.draining.get(process) !== 'works') return;
    state.draining.set(process, 'ended');
    out.after(process, limits.drainMs);
  }

  function timeIsUp(timer: Timer): void {
    if (timer === 'retry') lookAtKeys();
    else if (timer === 'leave') stopFirst.stillBusy();
    else if (state.isEnding) stop(timer);
    else {
      if (state.step.kind !== 'starting' || state.step.process !== timer) {
        out.say('an old process did not finish in time; its open requests were answered with an error.');
      }
      out.expire(timer);
      stop(timer);
    }
  }

  function stop(process: number): void {
    out.clear(process);
    state.draining.delete(process);
    if (state.processes.has(process)) out.stop(process);
  }

  /** Once more where it has to be sooner. @param graceMs what each process has before it is stopped */
  function end(graceMs: (process: number) => number): void {
    const isFirst = !state.isEnding;
    state.isEnding = true;
    out.clear('retry');
    out.clear('leave');
    for (const process of state.processes.keys()) out.after(process, graceMs(process));
    if (isFirst && !state.processes.size) out.finish(state.exitCode ?? 0);
  }

  /** Where all is ending, it owes no answer any more. */
  function settled(process: number): void {
    if (state.isEnding && state.processes.has(process)) stop(process);
  }

  return {
    start,
    keysChanged,
    lookAtKeys,
    keysRead,
    keysUnreadable,
    keysEnded,
    readIfNeeded,
    switched,
    drained,
    unfit,
    ended,
    timeIsUp,
    settled,
    end,
  };
}
