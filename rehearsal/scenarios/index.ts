import { deliveries } from './deliveries/deliveries';
import { deploys } from './deploys';
import { brokenKey } from './emergencies/broken-key';
import { duplicates } from './emergencies/duplicates';
import { falseAlarm } from './emergencies/false-alarm';
import { leak } from './emergencies/leak';
import { leakReport } from './emergencies/leak-report';
import { mass } from './emergencies/mass';
import { outage } from './emergencies/outage';
import { spike } from './emergencies/spike';
import { storm } from './emergencies/storm';
import { stuckPlusLeak } from './emergencies/stuck-plus-leak';
import { estate } from './estate/estate';
import { federation } from './federation/federation';
import { quarter } from './quarter';
import { regions } from './regions';
import type { Scenario } from './scenario';

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
