// Where too many keys of one provider, or of one server, rotate in the same window.
import { shortName } from '../../../core/key/key-address';
import type { Environment, Key } from '../config';
import { openHours } from '../schedule';

/** A rotation makes about ten calls, and the strictest of providers take two a second: ten keys in two hours are nothing. */
export const providerKeysAtMost = 10;
/** Each rotation makes a server switch keys: more of them at once make a failure hard to read. */
export const serverKeysAtMost = 4;
/** A year that never changes, so that a warning comes and goes with the config alone. */
const yearStart = new Date('2025-12-31T23:59:59Z');
const yearEnd = new Date('2027-01-01T00:00:00Z');

/** One text per provider or server, for its fullest hour. */
export function crowdedWindows({ servers }: Environment): string[] {
  const keys = servers.flatMap(server => server.keys);
  const hoursOf = hoursOfYear(keys);
  return [
    ...crowded(keys, hoursOf, key => `provider ${key.address.provider}`, providerKeysAtMost),
    ...crowded(keys, hoursOf, key => `server ${key.address.server}`, serverKeysAtMost),
  ];
}

/** Every hour of the year in which a key may rotate, by schedule: far fewer than there are keys. */
function hoursOfYear(keys: Key[]): Map<string, number[]> {
  const schedules = new Map(keys.map(({ schedule }) => [schedule.cron, schedule]));
  return new Map([...schedules].map(([cron, schedule]) => [cron, openHours(schedule, yearStart, yearEnd)]));
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
