import { parseDuration } from '../../client/doctor/duration';
import { KeyturnError } from '../../core/errors';
import { incidentIdPattern, incidentTime } from '../../core/incident/incident';
import { buildReport, causeInWords } from '../../core/incident/report/investigation';
import { reportMarkdown, reportTerminalText } from '../../core/incident/report/report-forms';
import { shortName } from '../../core/key/key-address';
import { runbookNow, showCommand } from '../../core/notices/incident-notice';
import { keyturnCommand } from '../../core/text/step';
import { connect } from '../aws/aws';
import { incidentsOf, type RecordedIncident, readIncidents, tableOf } from '../aws/functions/emergency';
import { ofSelectedKeys } from '../aws/keys/deployed-keys';
import { loadConfig } from '../config/load-config';
import { narrowedInWords, requireSome, type Selection, selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';
import { utc } from '../terminal/time-format';

export interface IncidentsFlags extends CommonFlags, Selection {
  /** `7d` */
  since: string;
}

/** Recent incidents, newest first. */
export const incidents: Command<IncidentsFlags> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const { runbook } = environment.notify;
  const aws = await connect(environment);
  const since = new Date(context.clock.now().getTime() - parseDuration(flags.since));
  const found = await ofSelectedKeys(aws, await readIncidents(tableOf(aws), incidentTime(since)), flags);
  const open = found.filter(({ status }) => status === 'open' || status === 'waiting');
  const rows = found.map(incident => [
    incident.incidentId,
    utc(incident.at),
    shortName(incident.address),
    incident.drill ? 'drill' : outcomeInWords(incident),
    causeInWords(incident),
  ]);
  const text = found.length
    ? `${table(['INCIDENT', 'NOTICED (UTC)', 'KEY', 'OUTCOME', 'CAUSE'], rows, context.terminal.width.out)}\n`
    : '';
  const narrowed = narrowedInWords(flags);
  const summary = `${environment.name}: ${count(found.length, 'incident')}${narrowed && ` ${narrowed}`} within ${flags.since}${open.length ? `, ${open.length} not finished` : ''}\n`;
  print(
    context,
    flags,
    { environment: environment.name, incidents: found.map(incident => factsOf(incident, runbook)) },
    `${text}${summary}${whereToRead(found, runbook)}`,
  );
  return open.length ? exitCode.attention : exitCode.done;
};

/** The command that tells all of one, and what the runbook says about those that were found. */
function whereToRead(found: RecordedIncident[], runbook: string | undefined): string {
  const [newest] = found;
  if (!newest) return '';
  const sections = new Set(found.map(incident => runbookNow(incident, runbook)));
  return [
    `Details of one: ${keyturnCommand(...showCommand(newest))}\n`,
    ...[...sections].map(section => `Runbook: ${section}\n`),
  ].join('');
}

function outcomeInWords(incident: RecordedIncident): string {
  if (incident.status === 'open') return 'OPEN';
  return incident.status === 'waiting' ? `WAITING (${incident.outcome})` : incident.outcome;
}

export interface ShowFlags extends CommonFlags, Selection {
  incidentId: string;
}

/** Everything that is known about one incident. */
export const showIncident: Command<ShowFlags> = async (flags, context) => {
  const { incidentId } = flags;
  if (!incidentIdPattern.test(incidentId)) {
    throw new KeyturnError(
      'usage',
      `"${incidentId}" is not the id of an incident; \`npx keyturn incidents --env <environment>\` lists them`,
    );
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const aws = await connect(environment);
  const all = await incidentsOf(tableOf(aws), incidentId);
  if (!all.length) {
    throw new KeyturnError(
      'not-found',
      `${environment.name} has no incident ${incidentId}; \`npx keyturn incidents --env ${environment.name} --since 90d\` lists older ones`,
    );
  }
  const found = await ofSelectedKeys(aws, all, flags);
  requireSome(
    found,
    `key of ${incidentId}`,
    flags,
    `npx keyturn incidents show ${incidentId} --env ${environment.name}`,
  );
  const { runbook } = environment.notify;
  const told = found.map(incident => ({
    incident,
    report: incident.report ?? buildReport(incident, { problems: [] }),
  }));
  const reports = told.map(({ report }) => report);
  // What goes on to a ticket or a file is Markdown.
  const formOf = Number.isFinite(context.terminal.width.out) ? reportTerminalText : reportMarkdown;
  print(
    context,
    flags,
    { environment: environment.name, incidents: found.map(incident => factsOf(incident, runbook)), reports },
    told.map(({ incident, report }) => formOf(report, runbookNow(incident, runbook))).join('\n'),
  );
  return exitCode.done;
};

function factsOf(incident: RecordedIncident, runbook: string | undefined) {
  const { incidentId, address, cause, at, status, outcome, drill, dryRun, steps } = incident;
  const facts = { incidentId, key: shortName(address), cause, at, status, outcome, drill, dryRun, steps };
  return {
    ...facts,
    command: keyturnCommand(...showCommand(incident)),
    runbook: runbookNow(incident, runbook),
  };
}
