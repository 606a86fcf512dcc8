// Who may compute now, of the many that one moment can start: a hundred events need the threads of a few. Where each request moves the
// clock by itself, as it does unless a scenario is about many at once, turns take no more time.
import type { VirtualClock } from '@keyturn/aws-model/clock/clock';

/** Of one function; what sleeps does not count. Nothing that computes waits for another call of its own function. */
export const computingAtOnce = 4;

/** Of one function, where requests take their time side by side: more wait until one has ended, as calls do that AWS has no sandbox for. */
export const runningAtOnce = 50;

export class Turns {
  /** Function -> those that wait. */
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly clock: VirtualClock) {}

  /** Resolves for all that wait when one of the function's has ended, or sleeps. */
  async next(functionName: string): Promise<void> {
    const left = new Promise<void>(resolve => {
      this.waiting.set(functionName, [...(this.waiting.get(functionName) ?? []), resolve]);
    });
    await this.clock.until(left);
  }

  leave(functionName: string): void {
    const waiting = this.waiting.get(functionName) ?? [];
    this.waiting.delete(functionName);
    for (const look of waiting) look();
  }
}
