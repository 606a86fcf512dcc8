import type { KeysInput } from '../../lib/config/config';
import type { RehearsalContext } from '../world/rehearsal-context';
import type { Need } from './parts/needs';

export interface Scenario {
  /** For `npm start -- --scenario <name>`. */
  name: string;
  /** One line for people. */
  about: string;
  days: number;
  /** How often CloudWatch looks at alarms: an ordinary quarter need not be looked at every minute. @default 1 */
  alarmsEveryMinutes?: number;
  /** Nothing is to fail in it, and every grant to be used. @default false */
  isOrdinary?: boolean;
  /** The ways to get a key that only real time can play are played beside it. @default false */
  hasLanes?: true;
  /** What it cannot do without. It is refused before anything begins. @default - any environment will do */
  needs?: Need;
  /** What it is played on where no configuration is named. @default - config/keys.ts */
  keys?(): KeysInput;
  /** Keys that it leaves at providers on purpose, and that no secret holds. @default 0 */
  strays?: number;
  /** Whether all went as it should, by what the scenario found. @default - by what is counted in every rehearsal alone */
  holds?(findings: Record<string, unknown>): boolean;
  /** Plays up to `end`. */
  play(context: RehearsalContext, end: Date): Promise<void>;
}
