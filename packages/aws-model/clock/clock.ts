// Virtual time. It stands still while anything works and jumps to the next planned moment when everything waits, so a
// quarter passes in seconds and every sleep takes exactly as long as it says.
import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Virtual } from './virtual';

interface ScheduledTask {
  at: number;
  what: string;
  run: () => Promise<void> | void;
}

/** One piece of work, with all that it started; `waits` are its sleeps. */
export interface Task {
  waits: number;
}

/** What a request takes, about: time passes with work, too. Milliseconds. */
export const usualRequestMs = 40;
/** Real milliseconds of silence that show that an answer on its way has arrived. */
const settledMs = 2;
/** The same, where a server holds an answer back: which piece of work waits for it is not known. */
const settledLooselyMs = 15;

/** An answer can take the threads at both ends some turns: one that opens a connection, for instance. */
const caughtUpRounds = 2;

export class VirtualClock implements Virtual {
  /** Milliseconds since the epoch, shared with worker threads. */
  readonly shared = new Float64Array(new SharedArrayBuffer(8));
  private readonly planned: ScheduledTask[] = [];
  private readonly tasks = new Set<Task>();
  private readonly context = new AsyncLocalStorage<Task>();
  /** Requests that the loopback servers of this process have not answered. */
  private unanswered = 0;
  private heldSettledMs = settledLooselyMs;
  /** What servers hold back, for clients that have gone since, too. */
  private holding = 0;
  private lastSign = 0;
  private signed = () => {};
  /** When what waits for one moment goes on. */
  private readonly moments = new Map<number, Promise<void>>();
  /** Resolves when other threads have taken in all that was sent to them; given by whoever runs them. */
  othersCaughtUp: () => Promise<unknown> = async () => {};
  private readonly failures: unknown[] = [];
  /** Servers whose requests are no part of what is played. */
  private readonly leftOut = new WeakSet<object>();
  private wallTime?: () => number;

  /** @param requestMs what each request moves the clock by */
  constructor(
    start: Date,
    private requestMs = usualRequestMs,
  ) {
    this.shared[0] = start.getTime();
    diagnostics.subscribe('http.server.request.start', this.follow);
  }

  close(): void {
    // Node 20 would tell it of every promise for ever.
    this.context.disable();
    diagnostics.unsubscribe('http.server.request.start', this.follow);
  }

  /** Requests no longer move the clock: servers hold their answers back instead, which is truer of many requests at once. */
  letServersTakeTime(): void {
    this.requestMs = 0;
    this.heldSettledMs = 0;
  }

  /** Each request moves the clock by itself: many at once take no less time than one after the other. */
  get takesRequestsInTurn(): boolean {
    return this.requestMs > 0;
  }

  /**
   * Requests no longer move the clock past where a clock on the wall stands. Whoever calls this has what is planned played in time,
   * see `runUntil`.
   * @param now milliseconds since the epoch
   */
  followWall(now: () => number): void {
    this.wallTime = now;
    this.heldSettledMs = 0;
  }

  /** Requests to this server are no part of what is played: time does not stand still for them. */
  leaveOut(server: object): void {
    this.leftOut.add(server);
  }

  private get time(): number {
    return Number(this.shared[0]);
  }

  now(): Date {
    return new Date(this.time);
  }

  schedule(at: Date, what: string, run: () => Promise<void> | void): () => void {
    const item: ScheduledTask = { at: Math.max(at.getTime(), this.time), what, run };
    this.planned.splice(this.placeAfter(item.at), 0, item);
    return () => {
      const index = this.planned.indexOf(item);
      if (index >= 0) this.planned.splice(index, 1);
    };
  }

  /** Behind all that is planned up to then. */
  private placeAfter(at: number): number {
    let [low, high] = [0, this.planned.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.planned[middle];
      if (other && other.at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  sleep(ms: number): Promise<void> {
    return this.wait(this.task(), wake => void this.schedule(this.in(ms), 'wake', wake));
  }

  /** All that wait for the same moment go on together. */
  moment(at: Date): Promise<void> {
    const known = this.moments.get(at.getTime());
    if (known) return known;
    const moment = new Promise<void>(resolve =>
      this.schedule(at, 'moment', () => {
        this.moments.delete(at.getTime());
        resolve();
      }),
    );
    this.moments.set(at.getTime(), moment);
    return moment;
  }

  /** A loopback server holds an answer back for so long. */
  hold(ms: number): Promise<void> {
    return this.holdUntil(new Promise<void>(resolve => this.schedule(this.in(ms), 'answer', resolve)));
  }

  /** A loopback server holds an answer back until other work has ended. */
  async holdUntil(moment: Promise<unknown>): Promise<void> {
    this.holding++;
    this.sign();
    await moment;
    this.holding--;
    this.sign();
  }

  /** Those of the unanswered that a server holds back. */
  private get held(): number {
    return Math.min(this.holding, this.unanswered);
  }

  private readonly follow = (message: unknown) => {
    const { response, server } = message as { response: ServerResponse; server: object };
    if (this.leftOut.has(server)) return;
    this.unanswered++;
    const next = this.planned[0]?.at ?? Number.POSITIVE_INFINITY;
    const wall = this.wallTime ? Math.max(this.time, this.wallTime()) : Number.POSITIVE_INFINITY;
    this.shared[0] = Math.min(this.time + this.requestMs, wall, next);
    this.sign();
    response.once('close', () => {
      this.unanswered--;
      this.sign();
    });
  };

  /** The piece of work in which the caller runs. */
  task(): Task | undefined {
    return this.context.getStore();
  }

  /** Until `end` is called, `task` does nothing. */
  async wait(task: Task | undefined, begin: (end: () => void) => void): Promise<void> {
    if (task) task.waits++;
    this.sign();
    await new Promise<void>(begin);
    if (task) task.waits--;
    this.sign();
  }

  async until<T>(event: Promise<T>): Promise<T> {
    await this.wait(this.task(), end => void event.then(end, end));
    return event;
  }

  /** Something just happened in a worker or a server. */
  sign(): void {
    this.lastSign = performance.now();
    this.signed();
  }

  private nextSign(): Promise<void> {
    return new Promise(resolve => {
      this.signed = resolve;
    });
  }

  /** Time stands still while this works and does not wait. */
  async work<T>(run: () => Promise<T>): Promise<T> {
    if (this.task()) return run();
    const task: Task = { waits: 0 };
    return this.workOn(task, this.context.run(task, run));
  }

  private async workOn<T>(task: Task, going: Promise<T>): Promise<T> {
    this.tasks.add(task);
    this.sign();
    try {
      return await going;
    } finally {
      this.tasks.delete(task);
      this.sign();
    }
  }

  /** Works beside what the caller does otherwise: a piece of work of its own, for which the caller's waits. */
  async workBeside<T>(run: () => Promise<T>): Promise<T> {
    const caller = this.task();
    if (caller) caller.waits++;
    try {
      return await this.context.exit(() => this.work(run));
    } finally {
      if (caller) caller.waits--;
      this.sign();
    }
  }

  /** Plays everything planned up to and including `end`, and then stands at `end`. @throws what planned work threw */
  async runUntil(end: Date): Promise<void> {
    while (await this.step(next => next.at > end.getTime())) {}
    this.shared[0] = Math.max(end.getTime(), this.time);
  }

  /** Does `run`, and plays what is planned meanwhile. */
  async runWhile<T>(run: () => Promise<T>): Promise<T> {
    let settled = false;
    const work = this.work(run).finally(() => {
      settled = true;
    });
    work.catch(() => {});
    while (!settled) await this.step(() => settled);
    return work;
  }

  /**
   * Lets everything come to rest, and starts what is planned next.
   * @param isOver asked before, with time at rest
   * @returns false where nothing was started
   */
  private async step(isOver: (next: ScheduledTask) => boolean): Promise<boolean> {
    await this.quiet();
    if (this.failures.length) throw this.failures.shift();
    const [next] = this.planned;
    if (!next || isOver(next)) return false;
    this.shared[0] = next.at;
    // What is over at once leaves nothing that could come to rest before the next of the same moment.
    do this.startNext();
    while (this.isIdle && !this.failures.length && this.planned[0]?.at === next.at);
    return true;
  }

  private startNext(): void {
    const next = this.planned.shift();
    if (!next) return;
    const failed = (cause: unknown) =>
      this.failures.push(new Error(`planned work failed: ${next.what}`, { cause }));
    // What was planned by one piece of work is another.
    const task: Task = { waits: 0 };
    try {
      const going = this.context.run(task, () => next.run());
      // Most of what is planned is over at once.
      if (going) this.workOn(task, going).catch(failed);
    } catch (cause) {
      failed(cause);
    }
  }

  private get isIdle(): boolean {
    return this.tasks.size === 0 && this.unanswered === 0;
  }

  private async quiet(): Promise<void> {
    for (;;) {
      await setImmediate();
      if (this.failures.length || this.isIdle) return;
      // A second turn: answers that are already on their way to a waiting promise arrive.
      await setImmediate();
      const active = [...this.tasks].filter(task => task.waits === 0).length;
      const silence = performance.now() - this.lastSign;
      if (active > this.held || this.unanswered > this.held) await this.nextSign();
      else if (silence <= (this.held ? this.heldSettledMs : settledMs)) await setTimeout(1);
      else if (await this.othersRest()) return;
    }
  }

  /** A thread that waits for a processor is silent, too: only its answer shows that it has nothing left to do. */
  private async othersRest(): Promise<boolean> {
    const { lastSign } = this;
    for (let round = 0; round < caughtUpRounds; round++) {
      await this.othersCaughtUp();
      await setImmediate();
      await setImmediate();
      if (this.lastSign !== lastSign) return false;
    }
    return true;
  }

  private in(ms: number): Date {
    return new Date(this.time + ms);
  }
}
