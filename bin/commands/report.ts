import { writeFileSync } from 'node:fs';
import pMap from 'p-map';
import { parseDuration } from '../../client/doctor/duration';
import { KeyturnError } from '../../core/errors';
import { groupedBy } from '../../core/grouped-by';
import { incidentTime } from '../../core/incident/incident';
import { shortName } from '../../core/key/key-address';
import { readCertificates } from '../../lambda/aws/table/certificates';
import type { Environment, Key } from '../../lib/config/config';
import { auditForPage } from '../audit/audit-for-page';
import { connect } from '../aws/aws';
import { type RecordedIncident, readIncidents, tableOf } from '../aws/functions/emergency';
import { listDeployedKeys, ofSelectedKeys, withPastVersions } from '../aws/keys/deployed-keys';
import { laneOf } from '../aws/keys/key-lives';
import { loadConfig } from '../config/load-config';
import { narrowedInWords, type Selection, selectEnvironment, selectWithDeployed } from '../config/selection';
import type { AuditResult } from '../report/findings';
import { busyHours, hoursWithin, mostAtOnce, shownFrom } from '../report/hours';
import { eventsOf, isOpen } from '../report/incidents';
import { isWorrying, type KeysReport, keysPage } from '../report/keys-page';
import { type KeyLane, lanesSince, providerOf } from '../report/lives';
import { keyReaders } from '../report/readers';
import { type Command, type CommandContext, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count } from '../terminal/table';

export interface ReportFlags extends CommonFlags, Selection {
  /** Where the page goes; true: to stdout. */
  html?: string | true;
  /** `180d` */
  since: string;
  audit: boolean;
}

/** ListSecretVersionIds has a quota of some 50 to 100 a second. */
const askedAtOnce = 10;

/** What there is to tell of all keys: their lives, findings, incidents, schedules and readers. Reads no value. */
export const report: Command<ReportFlags> = async (flags, context) => {
  if (flags.html === true && flags.json)
    throw new KeyturnError('usage', '--html and --json both print to stdout; name a file after --html');
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const found = await gather(environment, flags, context);
  if (flags.html === true) context.terminal.out(keysPage(found));
  else {
    if (flags.html) writePage(flags.html, keysPage(found));
    print(context, flags, factsOf(found), inWords(found, flags));
  }
  return isWorrying(found) ? exitCode.attention : exitCode.done;
};

async function gather(
  environment: Environment,
  flags: ReportFlags,
  context: CommandContext,
): Promise<KeysReport> {
  const sinceMs = parseDuration(flags.since);
  if (!sinceMs) throw new KeyturnError('usage', '--since is 0; give how far back to look, such as 180d');
  const aws = await connect(environment);
  const now = context.clock.now();
  const start = new Date(now.getTime() - sinceMs);
  const { configured, deployed } = selectWithDeployed(environment, await listDeployedKeys(aws), flags);
  const records = tableOf(aws);
  const incidents = await ofSelectedKeys(aws, await readIncidents(records, incidentTime(start)), flags);
  const certificates = groupedBy(await readCertificates(records), ({ address }) => shortName(address));
  const incidentsOfKey = groupedBy(incidents, ({ address }) => shortName(address));
  const look = async (key: (typeof deployed)[number]) => {
    const name = shortName(key.address);
    const past = await withPastVersions(aws, key);
    return laneOf(past, certificates.get(name) ?? [], incidentsOfKey.get(name) ?? []);
  };
  const own = deployed.filter(({ isOwn }) => isOwn);
  const lanes = await pMap(own, look, { concurrency: askedAtOnce });
  const there = new Set(own.map(({ address }) => shortName(address)));
  const missing = configured.filter(({ address }) => !there.has(shortName(address)));
  const all = [
    ...lanes,
    ...missing.map(({ address, spec: { team } }) => ({ key: shortName(address), team, lives: [] })),
  ].sort((a, b) => a.key.localeCompare(b.key));
  const narrowedTo = narrowedInWords(flags);
  const audited = await auditOf(environment, configured, flags, context);
  return {
    environment,
    ...(narrowedTo && { narrowedTo }),
    keys: configured,
    lanes: lanesSince(all.map(withEnd(audited)), start),
    start,
    end: now,
    now,
    schedules: [
      ...own.map(({ address, schedule }) => ({ key: shortName(address), ...(schedule && { schedule }) })),
      ...missing.map(({ address }) => ({ key: shortName(address) })),
    ],
    incidents,
    events: eventsIn(incidents, start),
    audited,
  };
}

function withEnd(audited: AuditResult) {
  const ends = new Map('report' in audited ? audited.report.ends.map(({ key, at }) => [key, at]) : []);
  return <Lane extends KeyLane>(lane: Lane): Lane => {
    const at = ends.get(lane.key);
    return at === undefined ? lane : { ...lane, endsAt: new Date(at) };
  };
}

function eventsIn(incidents: readonly RecordedIncident[], start: Date) {
  return incidents
    .flatMap(eventsOf)
    .filter(({ at }) => at >= start)
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The page is worth having without it. */
async function auditOf(
  environment: Environment,
  keys: readonly Key[],
  flags: ReportFlags,
  { clock, terminal }: CommandContext,
): Promise<AuditResult> {
  if (!flags.audit) return { missing: 'No audit was asked for.' };
  return auditForPage({ environment, keys }, { selection: flags, now: () => clock.now(), terminal });
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new KeyturnError(
      'usage',
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}); name another file after --html`,
    );
  }
}

/** The same facts as on the page. Moments as ISO 8601. */
function factsOf(found: KeysReport) {
  const { environment, keys, lanes, incidents, schedules, audited, now, start, narrowedTo } = found;
  const { name, account, region } = environment;
  const audit = 'report' in audited ? audited.report : undefined;
  return {
    environment: name,
    account,
    region,
    at: now,
    since: start,
    ...(narrowedTo && { narrowedTo }),
    keys: lanes,
    incidents: incidents.map(({ incidentId, address, cause, at, status, outcome, drill }) => ({
      incidentId,
      key: shortName(address),
      cause,
      at,
      status,
      outcome,
      drill,
    })),
    schedules,
    meetings: meetingsOf(found),
    readers: keyReaders(environment, keys, audit),
    admins: environment.admins,
    ...('report' in audited ? { audit: audited.report } : { auditMissing: audited.missing }),
  };
}

/** Provider -> the most of its keys that can rotate in one hour of the days that are shown. */
function meetingsOf({ schedules, now }: KeysReport): Record<string, number> {
  const hoursOf = hoursWithin(shownFrom(now));
  return Object.fromEntries(
    [...groupedBy(schedules, providerOf)].map(([provider, keys]) => [
      provider,
      mostAtOnce(busyHours(keys, hoursOf)),
    ]),
  );
}

function inWords(found: KeysReport, { html }: ReportFlags): string {
  const { environment, lanes, incidents, audited, narrowedTo } = found;
  const { name } = environment;
  const open = incidents.filter(isOpen).length;
  const living = lanes.filter(({ lives }) => lives.some(({ ended }) => !ended)).length;
  const fullest = Math.max(0, ...Object.values(meetingsOf(found)));
  const audit =
    'report' in audited
      ? count(audited.report.findings.length, 'finding')
      : audited.missing.replace(/\.$/, '');
  const written = html ? `the page is in ${html}` : '`--html <file>` writes the page';
  return [
    `${name}: ${count(lanes.length, 'key')}${narrowedTo ? ` ${narrowedTo}` : ''}, ${living} of them in use\n`,
    `${name}: ${count(incidents.length, 'incident')}${open ? `, ${open} not finished` : ''}\n`,
    `${name}: at most ${count(fullest, 'key')} of one provider can rotate in the same hour\n`,
    `${name}: ${audit}\n`,
    `${written}\n`,
  ].join('');
}
