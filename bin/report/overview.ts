// The parts that every page about keys shows: that of `keyturn report`, of a rehearsal and of a sandbox. Facts in, HTML out.
import type { Environment, Key } from '../../lib/config/config';
import { eventList } from './events';
import { type AuditResult, findingList } from './findings';
import { heatMaps } from './heat-map';
import type { ScheduledKey } from './hours';
import { incidentList, type ReportedIncident } from './incidents';
import type { StoryEvent } from './lives';
import { isGrouped, type Lifelines, picture } from './picture';
import { keyReaders, readerMatrix } from './readers';
import { legend, numberedEvents } from './signs';

export interface Overview extends Lifelines {
  environment: Pick<Environment, 'servers' | 'admins' | 'notify'>;
  /** Those of the configuration that the page is about. */
  keys: readonly Key[];
  schedules: readonly ScheduledKey[];
  events: readonly StoryEvent[];
  incidents: readonly ReportedIncident[];
  audited: AuditResult;
  now: Date;
}

export const sections = {
  lifelines: 'Every key, from its creation to the proof that it is dead',
  findings: 'Findings of the audit',
  incidents: 'Incidents',
  events: 'What happened besides routine rotations',
  schedule: 'When keys rotate',
  readers: 'Who can read what',
} as const;
export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];

/** The content of one section, without its heading. */
export function sectionOf(name: SectionName, overview: Overview): string {
  switch (name) {
    case 'lifelines':
      return lifelines(overview);
    case 'findings':
      return findingList(overview.audited);
    case 'incidents':
      return incidentList(overview.incidents, overview.environment.notify.runbook);
    case 'events':
      return eventList(numberedEvents(overview.events));
    case 'schedule':
      return heatMaps(overview.schedules, overview.now);
    case 'readers':
      return readersOf(overview);
  }
}

/** All of them, each with its heading. */
export function allSections(overview: Overview): string {
  return sectionNames.map(name => section(name, sectionOf(name, overview))).join('\n');
}

export function section(name: SectionName, content: string): string {
  return `<section aria-labelledby="${name}-head"><h2 id="${name}-head">${sections[name]}</h2><div id="${name}">${content}</div></section>`;
}

/** Links to all of them. */
export function contents(): string {
  const links = sectionNames.map(name => `<li><a href="#${name}-head">${sections[name]}</a></li>`);
  return `<nav aria-label="Parts of this page"><ul>${links.join('')}</ul></nav>`;
}

function lifelines({ start, end, lanes, events }: Overview): string {
  if (!lanes.length) return '<p class="lead">There is no key.</p>';
  const numbered = numberedEvents(events);
  const how = isGrouped({ lanes })
    ? 'Each row is the number of keys that a provider accepts; expand it to see every secret. Hover over a symbol to read what it means.'
    : 'Hover over a bar, tap it, or move to it with the Tab key, to read the history of that key.';
  return `<p class="lead">${how} Numbers are those of the list below. Times are UTC.</p>${picture({ start, end, lanes }, numbered)}${legend(lanes, numbered)}`;
}

function readersOf({ environment, keys, audited }: Overview): string {
  const audit = 'report' in audited ? audited.report : undefined;
  return readerMatrix(keyReaders(environment, keys, audit), environment.admins);
}
