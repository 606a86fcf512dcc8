// Runs the synthesized bundles in sandboxes, which stay warm as Lambda keeps its own.
import { randomUUID } from 'node:crypto';
import type { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { dayMs } from '@keyturn/aws-model/clock/time';
import type { RunnableFunction } from '@keyturn/aws-model/template/deployer';
import { crashed, type InvocationOutcome, type RuntimeOptions, Sandbox } from './function-sandbox';
import { FunctionThreads } from './function-threads';

/** Lambda ends sandboxes that nobody has used for a while, and does not say after how long: here, what runs every hour is kept. */
const idleMs = 65 * 60_000;
/**
 * It ends those in constant use, too, "every few hours". A start costs as much CPU here as hours of a sandbox's work, so these live
 * for days: what runs every hour starts afresh some thirty times a quarter, and what is rarer each time.
 */
const livesMs = 3 * dayMs;
/**
 * Of one function, while each request moves the clock by itself: one moment can start a hundred events, which need the threads of a few. What
 * sleeps does not count, and nothing that computes waits for another call of its own function.
 */
const computingAtOnce = 4;
/** Of one function, where requests take their time side by side: more wait, as calls do that AWS has no sandbox for. */
const runningAtOnce = 50;
const rehearsalEnded = crashed('the rehearsal ended');

export class LambdaRuntime {
  private readonly functions = new Map<string, RunnableFunction>();
  private readonly idle = new Map<string, Sandbox[]>();
  /** Function -> how many sandboxes of it have started. */
  private readonly started = new Map<string, number>();
  private readonly running = new Set<Sandbox>();
  private readonly queues: InvocationQueues;
  private readonly threads = new FunctionThreads();
  private isClosed = false;
  invocations = 0;

  constructor(private readonly options: RuntimeOptions) {
    this.queues = new InvocationQueues(options.clock);
    options.clock.othersCaughtUp = () => Promise.all([...this.running].map(sandbox => sandbox.catchUp()));
  }

  /** Takes the place of another of the same name, whose sandboxes end with what they do. */
  add(definition: RunnableFunction): void {
    this.functions.set(definition.name, definition);
    for (const sandbox of this.idle.get(definition.name) ?? []) sandbox.end();
    this.idle.delete(definition.name);
  }

  /** @param requestId the same on every retry of one asynchronous invocation */
  async invoke(
    functionName: string,
    event: unknown,
    requestId: string = randomUUID(),
  ): Promise<InvocationOutcome> {
    this.endThoseOver();
    // Checked and taken without a pause: others ask at the same moment.
    while (this.isFull(functionName)) await this.queues.wait(functionName);
    const definition = this.functions.get(functionName);
    if (!definition) throw new Error(`no function named ${functionName} is in the rehearsed templates`);
    this.invocations++;
    // What was on its way here when the rehearsal ended would start a thread that nobody ends.
    if (this.isClosed) return rehearsalEnded;
    const pool = this.idle.get(functionName) ?? [];
    this.idle.set(functionName, pool);
    const wakeNext = () => this.queues.wake(functionName);
    const warm = pool.findLast(({ isReady }) => isReady);
    if (warm) pool.splice(pool.indexOf(warm), 1);
    const sandbox = warm ?? this.start(definition);
    this.running.add(sandbox);
    const outcome = await this.options.clock.workBeside(() => sandbox.invoke(event, requestId, wakeNext));
    this.running.delete(sandbox);
    if (this.functions.get(functionName) !== definition) sandbox.end();
    if (sandbox.alive) pool.push(sandbox);
    wakeNext();
    return outcome;
  }

  private start(definition: RunnableFunction): Sandbox {
    const earlier = this.started.get(definition.name) ?? 0;
    this.started.set(definition.name, earlier + 1);
    return new Sandbox(definition, this.options, this.threads.free(definition), earlier);
  }

  private isFull(functionName: string): boolean {
    const ofFunction = [...this.running].filter(({ name }) => name === functionName);
    return this.options.clock.takesRequestsInTurn
      ? ofFunction.filter(({ isComputing }) => isComputing).length >= computingAtOnce
      : ofFunction.length >= runningAtOnce;
  }

  private endThoseOver(): void {
    const now = this.options.clock.now().getTime();
    const isOver = ({ alive, usedAt, madeAt, isService }: Sandbox) =>
      !alive || (!isService && (usedAt < now - idleMs || madeAt < now - livesMs));
    for (const [functionName, pool] of this.idle) {
      const over = pool.filter(isOver);
      if (!over.length) continue;
      this.idle.set(
        functionName,
        pool.filter(sandbox => !over.includes(sandbox)),
      );
      for (const sandbox of over) sandbox.end();
    }
    this.threads.endEmpty();
  }

  /** For how long a function's sandboxes have computed until now, on this machine. Milliseconds. */
  computedMs(functionName: string): number {
    const sandboxes = [...this.running, ...(this.idle.get(functionName) ?? [])];
    return sandboxes.reduce((sum, sandbox) => sum + sandbox.computedMs, 0);
  }

  /** Ends every running sandbox on the spot, as a power cut would. Their invocations come back as crashed. */
  async crashRunning(): Promise<void> {
    await Promise.all(
      [...this.running].map(sandbox => sandbox.crash('Runtime exited with error: signal: killed')),
    );
  }

  /** No sandbox runs afterwards, nor starts. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const sandbox of [...this.idle.values()].flat()) sandbox.end();
    await Promise.all([...this.running].map(sandbox => sandbox.crash(rehearsalEnded.error.errorMessage)));
    await this.threads.close();
  }
}

/** By function, the invocations that wait for a sandbox to end or to sleep. */
class InvocationQueues {
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly clock: VirtualClock) {}

  async wait(functionName: string): Promise<void> {
    const woken = new Promise<void>(resolve => {
      this.waiting.set(functionName, [...(this.waiting.get(functionName) ?? []), resolve]);
    });
    await this.clock.until(woken);
  }

  /** All of them: each looks for itself whether there is room. */
  wake(functionName: string): void {
    const waiting = this.waiting.get(functionName) ?? [];
    this.waiting.delete(functionName);
    for (const look of waiting) look();
  }
}
