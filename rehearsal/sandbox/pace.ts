// Lets a virtual clock follow the clock on the wall, at a speed: what is planned is played when its time has come. While
// something works the virtual clock waits for it, and catches up, so that no answer depends on the machine.
import { setTimeout } from 'node:timers/promises';
import type { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { hourMs } from '../../core/time';

/** How often what is due is looked for. Real milliseconds. */
const lookEveryMs = 20;
/** What is played in one go, of the virtual time that it is behind: after each it can be told to stop. */
const stretchMs = hourMs;

/** Where the virtual clock stands by the clock on the wall. */
export interface Reading {
  /** By the wall. Milliseconds since the epoch, as is `virtual`. */
  wall: number;
  virtual: number;
  /** Virtual time for each moment of real time. */
  speed: number;
}

export interface Pace {
  readonly speed: number;
  reading(): Reading;
  setSpeed(speed: number): void;
  /** Plays so much more than has passed by the wall, as fast as this machine can. */
  advance(ms: number): Promise<void>;
  /** Resolves when what is playing now has come to rest, however far behind it is. */
  stop(): Promise<void>;
}

export interface PaceOptions {
  clock: VirtualClock;
  speed: number;
  /** Told where something that was planned failed: that is a fault of the sandbox. */
  onFailure(error: unknown): void;
  /** Told when the clock was set, or runs at another speed. */
  onChange(): void;
  /** The clock on the wall. @default Date.now */
  wall?(): number;
}

/** From where the clock stands now. */
export function followWall({ clock, speed, onFailure, onChange, wall = Date.now }: PaceOptions): Pace {
  let from: Reading = { wall: wall(), virtual: clock.now().getTime(), speed };
  const target = () => from.virtual + Math.max(0, wall() - from.wall) * from.speed;
  const set = (virtual: number, newSpeed: number) => {
    from = { wall: wall(), virtual, speed: newSpeed };
    onChange();
  };
  const reached: { at: number; resolve(): void }[] = [];
  let stopped = false;
  clock.followWall(target);

  async function run(): Promise<void> {
    while (!stopped) {
      const end = target();
      try {
        await clock.runUntil(new Date(Math.min(end, clock.now().getTime() + stretchMs)));
      } catch (error) {
        onFailure(error);
      }
      for (const waiting of reached.filter(({ at }) => at <= clock.now().getTime())) {
        reached.splice(reached.indexOf(waiting), 1);
        waiting.resolve();
      }
      if (!stopped && clock.now().getTime() >= end) await setTimeout(lookEveryMs);
    }
  }

  const running = run();
  return {
    get speed() {
      return from.speed;
    },
    reading: () => from,
    setSpeed: newSpeed => set(target(), newSpeed),
    advance(ms) {
      set(target() + ms, from.speed);
      return new Promise(resolve => reached.push({ at: from.virtual, resolve }));
    },
    async stop() {
      stopped = true;
      await running;
      for (const { resolve } of reached.splice(0)) resolve();
    },
  };
}
