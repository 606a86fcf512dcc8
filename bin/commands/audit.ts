import { parseDuration } from '../../client/doctor/duration';
import type { AuditReport } from '../../core/audit/finding';
import { needsAttention } from '../../core/audit/report';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { terminalJson } from '../../core/text/safe-text';
import { dayMs } from '../../core/time';
import { couldBe } from '../../lib/config/providers';
import { auditCsv, auditPage, auditText } from '../audit/audit-forms';
import { type AuditSelection, auditAll } from '../audit/audit-run';
import { sarif } from '../audit/sarif';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEverywhere } from '../config/selection';
import type { Command, CommonFlags } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

export interface AuditFlags extends CommonFlags, Selection {
  sarif?: boolean;
  html?: boolean;
  csv?: boolean;
  hosts?: boolean;
  /** Such as 90d. */
  unusedAfter: string;
}

/** Looks over all keys of one environment, or of all that the credentials reach; changes nothing. */
export const audit: Command<AuditFlags> = async (flags, { terminal, clock }) => {
  const unusedDays = parseDuration(flags.unusedAfter) / dayMs;
  if (!unusedDays)
    throw new KeyturnError(
      'usage',
      '--unused-after is 0; give the days that a key may be unused, such as 90d',
    );
  const selected = await selectAudited(flags);
  const audited = await auditAll(selected, {
    selection: flags,
    unusedDays,
    hosts: flags.hosts,
    now: () => clock.now(),
    terminal,
  });
  const reports = audited.map(report => ({ ...report, ...couldDoWithout(report.environment, selected) }));
  if (flags.sarif) terminal.out(`${terminalJson(sarif(reports, flags.config))}\n`);
  else if (flags.html) terminal.out(auditPage(reports));
  else if (flags.csv) terminal.out(auditCsv(reports));
  else terminal.out(flags.json ? `${terminalJson({ audits: reports })}\n` : auditText(reports));
  return reports.some(needsAttention) ? exitCode.attention : exitCode.done;
};

/** Told by the configuration: nobody has to be asked. */
function couldDoWithout(
  environment: string,
  selected: AuditSelection[],
): Pick<AuditReport, 'couldDoWithout'> {
  const keys = selected.find(each => each.environment.name === environment)?.keys ?? [];
  const found = keys.flatMap(({ address }) => {
    const how = couldBe(address.provider);
    return how === undefined ? [] : [{ key: shortName(address), how }];
  });
  return found.length ? { couldDoWithout: found } : {};
}

async function selectAudited(flags: AuditFlags): Promise<AuditSelection[]> {
  const selected = selectEverywhere(await loadConfig(flags.config), flags).filter(({ keys }) => keys.length);
  if (selected.length) return selected;
  const where = flags.region === undefined ? '' : ` in ${flags.region}`;
  throw new KeyturnError('usage', `no key${where} is selected; \`npx keyturn plan\` shows them all`);
}
