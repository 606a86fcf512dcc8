// What a host has before it: timers, and requests that wait for the process that is being started.
import { secondMs } from '../../../core/time';
import type { HostState } from './host-state';

/** How often to check whether a continuation that keeps a superseded process has timed out. */
export const pinCheckMs = 30 * secondMs;

export interface PendingWork<Timer> {
  /** In the place of another one of that name. */
  after(timer: Timer, ms: number, isUp: () => void): void;
  clear(timer: Timer): void;
  clearAll(): void;
  /** With keys that have ended, requests wait for the process that has newer ones. */
  untilReplaced(): Promise<void> | undefined;
  /** Nothing is being started. */
  atRest(): void;
}

export function createPending<Timer>(state: HostState): PendingWork<Timer> {
  const timers = new Map<Timer, NodeJS.Timeout>();
  let waiting: (() => void)[] = [];

  function clear(timer: Timer): void {
    clearTimeout(timers.get(timer));
    timers.delete(timer);
  }

  return {
    after(timer, ms, isUp) {
      clear(timer);
      timers.set(timer, setTimeout(isUp, ms));
    },
    clear,
    clearAll() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
    untilReplaced() {
      if (!state.haveKeysEnded || state.step.kind === 'none') return undefined;
      return new Promise(resolve => waiting.push(resolve));
    },
    atRest() {
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}
