// What a page shows of the keys in a rehearsal besides their lives, as the account itself tells it.
import { auditForPage } from '../../../bin/audit/audit-for-page';
import type { AuditResult } from '../../../bin/report/findings';
import type { Overview } from '../../../bin/report/overview';
import { parseSecretName, shortName } from '../../../core/key/key-address';
import { keysOf } from '../../../lib/config/config';
import { readSchedule } from '../../../lib/config/schedule';
import { incidentsOf } from '../../scenarios/parts/incidents';
import type { RehearsalContext } from '../rehearsal-context';
import { keySecrets } from './stored-values';

/** Asks what `keyturn audit` asks. */
export function auditOf({ environment, world, asAdministrator }: RehearsalContext): Promise<AuditResult> {
  const options = {
    selection: {},
    now: () => world.clock.now(),
    terminal: { overwrite: () => {}, redraws: false },
  };
  return asAdministrator(() => auditForPage({ environment, keys: keysOf(environment) }, options));
}

/** @param audited at its time */
export function overviewOf(
  context: RehearsalContext,
  audited: AuditResult,
): Omit<Overview, 'start' | 'end' | 'lanes' | 'events'> {
  const { environment, world } = context;
  const keys = keysOf(environment);
  const schedules = keySecrets(world.model).map(({ name, rotation: { enabled, rules } }) => {
    const schedule = enabled ? readSchedule(rules?.ScheduleExpression, rules?.Duration) : undefined;
    return { key: shortName(parseSecretName(name)), ...(schedule && { schedule }) };
  });
  return {
    environment,
    keys,
    schedules,
    incidents: incidentsOf(context),
    audited,
    now: world.clock.now(),
  };
}
