import type { Stage } from './stage';

export interface Scenario {
  /** For `npm start -- --scenario <name>`. */
  name: string;
  /** One line for people. */
  about: string;
  days: number;
  /** How often CloudWatch looks at alarms: an ordinary quarter need not be looked at every minute. @default 1 */
  alarmsEveryMinutes?: number;
  /** Plays up to `end`. */
  play(stage: Stage, end: Date): Promise<void>;
}
