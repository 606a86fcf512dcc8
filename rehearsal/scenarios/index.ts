import { brokenKey } from './broken-key';
import { deliveries } from './deliveries';
import { deploys } from './deploys';
import { duplicates } from './duplicates';
import { estate } from './estate';
import { falseAlarm } from './false-alarm';
import { federation } from './federation';
import { leak } from './leak';
import { leakReport } from './leak-report';
import { mass } from './mass';
import { outage } from './outage';
import { quarter } from './quarter';
import { regions } from './regions';
import type { Scenario } from './scenario';
import { spike } from './spike';
import { storm } from './storm';
import { stuckPlusLeak } from './stuck-plus-leak';

const all = [
  quarter,
  leak,
  leakReport,
  brokenKey,
  outage,
  storm,
  stuckPlusLeak,
  spike,
  falseAlarm,
  duplicates,
  deploys,
  regions,
  deliveries,
  federation,
  mass,
  estate,
];

export const scenarios: Record<string, Scenario> = Object.fromEntries(
  all.map(scenario => [scenario.name, scenario]),
);
