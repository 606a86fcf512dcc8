// What the page of a sandbox shows, section by section, as HTML. Everything comes from the account itself.
import { causeInWords } from '../../core/incident/investigation';
import { shortName } from '../../core/key/key-address';
import { dayMs, hourMs } from '../../core/time';
import { count, escapeHtml, time } from '../report/page-text';
import { picture } from '../report/report-picture';
import { legend, type NumberedEvent } from '../report/report-signs';
import type { KeyLane, StoryEvent } from '../report/story';
import { type FoundIncident, incidentsOf } from '../scenarios/incidents';
import { type LiveKey, liveKeys } from './live-keys';
import type { Play } from './play';

export const sectionNames = ['verdict', 'figures', 'keys', 'incidents', 'picture', 'events'] as const;
export type LiveSections = Record<(typeof sectionNames)[number], string>;

const eventsAtMost = 80;
const incidentsAtMost = 20;
/** More lanes than a person can compare: then only those on which something happened. */
const lanesAtMost = 24;

export function liveSections(play: Play): LiveSections {
  const { stage } = play;
  const incidents = incidentsOf(stage).reverse();
  const keys = liveKeys(stage, incidents);
  const events = stage.ledger.events;
  const numbered = numberedEvents(events.filter(({ at }) => at >= windowOf(play).start));
  return {
    verdict: verdict(play, keys, incidents),
    figures: figures(play, keys, incidents),
    keys: keyRows(keys),
    incidents: incidents.length
      ? incidents.slice(0, incidentsAtMost).map(incidentArticle).join('')
      : '<p class="lead">None so far.</p>',
    picture: lifeOf(play, numbered),
    events: events.slice(-eventsAtMost).reverse().map(eventRow(numbered)).join(''),
  };
}

function verdict({ troubles }: Play, keys: LiveKey[], incidents: FoundIncident[]): string {
  const unwell = keys.filter(({ mood }) => mood === 'bad').length;
  const open = incidents.filter(isOpen).length;
  const parts = [
    ...troubles.open().map(({ text, until }) => `${text}${until ? ` until ${time(until)}` : ''}`),
    ...(open ? [`${count(open, 'incident')} not finished`] : []),
    ...(unwell ? [`${count(unwell, 'key')} not fine`] : []),
  ];
  const text = parts.length ? `${parts.join('; ')}.` : 'Every key is fine, and no incident is open.';
  return `<p class="verdict${parts.length ? ' bad' : ''}">${escapeHtml(text)}</p>`;
}

function figures({ stage, pace, beganAt }: Play, keys: LiveKey[], incidents: FoundIncident[]): string {
  const { clock, model, providers, leaks } = stage.world;
  const violations = model.violations.length + providers.violations.length;
  const mails = stage.ledger.events.filter(({ at, kind }) => kind === 'told' && at >= beganAt).length;
  const rotations = stage.ledger.rotations();
  const rows: [string, string | number, ('good' | 'bad')?][] = [
    ['time in the account (UTC)', time(clock.now())],
    ['speed', `${pace.speed}x`],
    ['keys', keys.length],
    ['incidents', incidents.length],
    ['mails to on-call', mails],
    ['rotations completed', `${rotations.succeeded} of ${rotations.started}`],
    ['requests of MCP servers', (stage.load?.total ?? 0).toLocaleString('en')],
    ['of them failed', stage.load?.failures.length ?? 0, stage.load?.failures.length ? 'bad' : 'good'],
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
  return `<tr><td class="key">${escapeHtml(name)}</td><td class="state ${mood}">${escapeHtml(state)}</td>${cell('current key', keyId)}${cell('since', since && time(since), 'id time')}${cell('older key', older)}</tr>`;
}

function incidentArticle(incident: FoundIncident): string {
  const outcome = incident.drill ? 'drill' : (incident.outcome ?? 'under way');
  const name = shortName(incident.address);
  const command = `keyturn incidents show ${incident.incidentId} --env ${incident.address.environment}`;
  return `<article><h3>${escapeHtml(name)}: ${escapeHtml(outcome)}</h3><p>${escapeHtml(causeInWords(incident))}, ${time(incident.at)} UTC</p><pre>${escapeHtml(command)}</pre></article>`;
}

function isOpen({ status }: FoundIncident): boolean {
  return status === 'open' || status === 'waiting';
}

function numberedEvents(events: StoryEvent[]): NumberedEvent[] {
  const routine: StoryEvent['kind'][] = ['issued', 'rotated', 'retired', 'note', 'told'];
  return events
    .filter(({ kind }) => !routine.includes(kind))
    .map((event, index) => ({ ...event, number: index + 1 }));
}

/** With the number by which the picture names it. */
function eventRow(numbered: NumberedEvent[]) {
  const numbers = new Map(numbered.map(({ at, text, number }) => [`${+at} ${text}`, number]));
  return ({ at, kind, text }: StoryEvent) =>
    `<tr><td class="number">${numbers.get(`${+at} ${text}`) ?? ''}</td><td class="when">${time(at)}</td><td class="kind ${kind}">${kind}</td><td class="what">${escapeHtml(text)}</td></tr>`;
}

/** Some hours before people began, or the last quarter. */
function windowOf({ stage, beganAt }: Play): { start: Date; end: Date } {
  const end = stage.world.clock.now();
  const start = Math.max(beganAt.getTime() - 2 * hourMs, end.getTime() - 92 * dayMs);
  return { start: new Date(start), end: new Date(Math.max(end.getTime(), start + 3 * hourMs)) };
}

function lifeOf(play: Play, numbered: NumberedEvent[]): string {
  const { start, end } = windowOf(play);
  const all = play.stage.ledger.lanes().map(lane => within(lane, start));
  const busy = new Set(numbered.map(({ key }) => key));
  const lanes = (all.length > lanesAtMost ? all.filter(({ key }) => busy.has(key)) : all).slice(
    0,
    lanesAtMost,
  );
  if (!lanes.length)
    return `<p class="lead">Nothing has happened yet to any of ${all.length} keys. A key appears here when something does.</p>`;
  return `${picture({ start, end, lanes }, numbered)}${legend(numbered)}`;
}

function within(lane: KeyLane, start: Date): KeyLane {
  const lives = lane.lives
    .filter(({ to }) => !to || to > start)
    .map(life => ({ ...life, from: life.from < start ? start : life.from }));
  return { ...lane, lives };
}
