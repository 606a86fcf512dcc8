// Where too many keys of one provider, or of one server, rotate in the same window.
import { shortName } from '../../core/key/key-address';
import { hourMs } from '../../core/time';
import type { Environment, Key } from './config';
import { nextDates } from './schedule';

/** A rotation makes about ten calls, and the strictest of providers take two a second: ten keys in two hours are nothing. */
const providerKeysAtMost = 10;
/** Each rotation makes a server switch keys: more of them at once make a failure hard to read. */
const serverKeysAtMost = 4;
/** A year that never changes, so that a warning comes and goes with the config alone. */
const yearStart = new Date('2025-12-31T23:59:59Z');
const yearEnd = new Date('2027-01-01T00:00:00Z');
const openingsAtMost = 53;

/** One text per provider or server, for its fullest hour. */
export function crowdedWindows({ servers }: Environment): string[] {
  const keys = servers.flatMap(server => server.keys);
  const hoursOf = openHours(keys);
  return [
    ...crowded(keys, hoursOf, key => `provider ${key.address.provider}`, providerKeysAtMost),
    ...crowded(keys, hoursOf, key => `server ${key.address.server}`, serverKeysAtMost),
  ];
}

/** Every hour of the year in which a key may rotate, by schedule: far fewer than there are keys. */
function openHours(keys: Key[]): Map<string, number[]> {
  const windows = new Map(keys.map(({ schedule }) => [schedule.cron, schedule.windowHours]));
  return new Map(
    [...windows].map(([cron, hours]) => [
      cron,
      nextDates(cron, yearStart, openingsAtMost)
        .filter(opening => opening < yearEnd)
        .flatMap(opening => Array.from({ length: hours }, (_, i) => opening.getTime() + i * hourMs)),
    ]),
  );
}

function crowded(
  keys: Key[],
  hoursOf: Map<string, number[]>,
  groupOf: (key: Key) => string,
  atMost: number,
): string[] {
  const fullest = new Map<string, Key[]>();
  const meeting = new Map<string, Key[]>();
  for (const key of keys) {
    const group = groupOf(key);
    for (const hour of hoursOf.get(key.schedule.cron) ?? []) {
      const met = meeting.get(`${group} ${hour}`) ?? [];
      meeting.set(`${group} ${hour}`, met);
      met.push(key);
      if (met.length > (fullest.get(group)?.length ?? 0)) fullest.set(group, met);
    }
  }
  return [...fullest].flatMap(([group, met]) => {
    if (met.length <= atMost) return [];
    const names = met.map(key => shortName(key.address)).join(', ');
    return `${met.length} keys of ${group} can rotate in the same hour, more than ${atMost}; give some of them another rotateEvery: ${names}`;
  });
}
