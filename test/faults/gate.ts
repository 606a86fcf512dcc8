// Stands between the function under test and everything it calls: counts its calls, and lets one go wrong as planned.
import type { AwsFault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { minuteMs } from '../../core/time';
import type { ProviderCall, ProviderFault } from '../../rehearsal/providers/fake-provider';
import type { InvocationOutcome } from '../../rehearsal/world/function-sandbox';
import type { World } from '../../rehearsal/world/world';
import { isMarkWrite, refusal } from './marked';
import { type CallFault, kindOf, type Plan, type SeenCall } from './plan';

/** Longer than AWS waits before it tries again. */
const beyondRetryMs = 6 * minuteMs;
/** Who calls has given up by then. */
const waitedForMs = 5_000;
const outageMs = 180 * minuteMs;
/** Everything is over by then, and the books are not closed. */
const lateMs = 30 * minuteMs;

/** The function under test. */
export interface Target {
  name: string;
  timeOutMs: number;
}

/** What becomes of a call, where it is not what the product would have it be: planted faults are made of these. */
export interface Distortion {
  aws?(call: InterceptedCall, planned: AwsFault | undefined): AwsFault | undefined;
  provider?(
    call: ProviderCall,
    planned: ProviderFault | undefined,
  ): ProviderFault | undefined | Promise<ProviderFault | undefined>;
}

interface Invocation {
  functionName: string;
  event: unknown;
}

export class Gate {
  /** The calls of the function under test since `arm`. */
  calls: SeenCall[] = [];
  /** Its invocations since `arm`. */
  invocations = 0;
  /** Where the fault struck; absent while it has not. */
  struck?: string;
  /** True where a call arrived after its caller had given up. */
  wasLate = false;
  /** A function that fails whenever it is called, from this step of a rotation on. */
  failing?: { functionName: string; from: 'createSecret' | 'setSecret' };
  /** A function that waits before this call in this step of a rotation, until it may go on. */
  waiting?: { functionName: string; step: string; operation: string; until: Promise<void> };
  /** What functions do wrong whenever they are called. */
  distorted?: { functionNames: readonly string[]; by: Distortion };
  /** What its failed invocations said. */
  readonly errors: string[] = [];
  /** What else can happen to the key while a call waits, from its beginning to its end. */
  meanwhile!: Record<'contained meanwhile' | 'rotated meanwhile', () => Promise<unknown>>;
  private world!: World;
  private target = '';
  private timeOutMs = 0;
  private plan?: Plan;
  private current?: Invocation;
  /** Functions under way, the last to be called last. */
  private readonly running: string[] = [];
  /** Which step of a rotation each function is at, or was. */
  private readonly steps = new Map<string, string | undefined>();
  private isCrashing = false;
  private outage?: { side: SeenCall['side']; until: number };

  observe(world: World): void {
    this.world = world;
  }

  /** Counts from now on, and lets go wrong what is planned. */
  arm({ name, timeOutMs }: Target, plan?: Plan): void {
    this.target = name;
    this.timeOutMs = timeOutMs;
    this.plan = plan;
    this.calls = [];
    this.invocations = 0;
    this.struck = undefined;
    this.wasLate = false;
    this.errors.length = 0;
    this.outage = undefined;
  }

  disarm(): void {
    this.target = '';
    this.plan = undefined;
  }

  get outageEndsAt(): Date | undefined {
    return this.outage && new Date(this.outage.until);
  }

  aroundInvocation = async (
    functionName: string,
    event: unknown,
    invoke: () => Promise<InvocationOutcome>,
  ): Promise<InvocationOutcome> => {
    if (this.isFailing(functionName, event)) return { ok: false, error: { errorMessage: 'out of order' } };
    this.steps.set(functionName, (event as { Step?: string } | undefined)?.Step);
    this.running.push(functionName);
    try {
      return await this.invokeObserved(functionName, event, invoke);
    } finally {
      this.running.splice(this.running.lastIndexOf(functionName), 1);
    }
  };

  private async invokeObserved(
    functionName: string,
    event: unknown,
    invoke: () => Promise<InvocationOutcome>,
  ): Promise<InvocationOutcome> {
    if (functionName !== this.target) return invoke();
    this.current = { functionName, event };
    const outcome = await this.invoke(invoke, this.invocations++, event);
    this.current = undefined;
    if (!outcome.ok) this.errors.push(outcome.error.errorMessage ?? 'no message');
    return outcome;
  }

  private mustWait({ caller, operation }: InterceptedCall): boolean {
    const { waiting } = this;
    if (!waiting || caller.sessionName !== waiting.functionName) return false;
    return operation === waiting.operation && this.steps.get(waiting.functionName) === waiting.step;
  }

  private isFailing(functionName: string, event: unknown): boolean {
    if (functionName !== this.failing?.functionName) return false;
    return this.failing.from === 'createSecret' || (event as { Step: string }).Step !== 'createSecret';
  }

  private async invoke(
    invoke: () => Promise<InvocationOutcome>,
    index: number,
    event: unknown,
  ): Promise<InvocationOutcome> {
    const { plan } = this;
    if (!plan || !('invocation' in plan) || plan.invocation !== index) return invoke();
    const { Step = 'run' } = (event ?? {}) as { Step?: string };
    this.struck = `invocation ${index + 1} (${Step})`;
    if (plan.fault === 'invoked side by side') return (await Promise.all([invoke(), invoke()]))[0];
    const outcome = await invoke();
    if (plan.fault === 'invoked twice') return invoke();
    const later = new Date(this.world.clock.now().getTime() + lateMs);
    this.world.clock.schedule(later, 'the same again', () => void invoke());
    return outcome;
  }

  interceptAws = (call: InterceptedCall): AwsFault | undefined => {
    const planned = this.plannedAws(call);
    const { distorted } = this;
    if (!distorted?.functionNames.includes(call.caller.sessionName ?? '')) return planned;
    return distorted?.by.aws ? distorted.by.aws(call, planned) : planned;
  };

  interceptProvider = async (call: ProviderCall): Promise<ProviderFault | undefined> => {
    const planned = await this.plannedProvider(call);
    const { distorted } = this;
    if (call.kind === 'use' || !distorted?.functionNames.includes(this.running.at(-1) ?? '')) return planned;
    return distorted?.by.provider ? distorted.by.provider(call, planned) : planned;
  };

  private plannedAws(call: InterceptedCall): AwsFault | undefined {
    if (this.mustWait(call)) return { kind: 'hang-before', until: this.waiting!.until };
    if (!this.target || call.caller.sessionName !== this.target) return undefined;
    if (this.isCrashing) return { kind: 'refuse-before' };
    const ofMarks = isMarkWrite(call) ? ' of marks' : '';
    const fault = this.next({ side: 'aws', name: `${call.service} ${call.operation}${ofMarks}` });
    const { clock } = this.world;
    switch (fault) {
      case 'stopped before':
        void this.crash();
        return { kind: 'refuse-before' };
      case 'stopped after':
        // A turn later: by then the call has been carried out.
        return { kind: 'hang-after', until: new Promise(setImmediate).then(() => this.crash()) };
      case 'answer lost':
        return { kind: 'lose-answer' };
      case '429':
        return { kind: 'throttle' };
      case '5xx':
      case 'outage of 3 hours':
        return { kind: 'server-error' };
      case 'refused':
        return refusal;
      case 'time-out':
        return { kind: 'hang-after', until: clock.hold(this.timeOutMs + minuteMs) };
      case 'carried out late':
        return { kind: 'hang-before', until: this.hold(clock.hold(this.timeOutMs + beyondRetryMs)) };
      case 'overtaken':
        return { kind: 'hang-before', until: this.hold(this.twin()) };
      case 'contained meanwhile':
      case 'rotated meanwhile':
        return { kind: 'hang-before', until: this.hold(this.meanwhile[fault]()) };
      case undefined:
        return undefined;
    }
  }

  private async plannedProvider(call: ProviderCall): Promise<ProviderFault | undefined> {
    if (!this.current || call.kind === 'use') return undefined;
    if (this.isCrashing) return { kind: 'drop-before' };
    const fault = this.next({ side: 'provider', name: `${call.method} ${call.path}`, what: call.kind });
    switch (fault) {
      case 'stopped before':
        void this.crash();
        return { kind: 'drop-before' };
      case 'stopped after':
        return { kind: 'rewrite', change: reply => this.crashWith(reply) };
      case 'answer lost':
        return { kind: 'drop-after' };
      case '429':
        return { kind: '429', retryAfterSeconds: 3 };
      case '5xx':
      case 'refused':
      case 'outage of 3 hours':
        return { kind: 'status', status: 503 };
      case 'time-out':
        return { kind: 'hang' };
      case 'carried out late':
        this.wasLate = true;
        return { kind: 'slow', ms: beyondRetryMs };
      case 'overtaken':
        await this.hold(this.twin());
        return undefined;
      case 'contained meanwhile':
      case 'rotated meanwhile':
        await this.hold(this.meanwhile[fault]());
        return undefined;
      case undefined:
        return undefined;
    }
  }

  private async hold(meanwhile: Promise<unknown>): Promise<void> {
    const { clock } = this.world;
    const began = clock.now().getTime();
    await clock.holdUntil(meanwhile);
    if (clock.now().getTime() - began > waitedForMs) this.wasLate = true;
  }

  private next(call: SeenCall): CallFault | undefined {
    const index = this.calls.push(call) - 1;
    const now = this.world.clock.now().getTime();
    if (this.outage) {
      return this.outage.side === call.side && now < this.outage.until ? 'outage of 3 hours' : undefined;
    }
    const { plan } = this;
    if (this.struck || !plan || !('call' in plan) || plan.kind !== kindOf(call)) return undefined;
    if (this.calls.filter(seen => kindOf(seen) === plan.kind).length - 1 !== plan.nth) return undefined;
    this.struck = `call ${index + 1} (${call.name})`;
    if (plan.fault === 'outage of 3 hours') this.outage = { side: call.side, until: now + outageMs };
    return plan.fault;
  }

  /** The same event, handled once more from its beginning to its end while the first invocation waits. */
  private twin(): Promise<InvocationOutcome> {
    const { functionName, event } = this.current!;
    return this.world.runtime.invoke(functionName, event);
  }

  private crashWith<T>(reply: T): T {
    void this.crash();
    return reply;
  }

  private async crash(): Promise<void> {
    this.isCrashing = true;
    await this.world.runtime.crashRunning();
    this.isCrashing = false;
  }
}
