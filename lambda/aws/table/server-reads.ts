// Reads of keys by their servers, each until a report followed it. The watch function opens one, the retire function closes it.
import type { KeyAddress } from '../../../core/key/key-address';
import { shortName } from '../../../core/key/key-address';
import type { Reporting } from '../../../core/metrics/reporting';
import { dayMs } from '../../../core/time';
import { number, serverReads, type Table, text } from './table';

export interface ServerRead extends Reporting {
  /** `prod/sendgrid/support-bot` */
  key: string;
  /** People were told that no report followed. */
  isTold: boolean;
}

const keptMs = 400 * dayMs;
const itemOf = (key: string) => ({ pk: serverReads, sk: text(key) });

export async function noteServerRead(
  table: Pick<Table, 'change'>,
  address: KeyAddress,
  at: Date,
): Promise<void> {
  await table.change(itemOf(shortName(address)), {
    onlyIf: { readAt: undefined },
    set: {
      readAt: text(at.toISOString()),
      expiresAt: number(Math.floor((at.getTime() + keptMs) / 1000)),
    },
  });
}

export async function readServerReads(table: Pick<Table, 'query'>): Promise<ServerRead[]> {
  const items = await table.query(serverReads);
  return items.flatMap(({ sk, readAt, reportedAt, isTold }) =>
    sk?.S
      ? {
          key: sk.S,
          ...(readAt?.S && { readAt: new Date(readAt.S) }),
          ...(reportedAt?.S && { reportedAt: new Date(reportedAt.S) }),
          isTold: isTold?.BOOL === true,
        }
      : [],
  );
}

export async function noteSilence(
  table: Pick<Table, 'change'>,
  { key, reportedAt, isTold }: ServerRead,
): Promise<void> {
  await table.change(itemOf(key), {
    set: { isTold: { BOOL: isTold }, ...(reportedAt && { reportedAt: text(reportedAt.toISOString()) }) },
  });
}

/** The next read opens it again. */
export async function noteReport(table: Pick<Table, 'change'>, key: string, reportedAt: Date): Promise<void> {
  const set = { reportedAt: text(reportedAt.toISOString()) };
  await table.change(itemOf(key), { set, remove: ['readAt', 'isTold'] });
}

/** A key of that name that is made again begins anew. */
export async function forgetServerRead(table: Pick<Table, 'change'>, key: string): Promise<void> {
  await table.change(itemOf(key), { remove: ['readAt', 'reportedAt', 'isTold'] });
}
