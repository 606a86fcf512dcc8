// The page of `keyturn report`: one file that can be mailed, printed and kept.
import { groupedBy } from '../../core/grouped-by';
import type { Environment } from '../../lib/config/config';
import { pageOf, searchField } from './document';
import { busyHours, hoursWithin, mostAtOnce, shownFrom } from './hours';
import { isOpen } from './incidents';
import { providerOf } from './lives';
import { allSections, contents, type Overview } from './overview';
import { count, escapeHtml, time } from './page-text';

export interface KeysReport extends Overview {
  environment: Pick<Environment, 'name' | 'account' | 'region' | 'servers' | 'admins' | 'notify'>;
  /** What narrowed it, for people: `of provider sendgrid`. @default - every key of the environment */
  narrowedTo?: string;
}

export function keysPage(report: KeysReport): string {
  const { environment, narrowedTo, now, lanes } = report;
  const { name, account, region } = environment;
  const title = `Keyturn: the keys of ${name}`;
  const scope = narrowedTo ? `Only keys ${narrowedTo}. ` : '';
  const body = `<header><h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(`Account ${account}, ${region}, as of ${time(now)} UTC. ${scope}`)}It holds no key's value, and makes no network calls.</p></header>
<main>
${verdict(report)}
<dl>${figures(report)}</dl>
<p class="paper lead">Collapsed sections are not printed: expand them first.</p>
${contents()}${lanes.length > 1 ? searchField('#lifelines [data-row]') : ''}
${allSections(report)}
</main>`;
  return pageOf({ title, body }).html;
}

/** An incident is not finished, or the audit found something high. */
export function isWorrying(report: KeysReport): boolean {
  return worriesOf(report).length > 0;
}

function worriesOf({ audited, incidents }: KeysReport): string[] {
  const open = incidents.filter(isOpen).length;
  const findings = 'report' in audited ? audited.report.findings : [];
  const severe = findings.filter(({ severity }) => severity === 'high').length;
  return [
    ...(open ? [`${count(open, 'incident')} not finished`] : []),
    ...(severe ? [count(severe, 'high finding')] : []),
  ];
}

function verdict(report: KeysReport): string {
  const worries = worriesOf(report);
  const well =
    'report' in report.audited
      ? 'No incident is open, and the audit found nothing of high severity'
      : 'No incident is open; no audit was run';
  return `<p class="verdict${worries.length ? ' bad' : ''}">${worries.join('; ') || well}.</p>`;
}

function figures({ lanes, audited, incidents, schedules, now }: KeysReport): string {
  const hoursOf = hoursWithin(shownFrom(now));
  const fullest = [...groupedBy(schedules, providerOf).values()].map(keys =>
    mostAtOnce(busyHours(keys, hoursOf)),
  );
  const ofSeverity = (severity: string) =>
    'report' in audited
      ? audited.report.findings.filter(each => each.severity === severity).length.toLocaleString('en')
      : '?';
  const rows: [string, string][] = [
    ['keys', lanes.length.toLocaleString('en')],
    ['providers', groupedBy(lanes, providerOf).size.toLocaleString('en')],
    ['high findings', ofSeverity('high')],
    ['medium findings', ofSeverity('medium')],
    ['low findings', ofSeverity('low')],
    ['incidents', incidents.length.toLocaleString('en')],
    ['of them not finished', incidents.filter(isOpen).length.toLocaleString('en')],
    ['keys of one provider in one hour, at most', Math.max(0, ...fullest).toLocaleString('en')],
  ];
  return rows.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`).join('');
}
