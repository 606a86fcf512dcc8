// What the page of a sandbox shows, section by section, as HTML. Everything comes from the account itself.
import { eventRow } from '../../bin/report/events';
import { isOpen } from '../../bin/report/incidents';
import { lanesSince, type StoryEvent } from '../../bin/report/lives';
import { type SectionName, sectionOf } from '../../bin/report/overview';
import { count, escapeHtml, time } from '../../bin/report/page-text';
import { numberedEvents } from '../../bin/report/signs';
import { dayMs, hourMs } from '../../core/time';
import { type FoundIncident, incidentsOf } from '../scenarios/parts/incidents';
import { overviewOf } from '../world/counts/overview-of';
import { type LiveKey, liveKeys } from './live-keys';
import type { RunningAccount } from './running-account';

export type LiveSections = Record<
  'verdict' | 'figures' | 'keys' | Extract<SectionName, 'incidents' | 'lifelines' | 'events'>,
  string
>;
/** They follow from what is deployed, and are as they were when the page was opened. */
export type FixedSections = Record<Exclude<SectionName, keyof LiveSections>, string>;

const eventsAtMost = 80;
/** More lanes than a person can compare: then only those on which something happened. */
const lanesAtMost = 24;

export function liveSections(account: RunningAccount): LiveSections {
  const { context } = account;
  const incidents = incidentsOf(context).reverse();
  const keys = liveKeys(context, incidents);
  const { events } = context.ledger;
  const overview = { ...overviewOf(context, account.audited), ...lifeOf(account) };
  return {
    verdict: verdict(account, keys, incidents),
    figures: figures(account, keys, incidents),
    keys: keyRows(keys),
    incidents: sectionOf('incidents', overview),
    lifelines: overview.lanes.length
      ? sectionOf('lifelines', overview)
      : '<p class="lead">Nothing has happened to any key yet. A key appears here when something does.</p>',
    events: eventTable(events.slice(-eventsAtMost).reverse(), overview.events),
  };
}

export function fixedSections(account: RunningAccount): FixedSections {
  const overview = { ...overviewOf(account.context, account.audited), ...lifeOf(account) };
  return {
    findings: sectionOf('findings', overview),
    schedule: sectionOf('schedule', overview),
    readers: sectionOf('readers', overview),
  };
}

function verdict({ faults }: RunningAccount, keys: LiveKey[], incidents: FoundIncident[]): string {
  const unwell = keys.filter(({ mood }) => mood === 'bad').length;
  const open = incidents.filter(isOpen).length;
  const parts = [
    ...faults.open().map(({ text, until }) => `${text}${until ? ` until ${time(until)}` : ''}`),
    ...(open ? [`${count(open, 'incident')} not finished`] : []),
    ...(unwell ? [`${count(unwell, 'key')} not fine`] : []),
  ];
  const text = parts.length ? `${parts.join('; ')}.` : 'Every key is fine, and no incident is open.';
  return `<p class="verdict${parts.length ? ' bad' : ''}">${escapeHtml(text)}</p>`;
}

function figures(
  { context, pace, beganAt }: RunningAccount,
  keys: LiveKey[],
  incidents: FoundIncident[],
): string {
  const { clock, model, providers, leaks } = context.world;
  const violations = model.violations.length + providers.violations.length;
  const mails = context.ledger.events.filter(({ at, kind }) => kind === 'told' && at >= beganAt).length;
  const rotations = context.ledger.rotations();
  const rows: [string, string | number, ('good' | 'bad')?][] = [
    ['time in the account (UTC)', time(clock.now())],
    ['speed', `${pace.speed}x`],
    ['keys', keys.length],
    ['incidents', incidents.length],
    ['mails to on-call', mails],
    ['rotations completed', `${rotations.succeeded} of ${rotations.started}`],
    ['requests of MCP servers', (context.load?.total ?? 0).toLocaleString('en')],
    ['of them failed', context.load?.failures.length ?? 0, context.load?.failures.length ? 'bad' : 'good'],
    ['secrets in any output', leaks.found.length, leaks.found.length ? 'bad' : 'good'],
    ['calls the sandbox does not know', violations, violations ? 'bad' : 'good'],
  ];
  return rows
    .map(
      ([term, value, mood]) =>
        `<div><dt>${term}</dt><dd${mood ? ` class="${mood}"` : ''}>${escapeHtml(String(value))}</dd></div>`,
    )
    .join('');
}

export function keyRows(keys: readonly LiveKey[]): string {
  return keys.map(keyRow).join('');
}

function keyRow({ name, state, mood, keyId, since, older }: LiveKey): string {
  const cell = (label: string, text: string | undefined, kind = 'id') =>
    `<td data-label="${label}" class="${kind}">${text ? escapeHtml(text) : '-'}</td>`;
  return `<tr data-row><td class="key">${escapeHtml(name)}</td><td class="state ${mood}">${escapeHtml(state)}</td>${cell('current key', keyId)}${cell('since', since && time(since), 'id time')}${cell('older key', older)}</tr>`;
}

/** Some hours before people began, or the last quarter. */
function windowOf({ context, beganAt }: RunningAccount): { start: Date; end: Date } {
  const end = context.world.clock.now();
  const start = Math.max(beganAt.getTime() - 2 * hourMs, end.getTime() - 92 * dayMs);
  return { start: new Date(start), end: new Date(Math.max(end.getTime(), start + 3 * hourMs)) };
}

function lifeOf(account: RunningAccount) {
  const { start, end } = windowOf(account);
  const { ledger } = account.context;
  const events = ledger.events.filter(({ at }) => at >= start);
  const all = lanesSince(ledger.lanes(), start);
  const busy = new Set(numberedEvents(events).map(({ key }) => key));
  const lanes = (all.length > lanesAtMost ? all.filter(({ key }) => busy.has(key)) : all).slice(
    0,
    lanesAtMost,
  );
  return { start, end, lanes, events };
}

/** Newest first. @param numbered those that the picture shows */
function eventTable(events: readonly StoryEvent[], numbered: readonly StoryEvent[]): string {
  const numbers = new Map(numberedEvents(numbered).map(({ at, text, number }) => [`${+at} ${text}`, number]));
  const rows = events.map(event => eventRow({ ...event, number: numbers.get(`${+event.at} ${event.text}`) }));
  return `<table><tbody>${rows.join('')}</tbody></table>`;
}
