// What real AWS was recorded to do, one behaviour a line in recorded.jsonl: facts of others, in a table of our own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Behaviour {
  /** As its clients are called: `secretsmanager`, `events`. */
  service: string;
  fact: string;
  source: string;
}

/** A call and its recorded answer: sent to the model over the wire. */
export interface ReplayedBehaviour extends Behaviour {
  /** What comes before: calls, or time that passes. */
  given?: readonly (ReplayedCall | Wait)[];
  call: string;
  input: unknown;
  /** Members that the answer has: a text that starts with `~` is a pattern, `null` means that there is no such member. */
  answer?: unknown;
  error?: RecordedError;
}

export interface RecordedError {
  code: string;
  message?: string;
}

export interface ReplayedCall {
  /** @default the service of the behaviour */
  service?: string;
  call: string;
  input: unknown;
  /** `{name.Member}` in later inputs and answers stands for a member of this answer. */
  as?: string;
}

export interface Wait {
  waitSeconds: number;
}

/** A behaviour that takes more than a call to see: a test of this package holds it. */
export interface TestedBehaviour extends Behaviour {
  /** In the folder `test`. */
  test: string;
  name: string;
}

/** What is not published: the model decides, or leaves it to a knob. */
export interface Assumption extends Behaviour {
  assumed: string;
}

export interface LeftOut extends Behaviour {
  notModelled: string;
}

export type Recorded = ReplayedBehaviour | TestedBehaviour | Assumption | LeftOut;

export const folder = __dirname;

export function readRecorded(): Recorded[] {
  return readFileSync(join(folder, 'recorded.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Recorded);
}
