// One environment of a function, as Lambda makes them: warm from its first call to its end.
import path from 'node:path';
import type { Task, VirtualClock } from '@keyturn/aws-model/clock/clock';
import type { RunnableFunction } from '@keyturn/aws-model/template/deployer';
import type { FunctionThread, Listener } from './function-threads';

export type InvocationOutcome =
  | { ok: true; result: unknown }
  | { ok: false; error: { errorType?: string; errorMessage?: string } };

export interface RuntimeOptions {
  clock: VirtualClock;
  /** Port of the fake providers on loopback. */
  providerPort: number;
  /** Decides the chance of all sandboxes. */
  seed: number;
  /** By how much the clock of a function's host is ahead of AWS's; negative where it is behind. */
  aheadMs(functionName: string): number;
  /** What the platform adds to a function's environment: region, credentials of its role, endpoints. */
  platformEnvironment(definition: RunnableFunction): Record<string, string>;
  onLogLine(functionName: string, line: string): void;
}

/** How much longer the real time-outs of functions are: a slow machine must not change what comes of a rehearsal. */
const patience = 60;
/** A sandbox that lost its process, by fault or by time-out. */
export const crashed = (errorMessage: string) =>
  ({ ok: false, error: { errorType: 'Runtime.ExitError', errorMessage } }) as const;

interface Message {
  kind: 'printed' | 'caught-up' | 'sleep' | 'timer' | 'done' | 'failed';
  /** What was printed before. */
  lines: string[];
  id: number;
  ms: number;
  result?: unknown;
  error?: object;
}

export class Sandbox implements Listener {
  private readonly started: Promise<number>;
  private readonly cancels = new Map<number, () => void>();
  private answer?: (outcome: InvocationOutcome) => void;
  private onSleep = () => {};
  private task?: Task;
  private isOver = false;
  /** Of calls that have ended. */
  private workedMs = 0;
  /** What its thread had worked when the call began that is played. */
  private beganAtMs?: number;
  /** When its last invocation ended. */
  usedAt = 0;
  readonly madeAt: number;

  constructor(
    private readonly definition: RunnableFunction,
    private readonly options: RuntimeOptions,
    private readonly thread: FunctionThread,
    /** How many of its function have started before. */
    earlier: number,
  ) {
    this.madeAt = options.clock.now().getTime();
    const [file, handlerName] = definition.handler.split('.') as [string, string];
    // Without the source maps that a function asks for: nobody reads its stack traces here, and every thread would read them anew.
    const { NODE_OPTIONS: _, ...environment } = definition.environment;
    thread.take(this);
    this.started = thread.start({
      shared: options.clock.shared,
      aheadMs: options.aheadMs(definition.name),
      patience: this.isService ? 1 : patience,
      environment: { ...environment, ...options.platformEnvironment(definition) },
      file: path.join(definition.codeDirectory, `${file}.mjs`),
      handlerName,
      isService: this.isService,
      providerPort: options.providerPort,
      seed: `${options.seed} ${definition.name} ${earlier}`,
    });
  }

  async invoke(event: unknown, awsRequestId: string, onSleep: () => void): Promise<InvocationOutcome> {
    const { clock } = this.options;
    const { timeoutSeconds } = this.definition;
    this.thread.take(this);
    this.beganAtMs = this.thread.workedMs;
    this.onSleep = onSleep;
    this.task = clock.task();
    const limit = new Date(clock.now().getTime() + timeoutSeconds * 1000);
    const cancelLimit = clock.schedule(limit, `time-out of ${this.definition.name}`, () =>
      this.crash(`Task timed out after ${timeoutSeconds}.00 seconds`),
    );
    const answered = new Promise<InvocationOutcome>(resolve => {
      this.answer = resolve;
    });
    const id = await this.started;
    const context = { functionName: this.definition.name, awsRequestId };
    this.thread.send({ kind: 'invoke', id, event, context, endsAt: limit.getTime() });
    const outcome = await answered;
    cancelLimit();
    this.usedAt = clock.now().getTime();
    this.workedMs = this.computedMs;
    this.beganAtMs = undefined;
    if (this.isService) return outcome;
    this.cancelTimers();
    this.thread.leave();
    return outcome;
  }

  get name(): string {
    return this.definition.name;
  }

  get alive(): boolean {
    return !this.isOver && !this.thread.hasEnded;
  }

  /** A thread of its own plays each service, also between its calls. */
  get isReady(): boolean {
    return this.alive && (this.isService || !this.thread.isTaken);
  }

  get isComputing(): boolean {
    return !this.isService && !this.task?.waits;
  }

  get isService(): boolean {
    return this.definition.isService ?? false;
  }

  /** For how long it has computed until now. */
  get computedMs(): number {
    const { beganAtMs, thread } = this;
    return this.workedMs + (beganAtMs === undefined ? 0 : Math.max(0, thread.workedMs - beganAtMs));
  }

  catchUp(): Promise<void> {
    return this.thread.catchUp();
  }

  /** Stands still, and is not called again. A service may still be at work. */
  end(): void {
    if (!this.alive) return;
    if (this.isService) return void this.crash('its function was changed');
    this.isOver = true;
    this.thread.kept--;
    void this.started.then(id => this.thread.send({ kind: 'end', id }));
  }

  /** With its thread: what else stands still there starts afresh, too. */
  async crash(message: string): Promise<void> {
    if (this.alive) await this.thread.terminate(message);
  }

  onEnd(why: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.answer?.(crashed(why));
    this.cancelTimers();
  }

  private cancelTimers(): void {
    for (const cancel of this.cancels.values()) cancel();
    this.cancels.clear();
  }

  onMessage(told: unknown): void {
    const message = told as Message;
    const { clock, onLogLine } = this.options;
    for (const line of message.lines) onLogLine(this.definition.name, line);
    if (message.kind === 'printed' || message.kind === 'caught-up') return;
    clock.sign();
    if (message.kind === 'done') this.answer?.({ ok: true, result: message.result });
    else if (message.kind === 'failed') this.answer?.({ ok: false, error: message.error ?? {} });
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
      this.thread.send({ kind: 'wake', id });
      // No invocation waits for what a service does by itself: time stands until it has begun.
      return this.isService ? this.catchUp() : undefined;
    });
    this.cancels.set(id, () => {
      cancel();
      ended();
    });
  }
}
