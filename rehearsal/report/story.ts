// What a rehearsal leaves to tell: facts that were counted while it ran, for the table, the JSON line and the page.
import type { KeyLane } from '../../bin/report/lives';
import type { Overview } from '../../bin/report/overview';
import type { LaneRow } from '../lanes/lane-row';
import type { PlayedWay } from '../servers/played-ways';

/** All keys that one secret has held, as they were seen. */
export interface PlayedLane extends KeyLane {
  /** When AWSCURRENT moved. */
  promotions: Date[];
}

export interface Counted {
  total: number;
  failed: number;
}

/** What `npm start -- --json` prints. Every number is counted from what happened. */
export interface Summary {
  scenario: string;
  simulatedDays: number;
  keys: number;
  rotations: { started: number; succeeded: number; failed: number; recovered: number };
  retired: number;
  /** In all, and by how the servers get their keys. */
  requests: Counted & { lanes: Record<PlayedWay, Counted> };
  /** The ways that virtual time cannot play. Empty where none was played. */
  realTimeLanes: LaneRow[];
  /** Live provider keys with a Keyturn name that no labelled version holds. */
  orphans: number;
  /** Places where a secret value showed up: logs, events, metrics, names, messages, terminal. */
  secretsInOutput: number;
  iam: { checkedCalls: number; denied: number; unusedGrants: string[]; excusedGrants: number };
  providers: string[];
  /** Per roll provider: longest time in which AWSCURRENT was not accepted. Milliseconds. */
  rollWindowMs: Record<string, number>;
  /** The same for providers at which two keys live side by side, where there was such a time. */
  currentDeadMs: Record<string, number>;
  awsCallsPerRotation: number;
  /** Calls or resources that the model does not know, and calls to undeclared origins. */
  violations: string[];
  /** What this environment kept the scenario from playing, and why. Grants are not judged then. */
  leftOut: string[];
  wallSeconds: number;
  /** Of this process with all its threads; not of the servers that it starts. */
  cpuSeconds: number;
  /** The most that the process held at a time. */
  peakMemoryMb: number;
}

/** What the page shows of the keys, and of what was played. */
export interface Story extends Overview {
  lanes: PlayedLane[];
  /** Nothing is to fail in it, and every grant to be used. */
  isOrdinary: boolean;
  summary: Summary;
}
