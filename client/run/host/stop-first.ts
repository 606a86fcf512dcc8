// A server that cannot run twice (a port, a lock file, a browser profile): requests wait, the old process finishes and ends,
// the new one starts. Where it fails, one with the old keys takes its place again.
import {
  canProve,
  type HostLimits,
  type HostOutput,
  type HostState,
  type HostStep,
  type Launch,
} from './host-state';

/** After so many failed starts beside the old process, the new one is started after the old one has ended. */
export const failuresBeside = 2;
/** How long to wait for the open requests of the old process, before it continues and is tried again later. */
const quietMs = 2_000;
const busyRetryMs = 15_000;

interface StopFirstActions {
  start(launch: Launch): void;
  stop(process: number): void;
  tryLater(): void;
  retryAfter(ms: number): void;
}

export function createStopFirst(
  state: HostState,
  limits: HostLimits,
  out: HostOutput,
  steps: StopFirstActions,
) {
  function leave(active: number, next: Launch, since: number): void {
    state.busySince ??= out.now();
    const mayComeBack = !state.haveKeysEnded && out.now() - state.busySince < limits.drainMs;
    state.step = { kind: 'leaving', process: active, next, since, mayComeBack };
    out.after('leave', mayComeBack ? quietMs : limits.startMs);
    out.leave(active);
  }

  function isDue(): boolean {
    const { failedStarts, haveKeysEnded } = state;
    if (state.runsAlone === 'no') return false;
    if (state.runsAlone === 'yes' || !canProve(out) || failedStarts === failuresBeside) return true;
    // The old keys no longer work, so stopping the old process loses nothing.
    return haveKeysEnded && failedStarts > 0;
  }

  /** The process that should end still has open requests. */
  function stillBusy(): void {
    const { step } = state;
    if (step.kind !== 'leaving') return;
    if (!step.mayComeBack) {
      out.say(
        'the process with the old keys did not finish in time; its open requests were answered with an error.',
      );
      out.expire(step.process);
      left(step);
      return;
    }
    state.step = { kind: 'none' };
    out.comeBack(step.process);
    steps.retryAfter(busyRetryMs);
    out.atRest();
  }

  /** It has no open requests. */
  function left({ process, next, since }: Extract<HostStep, { kind: 'leaving' }>): void {
    out.clear('leave');
    state.busySince = undefined;
    state.fallback = state.processes.get(process);
    state.active = undefined;
    state.step = { kind: 'stopping', process, next, since };
    steps.stop(process);
  }

  /** A process that was started alone failed: the one before it takes its place again. */
  function goBack(failed: number, reason: string): boolean {
    const { fallback } = state;
    if (!fallback || state.latest === fallback) return false;
    out.say(
      `the process with the new keys failed: ${reason}. A process with the old keys takes its place; the new keys are tried again later.`,
    );
    steps.tryLater();
    if (!state.processes.has(failed)) steps.start(fallback);
    else state.step = { kind: 'stopping', process: failed, next: fallback, since: out.now() };
    return true;
  }

  return { isDue, leave, stillBusy, left, goBack };
}
