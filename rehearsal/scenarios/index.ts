import type { Scenario } from '../scenario';
import { quarter } from './quarter';

export const scenarios: Record<string, Scenario> = { [quarter.name]: quarter };
