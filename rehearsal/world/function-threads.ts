// Threads that functions run in. Each plays one call at a time, and keeps as many sandboxes as have stood still in it: opening a
// thread takes V8 some 30 ms of work, and compiling a bundle as much, which a sandbox that starts in a thread at work is spared.
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { RunnableFunction } from '@keyturn/aws-model/template/deployer';
import { codeOf } from './function-code';

/** What a sandbox is started with. */
export interface SandboxStart {
  shared: Float64Array;
  /** By how much its host's clock is ahead of AWS's. Milliseconds. */
  aheadMs: number;
  patience: number;
  environment: Record<string, string>;
  /** The bundle's path. */
  file: string;
  handlerName: string;
  isService: boolean;
  providerPort: number;
  /** Its chance follows from it. */
  seed: string;
}

/** What a thread tells the sandbox whose call it plays. */
export interface Listener {
  onMessage(message: unknown): void;
  /** It is no more, and no sandbox in it. */
  onEnd(why: string): void;
}

/**
 * Without a limit, V8 lets the garbage of every thread grow to tens of megabytes before it collects any. What works on a
 * thousand keys at once has the memory for it.
 */
const heapMb = (memoryMb: number) => Math.max(64, memoryMb / 8);

/**
 * For whoever plays beside a person's other work: threads that start from now on keep half of the young garbage, for a tenth more CPU.
 * Tests have no use for it.
 */
export function spareMemory(): void {
  setFlagsFromString('--max-semi-space-size=4');
}

export class FunctionThread {
  private readonly worker: Worker;
  /** The sandbox whose call it plays, or played last: what that prints afterwards is its own, too. */
  private listener?: Listener;
  private readonly directories = new Set<string>();
  private readonly catchingUp: (() => void)[] = [];
  private lastId = 0;
  /** Sandboxes in it. */
  kept = 0;
  /** Plays a call of one of its sandboxes. */
  isTaken = false;
  hasEnded = false;

  constructor(readonly maxOldGenerationSizeMb: number) {
    this.worker = new Worker(path.join(__dirname, 'virtual-process.mjs'), {
      env: {},
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb },
    });
    this.worker.on('message', (message: { kind: string }) => this.receive(message));
    this.worker.on('error', error => this.end(`${error.name}: ${error.message}`));
    this.worker.on('exit', () => this.end('the sandbox exited'));
  }

  private receive(message: { kind: string }): void {
    if (message.kind === 'caught-up') this.catchingUp.shift()?.();
    this.listener?.onMessage(message);
  }

  private end(why: string): void {
    this.hasEnded = true;
    for (const caughtUp of this.catchingUp.splice(0)) caughtUp();
    this.listener?.onEnd(why);
  }

  /** Resolves when it has taken in all that was sent to it, or is no more. */
  async catchUp(): Promise<void> {
    if (this.hasEnded) return;
    await new Promise<void>(resolve => {
      this.catchingUp.push(resolve);
      this.send({ kind: 'catch-up' });
    });
  }

  take(listener: Listener): void {
    this.listener = listener;
    this.isTaken = true;
  }

  leave(): void {
    this.isTaken = false;
  }

  send(message: object): void {
    this.worker.postMessage(message);
  }

  /** Resolves to the sandbox's number, when all that is sent from then on comes after. */
  async start(sandbox: SandboxStart): Promise<number> {
    this.kept++;
    const id = ++this.lastId;
    const directory = path.dirname(sandbox.file);
    const isKnown = sandbox.isService || this.directories.has(directory);
    const code = isKnown ? undefined : await codeOf(directory);
    this.directories.add(directory);
    this.send({ kind: 'start', id, sandbox, code });
    return id;
  }

  /** For how long it has worked since it began. Milliseconds. */
  get workedMs(): number {
    return this.hasEnded ? 0 : this.worker.performance.eventLoopUtilization().active;
  }

  async terminate(why: string): Promise<void> {
    this.end(why);
    await this.worker.terminate();
  }
}

/** More would cost more memory than they spare work. */
const emptyAtMost = 2;

export class FunctionThreads {
  private threads: FunctionThread[] = [];

  /** One that plays nothing; a service gets one for itself. */
  free({ memoryMb, isService }: Pick<RunnableFunction, 'memoryMb' | 'isService'>): FunctionThread {
    const limit = heapMb(memoryMb);
    this.threads = this.threads.filter(({ hasEnded }) => !hasEnded);
    const fits = (one: FunctionThread) => !one.isTaken && one.maxOldGenerationSizeMb === limit;
    const found = isService ? undefined : this.threads.find(fits);
    if (found) return found;
    const thread = new FunctionThread(limit);
    this.threads.push(thread);
    return thread;
  }

  /** Of those that keep no sandbox, some are enough. */
  endEmpty(): void {
    const empty = this.threads.filter(({ isTaken, kept }) => !isTaken && !kept);
    for (const thread of empty.slice(emptyAtMost)) void thread.terminate('nothing is kept in it');
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map(thread => thread.terminate('the rehearsal ended')));
  }
}
