// The stagger of rotations: days against hours, a map for each provider, so that hours in which keys of one provider meet stand out.
import { groupedBy } from '../../core/grouped-by';
import { hourMs } from '../../core/time';
import { providerKeysAtMost, serverKeysAtMost } from '../../lib/config/rules/crowding';
import { axisLines, axisOf, tickNames } from './axis';
import {
  type BusyHour,
  busyHours,
  type DateRange,
  daysShown,
  hoursWithin,
  meetings,
  mostAtOnce,
  type ScheduledKey,
  shownFrom,
} from './hours';
import { providerOf, serverOf } from './lives';
import { count, day, escapeHtml, time } from './page-text';

const height = 144;
/** With more, only the fullest are unfolded. */
const mapsUnfolded = 4;
const meetingsAtMost = 12;
const meetingsUnfolded = 6;
const keysOfMeetingAtMost = 6;
const serversAtMost = 50;

/** @param keys all that are there: of those without a schedule it says so */
export function heatMaps(keys: readonly ScheduledKey[], now: Date): string {
  const span = shownFrom(now);
  const hoursOf = hoursWithin(span);
  const scheduled = keys.filter(({ schedule }) => schedule);
  if (!scheduled.length) return '<p class="lead">No key rotates on a schedule.</p>';
  const providers = [...groupedBy(scheduled, providerOf)]
    .map(([provider, ofProvider]) => ({ provider, keys: ofProvider, hours: busyHours(ofProvider, hoursOf) }))
    .sort((a, b) => mostAtOnce(b.hours) - mostAtOnce(a.hours) || a.provider.localeCompare(b.provider));
  const maps = providers.map(({ provider, keys, hours }, index) =>
    providerMap(provider, keys.length, hours, span, providers.length <= mapsUnfolded || index < mapsUnfolded),
  );
  const crowdedServers = [...groupedBy(scheduled, serverOf)]
    .map(([server, ofServer]) => ({ server, hours: busyHours(ofServer, hoursOf) }))
    .filter(({ hours }) => mostAtOnce(hours) > 1)
    .sort((a, b) => mostAtOnce(b.hours) - mostAtOnce(a.hours));
  const unscheduled = keys.length - scheduled.length;
  return `<p class="lead">Each square is an hour, from ${day(span.start)} on for ${daysShown} days: days from left to right, hours (UTC) from top to bottom. A rotation window is two hours long.</p>
${heatLegend}
${maps.join('')}
${serverTable(crowdedServers)}${unscheduled ? `<p class="lead">${count(unscheduled, 'key')} without a schedule: only a person can make ${unscheduled === 1 ? 'it' : 'them'}, or nothing rotates ${unscheduled === 1 ? 'it' : 'them'}.</p>` : ''}`;
}

const levels = ['one', 'some', 'many', 'crowded'] as const;
type Level = (typeof levels)[number];

function levelOf({ keys: { length } }: BusyHour): Level {
  if (length > providerKeysAtMost) return 'crowded';
  if (length > 3) return 'many';
  return length > 1 ? 'some' : 'one';
}

const levelWords: Record<Level, string> = {
  one: 'one key may rotate',
  some: '2 or 3 keys meet',
  many: `4 to ${providerKeysAtMost} keys meet`,
  crowded: `more than ${providerKeysAtMost}: too many`,
};

const heatLegend = `<ul class="legend">${levels
  .map(
    level =>
      `<li><svg class="small" viewBox="0 0 16 16" aria-hidden="true"><rect class="heat-${level}" width="16" height="16" rx="2"/></svg>${levelWords[level]}</li>`,
  )
  .join('')}</ul>`;

function providerMap(
  provider: string,
  keyCount: number,
  hours: BusyHour[],
  span: DateRange,
  isOpen: boolean,
): string {
  const met = meetings(hours);
  const most = mostAtOnce(hours);
  const meets = met.length
    ? `${count(met.length, 'hour')} in which keys meet, at most ${most.toLocaleString('en')} at once`
    : 'no two ever meet';
  const head = `${escapeHtml(provider)}: ${count(keyCount, 'key')}${keyCount > 1 ? `, ${meets}` : ''}`;
  return `<details class="map"${isOpen ? ' open' : ''}><summary>${head}</summary>${grid(head, hours, span)}${meetingList(met)}</details>`;
}

/** @param label as HTML */
function grid(label: string, hours: BusyHour[], span: DateRange): string {
  const axis = axisOf(span);
  const paths = [...groupedBy(hours, levelOf)].map(
    ([level, ofLevel]) => `<path class="heat-${level}" d="${cells(ofLevel, span)}"/>`,
  );
  const clock = [0, 6, 12, 18].map(
    hour =>
      `<text class="soft" x="100%" dx="-6" y="${(hour / 24) * height + 10}" text-anchor="end">${String(hour).padStart(2, '0')}</text>`,
  );
  return `<div class="heat"><svg class="clock" height="${height}" aria-hidden="true">${clock.join('')}</svg><svg class="track" height="${height}" role="img" aria-label="${label}"><rect class="empty" width="100%" height="${height}"/><svg viewBox="0 0 ${daysShown} 24" preserveAspectRatio="none" width="100%" height="${height}" shape-rendering="crispEdges">${paths.join('')}</svg>${axisLines(axis, 0)}</svg><span></span><svg class="track" height="20" aria-hidden="true">${tickNames(axis, 14)}</svg></div>`;
}

/** Hours of one day that follow each other are one shape. */
function cells(hours: BusyHour[], { start }: DateRange): string {
  const shapes: { at: number; length: number }[] = [];
  for (const { hour } of hours) {
    const at = (hour - start.getTime()) / hourMs;
    const last = shapes.at(-1);
    if (last && last.at + last.length === at && at % 24) last.length++;
    else shapes.push({ at, length: 1 });
  }
  return shapes.map(({ at, length }) => `M${Math.floor(at / 24)} ${at % 24}h1v${length}h-1z`).join('');
}

function meetingList(met: BusyHour[]): string {
  if (!met.length) return '';
  const fullest = [...met].sort((a, b) => b.keys.length - a.keys.length || a.hour - b.hour);
  const rows = fullest
    .slice(0, meetingsAtMost)
    .map(
      ({ hour, keys }) =>
        `<tr><td class="when">${time(new Date(hour))}</td><td class="number">${keys.length}</td><td class="what">${named(keys)}</td></tr>`,
    );
  const rest = met.length - rows.length;
  const more = rest > 0 ? `<p class="lead">${count(rest, 'more hour')} with as many keys or fewer.</p>` : '';
  const table = `<table><thead><tr><th scope="col">Hour (UTC)</th><th scope="col">Keys</th><th scope="col">Which</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const isOpen = met.length <= meetingsUnfolded;
  return `<details${isOpen ? ' open' : ''}><summary>${met.length > meetingsAtMost ? 'The fullest hours' : 'Where they meet'}</summary>${table}${more}</details>`;
}

function named(keys: readonly string[]): string {
  const rest = keys.length - keysOfMeetingAtMost;
  const first = keys.slice(0, keysOfMeetingAtMost).map(escapeHtml).join(', ');
  return rest > 0 ? `${first} and ${rest.toLocaleString('en')} more` : first;
}

function serverTable(servers: { server: string; hours: BusyHour[] }[]): string {
  if (!servers.length) return '';
  const rows = servers.slice(0, serversAtMost).map(({ server, hours }) => {
    const most = mostAtOnce(hours);
    const fullest = hours.find(({ keys }) => keys.length === most);
    const mood = most > serverKeysAtMost ? ' bad' : '';
    return `<tr><td>${escapeHtml(server)}</td><td class="number${mood}">${most}</td><td class="when">${fullest ? time(new Date(fullest.hour)) : ''}</td><td class="what">${fullest ? named(fullest.keys) : ''}</td></tr>`;
  });
  const rest = servers.length - rows.length;
  return `<details><summary>${count(servers.length, 'server')} with keys that can rotate in the same hour; more than ${serverKeysAtMost} at once make a failure hard to read</summary><table><thead><tr><th scope="col">Server</th><th scope="col">Keys</th><th scope="col">First such hour (UTC)</th><th scope="col">Which</th></tr></thead><tbody>${rows.join('')}</tbody></table>${rest > 0 ? `<p class="lead">${count(rest, 'more server')} with fewer at once.</p>` : ''}</details>`;
}
