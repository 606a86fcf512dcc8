// Whether a server reports how it uses a key. Where it does not, the key's usage alarms see nothing, and stay green.
import { dayMs } from '../time';

/** What is known of one key. */
export interface Reporting {
  /** The end of the period that the newest report came in. */
  reportedAt?: Date;
  /** When its server read it for the first time since that: a read is followed by a report, also where nothing uses the key. */
  readAt?: Date;
}

/** Reports are sent within a minute. A day, since one process may read a key, and another of the same server report its use. */
const reportDueMs = dayMs;
/** Nobody looks for older reports. */
export const reportsKnownForMs = 14 * dayMs;

/** True where a read was followed by no report for a day. Where no read was seen, nothing is proven. */
export function isSilent({ readAt, reportedAt }: Reporting, now: Date): boolean {
  if (!readAt || now.getTime() - readAt.getTime() < reportDueMs) return false;
  return !reportedAt || reportedAt < readAt;
}

export function silenceInWords({ reportedAt }: Reporting): string {
  return reportedAt ? `not reporting since ${reportedAt.toISOString()}` : 'never reported';
}
