// When the emergency function began, what it did and when, seen from outside: by the calls that reach AWS and the providers.
import { functionName } from '../../../lib/config/aws/names';
import type { RehearsalContext } from '../../world/rehearsal-context';

type Moment = 'began' | 'promoted' | 'revoked';

export interface Seen {
  /** Virtual time. */
  at: Date;
  /** Real time, in which sleeps take nothing. Milliseconds. */
  wallMs: number;
}

export class EmergencyWatch {
  readonly seen = new Map<Moment, Seen>();

  /** Looks on from now; other faults stay as they are. */
  constructor(private readonly context: RehearsalContext) {
    const emergency = functionName(context.environment.name, 'emergency-revoke');
    const { faults } = context;
    const { ofAws, ofProvider } = faults;
    faults.ofAws = call => {
      if (call.caller.sessionName === emergency) {
        // Every hour it looks for what is unfinished: that is no beginning.
        if (call.operation !== 'Query') this.note('began');
        if (call.operation === 'PutSecretValue') this.note('promoted');
      }
      return ofAws?.(call);
    };
    faults.ofProvider = call => {
      if (call.kind === 'revoke' && this.seen.has('began')) this.note('revoked');
      return ofProvider?.(call);
    };
  }

  /** Milliseconds of virtual time between two moments. */
  between(from: Date, to: Moment): number | undefined {
    const moment = this.seen.get(to);
    return moment && moment.at.getTime() - from.getTime();
  }

  wallBetween(from: Moment, to: Moment): number | undefined {
    const [begin, end] = [this.seen.get(from), this.seen.get(to)];
    return begin && end && Math.round(end.wallMs - begin.wallMs);
  }

  private note(moment: Moment): void {
    if (this.seen.has(moment)) return;
    this.seen.set(moment, { at: this.context.world.clock.now(), wallMs: performance.now() });
  }
}
