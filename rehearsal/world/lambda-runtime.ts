// Runs the synthesized bundles, each in worker threads of its own: warm ones are kept, as Lambda keeps its sandboxes.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Task, VirtualClock } from '@keyturn/aws-model/clock/clock';
import { dayMs } from '@keyturn/aws-model/clock/time';
import type { LambdaFunction } from '@keyturn/aws-model/template/deployer';
import { computingAtOnce, runningAtOnce, Turns } from './turns';

export type InvocationOutcome =
  | { ok: true; result: unknown }
  | { ok: false; error: { errorType?: string; errorMessage?: string } };

export interface RuntimeOptions {
  clock: VirtualClock;
  /** Port of the fake providers on loopback. */
  providerPort: number;
  /** By how much the clock of a function's host is ahead of AWS's; negative where it is behind. */
  aheadMs(functionName: string): number;
  /** What the platform adds to a function's environment: region, credentials of its role, endpoints. */
  platformEnvironment(definition: LambdaFunction): Record<string, string>;
  onLogLine(functionName: string, line: string): void;
}

/** Lambda ends sandboxes that nobody has used for a while, and does not say after how long: here, what runs every hour is kept. */
const idleMs = 65 * 60_000;
/**
 * It ends those in constant use, too, "every few hours". A start costs a tenth of a second of CPU here, more than hours of a sandbox's
 * work, so these live for days: what runs every hour starts afresh some thirty times a quarter, and what is rarer each time.
 */
const livesMs = 3 * dayMs;
/** How much longer the real time-outs of functions are: a slow machine must not change what comes of a rehearsal. */
const patience = 60;
/**
 * Without a limit, V8 lets the garbage of every thread grow to tens of megabytes before it collects any. What works on a
 * thousand keys at once has the memory for it.
 */
const heapLimits = (memoryMb: number) => ({
  maxYoungGenerationSizeMb: 4,
  maxOldGenerationSizeMb: Math.max(64, memoryMb / 8),
});

/** A sandbox that lost its process, by fault or by time-out. */
const crashed = (errorMessage: string) =>
  ({ ok: false, error: { errorType: 'Runtime.ExitError', errorMessage } }) as const;
const rehearsalEnded = crashed('the rehearsal ended');

export class LambdaRuntime {
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly idle = new Map<string, Sandbox[]>();
  private readonly running = new Set<Sandbox>();
  private readonly turns: Turns;
  private isClosed = false;
  invocations = 0;

  constructor(private readonly options: RuntimeOptions) {
    this.turns = new Turns(options.clock);
    options.clock.othersCaughtUp = () => Promise.all([...this.running].map(sandbox => sandbox.catchUp()));
  }

  /** Takes the place of another of the same name, whose sandboxes end with what they do. */
  add(definition: LambdaFunction): void {
    this.functions.set(definition.name, definition);
    for (const sandbox of this.idle.get(definition.name) ?? [])
      void sandbox.crash('its function was changed');
    this.idle.delete(definition.name);
  }

  /** @param requestId the same on every retry of one asynchronous invocation */
  async invoke(
    functionName: string,
    event: unknown,
    requestId: string = randomUUID(),
  ): Promise<InvocationOutcome> {
    await this.endThoseOver();
    // Checked and taken without a pause: others ask at the same moment.
    while (this.isFull(functionName)) await this.turns.next(functionName);
    const definition = this.functions.get(functionName);
    if (!definition) throw new Error(`no function named ${functionName} is in the rehearsed templates`);
    this.invocations++;
    // What was on its way here when the rehearsal ended would start a thread that nobody ends.
    if (this.isClosed) return rehearsalEnded;
    const pool = this.idle.get(functionName) ?? [];
    this.idle.set(functionName, pool);
    const leaveTurn = () => this.turns.leave(functionName);
    const sandbox = pool.pop() ?? new Sandbox(definition, this.options, leaveTurn);
    this.running.add(sandbox);
    const outcome = await this.options.clock.workBeside(() => sandbox.invoke(event, requestId));
    this.running.delete(sandbox);
    if (this.functions.get(functionName) !== definition) await sandbox.crash('its function was changed');
    if (sandbox.alive) pool.push(sandbox);
    leaveTurn();
    return outcome;
  }

  private isFull(functionName: string): boolean {
    const ofFunction = [...this.running].filter(({ name }) => name === functionName);
    return this.options.clock.takesRequestsInTurn
      ? ofFunction.filter(({ isComputing }) => isComputing).length >= computingAtOnce
      : ofFunction.length >= runningAtOnce;
  }

  private async endThoseOver(): Promise<void> {
    const now = this.options.clock.now().getTime();
    const isOver = ({ usedAt, madeAt, isService }: Sandbox) =>
      !isService && (usedAt < now - idleMs || madeAt < now - livesMs);
    for (const [functionName, pool] of this.idle) {
      const over = pool.filter(isOver);
      if (!over.length) continue;
      this.idle.set(
        functionName,
        pool.filter(sandbox => !over.includes(sandbox)),
      );
      await Promise.all(over.map(sandbox => sandbox.crash('its time was over')));
    }
  }

  /** For how long a function's sandboxes have computed until now, on this machine. Milliseconds. */
  computedMs(functionName: string): number {
    const sandboxes = [...this.running, ...(this.idle.get(functionName) ?? [])];
    return sandboxes.reduce((sum, sandbox) => sum + sandbox.computedMs(functionName), 0);
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
    const sandboxes = [...this.running, ...[...this.idle.values()].flat()];
    await Promise.all(sandboxes.map(sandbox => sandbox.crash(rehearsalEnded.error.errorMessage)));
  }
}

interface Message {
  kind: 'printed' | 'caught-up' | 'sleep' | 'timer' | 'done' | 'failed';
  /** What was printed before. */
  lines: string[];
  id: number;
  ms: number;
  result?: unknown;
  error?: object;
}

class Sandbox {
  private readonly worker: Worker;
  private readonly cancels = new Map<number, () => void>();
  private readonly catchingUp: (() => void)[] = [];
  private end?: (outcome: InvocationOutcome) => void;
  private task?: Task;
  alive = true;
  /** When its last invocation ended. */
  usedAt = 0;
  readonly madeAt: number;

  constructor(
    private readonly definition: LambdaFunction,
    private readonly options: RuntimeOptions,
    private readonly onSleep: () => void,
  ) {
    this.madeAt = options.clock.now().getTime();
    const [file, handlerName] = definition.handler.split('.') as [string, string];
    // Without the source maps that a function asks for: nobody reads its stack traces here, and every thread would read them anew.
    const { NODE_OPTIONS: _, ...environment } = definition.environment;
    this.worker = new Worker(path.join(__dirname, 'virtual-process.mjs'), {
      env: { ...environment, ...options.platformEnvironment(definition) },
      execArgv: ['--no-warnings'],
      resourceLimits: heapLimits(definition.memoryMb),
      workerData: {
        shared: options.clock.shared,
        aheadMs: options.aheadMs(definition.name),
        patience: this.isService ? 1 : patience,
        bundle: pathToFileURL(path.join(definition.codeDirectory, `${file}.mjs`)).href,
        handlerName,
        isService: this.isService,
        providerPort: options.providerPort,
      },
    });
    this.worker.on('message', message => this.receive(message));
    this.worker.on('error', error => this.crash(`${error.name}: ${error.message}`));
    this.worker.on('exit', () => this.crash('the sandbox exited'));
  }

  async invoke(event: unknown, awsRequestId: string): Promise<InvocationOutcome> {
    const { clock } = this.options;
    const { timeoutSeconds } = this.definition;
    this.task = clock.task();
    const limit = new Date(clock.now().getTime() + timeoutSeconds * 1000);
    const cancelLimit = clock.schedule(limit, `time-out of ${this.definition.name}`, () =>
      this.crash(`Task timed out after ${timeoutSeconds}.00 seconds`),
    );
    const outcome = await new Promise<InvocationOutcome>(resolve => {
      this.end = resolve;
      const context = { functionName: this.definition.name, awsRequestId };
      this.worker.postMessage({ kind: 'invoke', event, context, endsAt: limit.getTime() });
    });
    cancelLimit();
    this.usedAt = clock.now().getTime();
    if (!this.isService) this.cancelTimers();
    return outcome;
  }

  get name(): string {
    return this.definition.name;
  }

  get isComputing(): boolean {
    return !this.isService && !this.task?.waits;
  }

  get isService(): boolean {
    return this.definition.isService ?? false;
  }

  computedMs(functionName: string): number {
    const isOf = this.definition.name === functionName;
    return isOf ? this.worker.performance.eventLoopUtilization().active : 0;
  }

  /** Resolves when it has taken in all that was sent to it, or is no more. */
  async catchUp(): Promise<void> {
    if (!this.alive) return;
    await new Promise<void>(resolve => {
      this.catchingUp.push(resolve);
      this.worker.postMessage({ kind: 'catch-up' });
    });
  }

  async crash(message: string): Promise<void> {
    if (!this.alive) return;
    this.alive = false;
    this.end?.(crashed(message));
    this.cancelTimers();
    for (const caughtUp of this.catchingUp.splice(0)) caughtUp();
    await this.worker.terminate();
  }

  private cancelTimers(): void {
    for (const cancel of this.cancels.values()) cancel();
    this.cancels.clear();
  }

  private receive(message: Message): void {
    const { clock, onLogLine } = this.options;
    for (const line of message.lines) onLogLine(this.definition.name, line);
    if (message.kind === 'printed') return;
    if (message.kind === 'caught-up') {
      this.catchingUp.shift()?.();
      return;
    }
    clock.sign();
    if (message.kind === 'done') this.end?.({ ok: true, result: message.result });
    else if (message.kind === 'failed') this.end?.({ ok: false, error: message.error ?? {} });
    else if (message.kind === 'sleep') {
      void clock.wait(this.task, end => this.plan(message.id, message.ms, end));
      this.onSleep();
    } else this.plan(message.id, message.ms, () => {});
  }

  private plan(id: number, ms: number, ended: () => void): void {
    const { clock } = this.options;
    const at = new Date(clock.now().getTime() + ms);
    const cancel = clock.schedule(at, `timer of ${this.definition.name}`, () => {
      this.cancels.delete(id);
      ended();
      this.worker.postMessage({ kind: 'wake', id });
      // No invocation waits for what a service does by itself: time stands until it has begun.
      return this.isService ? this.catchUp() : undefined;
    });
    this.cancels.set(id, () => {
      cancel();
      ended();
    });
  }
}
