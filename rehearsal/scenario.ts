import type { McpLoad } from './mcp-load';
import type { Stage } from './stage';

export interface Scenario {
  /** For `npm start -- --scenario <name>`. */
  name: string;
  /** One line for people. */
  about: string;
  days: number;
  /** Plays up to `end`. @returns the load that ran meanwhile */
  play(stage: Stage, end: Date): Promise<McpLoad>;
}
