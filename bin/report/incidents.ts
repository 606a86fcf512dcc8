// Incidents as on-call read them: those that need somebody first, then the newest.
import type { Incident } from '../../core/incident/incident';
import { buildReport, type IncidentReport } from '../../core/incident/report/investigation';
import { shortName } from '../../core/key/key-address';
import { runbookNow, showCommand } from '../../core/notices/incident-notice';
import { webLink } from '../../core/notices/notice';
import { keyturnCommand, stepInLine } from '../../core/text/step';
import type { StoryEvent } from './lives';
import { count, escapeHtml } from './page-text';

export type ReportedIncident = Incident & { report?: IncidentReport };

/** More are in the table, and `keyturn incidents` lists them. */
const incidentsAtMost = 100;
const unfoldedAtMost = 3;
const listedAtMost = 10;
const entriesAtMost = 60;

/** @param runbook where the team keeps it */
export function incidentList(incidents: readonly ReportedIncident[], runbook: string | undefined): string {
  if (!incidents.length) return '<p class="lead">None.</p>';
  const ordered = [...incidents].sort(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.at.getTime() - a.at.getTime(),
  );
  const shown = ordered
    .slice(0, incidentsAtMost)
    .map((incident, index) => article(incident, { isUnfolded: index < unfoldedAtMost, runbook }));
  const rest = ordered.length - shown.length;
  const more =
    rest > 0
      ? `<p class="lead">${count(rest, 'older incident')} ${rest === 1 ? 'is' : 'are'} not on this page; <code>npx keyturn incidents --since 400d</code> lists all.</p>`
      : '';
  const [first, others] = [shown.slice(0, listedAtMost), shown.slice(listedAtMost)];
  const folded = others.length
    ? `<details><summary>${count(others.length, 'more incident')}</summary>${others.join('')}</details>`
    : '';
  return `${first.join('')}${folded}${more}`;
}

/** It still needs somebody, or Keyturn goes on with it. */
export function isOpen({ status }: Incident): boolean {
  return status === 'open' || status === 'waiting';
}

/** What the lifelines show of an incident. */
export function eventsOf({
  address,
  cause,
  at,
  drill,
  steps,
  report,
  ...rest
}: ReportedIncident): StoryEvent[] {
  const key = shortName(address);
  const { cause: words } =
    report ?? buildReport({ address, cause, at, drill, steps, ...rest }, { problems: [] });
  const noticed: StoryEvent = {
    at,
    kind: cause.by === 'person' ? 'note' : 'alarm',
    text: `${key}: ${drill ? 'drill: ' : ''}${words}`,
    key,
  };
  const replaced = steps.flatMap((step): StoryEvent[] =>
    step.what === 'promoted'
      ? [
          {
            at: new Date(step.at),
            kind: 'replaced',
            text: `${key}: replaced ahead of schedule, now ${step.keyId}`,
            key,
          },
        ]
      : [],
  );
  return [noticed, ...replaced];
}

function article(
  incident: ReportedIncident,
  { isUnfolded, runbook }: { isUnfolded: boolean; runbook: string | undefined },
): string {
  const { at, drill, outcome, report } = incident;
  const { key, cause, timeline, openQuestions, nextSteps } =
    report ?? buildReport(incident, { problems: [] });
  const state = drill ? 'drill' : isOpen(incident) ? 'not finished' : (outcome ?? 'under way');
  const rows = timeline
    .slice(0, entriesAtMost)
    .map(
      ({ at, text }) =>
        `<tr><td class="when">${escapeHtml(at.slice(0, 19).replace('T', ' '))}</td><td class="what">${escapeHtml(text)}</td></tr>`,
    );
  const rest = timeline.length - rows.length;
  const list = (head: string, lines: readonly string[]) =>
    lines.length
      ? `<h3>${head}</h3><ul>${lines.map(text => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`
      : '';
  const command = keyturnCommand(...showCommand(incident));
  return `<details class="incident" data-row${isUnfolded ? ' open' : ''}><summary><span class="when">${at.toISOString().slice(0, 16).replace('T', ' ')}</span> <strong>${escapeHtml(key)}</strong>: <span class="${isOpen(incident) ? 'bad' : 'state'}">${escapeHtml(state)}</span>, ${escapeHtml(cause)}</summary><table>${rows.join('')}</table>${rest > 0 ? `<p class="lead">${count(rest, 'more entry')}</p>` : ''}${list('Open questions', openQuestions)}${list('Next steps', nextSteps.map(stepInLine))}<p><code>${escapeHtml(command)}</code></p><p>Runbook: ${linkTo(runbookNow(incident, runbook))}</p></details>`;
}

function linkTo(section: string): string {
  const link = webLink(section);
  return link
    ? `<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`
    : `<code>${escapeHtml(section)}</code>`;
}
