// A cause as it is told: one sentence in Keyturn's words, what was seen, and what to do.
import type { Step } from '../../core/text/step';
import type { State } from '../aws/keys/key-state';

/** One thing that was seen. */
export interface Observation {
  at?: Date;
  /** Where: `the log of the rotate function`. */
  source: string;
  /** May hold others' words. */
  text: string;
}

export interface LikelyCause {
  /** One sentence, in Keyturn's words. */
  says: string;
  evidence: Observation[];
  next: Step[];
  /** Section of the runbook: `docs/runbook.md#rotation-failed`. */
  runbook: string;
}

export function stateSeen(state: State, note: string | undefined): Observation {
  return {
    source: 'Secrets Manager',
    text: `the key is ${state.replace('-', ' ')}${note ? `: ${note}` : ''}`,
  };
}
