// Every hour: whether each server that was seen to read a key has reported since. CloudWatch is asked only of keys where nobody
// knows yet, so that it costs next to nothing.
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { isSilent, reportsKnownForMs } from '../../../core/metrics/reporting';
import { manySilentNotice, reportingNotice } from '../../../core/notices/reporting-notice';
import type { Clock } from '../../../core/provider';
import { hourMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import type { Problems } from '../table/problems';
import {
  forgetServerRead,
  noteReport,
  noteSilence,
  readServerReads,
  type ServerRead,
} from '../table/server-reads';
import type { Table } from '../table/table';
import { lastReports } from './last-reports';

interface ReportingClients {
  table: Table;
  cloudWatch: CloudWatchClient;
  problems: Problems;
  clock: Clock;
}

/** @param addresses of all keys that there are */
export type LookAtReporting = (addresses: readonly KeyAddress[]) => Promise<void>;

/** Those that people were told of may stay so for good, where a server cannot report. */
const toldAgainEveryHours = 6;

/** CloudWatch shows reports some minutes after they were made. */
function isDue({ readAt, isTold }: ServerRead, now: Date): boolean {
  if (isTold) return now.getUTCHours() % toldAgainEveryHours === 0;
  return readAt !== undefined && now.getTime() - readAt.getTime() >= hourMs;
}

/** Throws nothing: what else is done by the hour does not depend on it. */
export function createLookAtReporting(environment: string, clients: ReportingClients): LookAtReporting {
  const { table, cloudWatch, problems, clock } = clients;

  async function look(addresses: readonly KeyAddress[]): Promise<void> {
    const now = clock.now();
    const byKey = new Map(addresses.map(address => [shortName(address), address]));
    const reads = await readServerReads(table);
    for (const read of reads) {
      if (!byKey.has(read.key) && (read.readAt || read.reportedAt)) await forget(read);
    }
    const open = reads.flatMap(read => {
      const [address, { readAt }] = [byKey.get(read.key), read];
      return address && readAt && isDue(read, now) ? { ...read, readAt, address } : [];
    });
    if (!open.length) return;
    const oldest = now.getTime() - reportsKnownForMs;
    const since = open.map(({ reportedAt, readAt }) => (reportedAt ? readAt.getTime() : oldest));
    const found = await lastReports(
      cloudWatch,
      open.map(({ address }) => address),
      new Date(Math.max(oldest, Math.min(...since))),
      now,
    );
    for (const { address: _, ...read } of open) {
      const reportedAt = found.get(read.key) ?? read.reportedAt;
      await judge({ ...read, ...(reportedAt && { reportedAt }) }, now);
    }
  }

  async function judge(read: ServerRead & { readAt: Date }, now: Date): Promise<void> {
    const { key, readAt, reportedAt } = read;
    if (reportedAt && reportedAt >= readAt) {
      if (read.isTold) await problems.end(problemOf(read, 'reports'));
      return noteReport(table, key, reportedAt);
    }
    if (!isSilent(read, now) || read.isTold) return;
    await problems.begin(problemOf(read, 'silent'));
    await noteSilence(table, { ...read, isTold: true });
  }

  async function forget(read: ServerRead): Promise<void> {
    if (read.isTold) await problems.end(problemOf(read, 'gone'));
    await forgetServerRead(table, read.key);
  }

  function problemOf(read: ServerRead, state: 'silent' | 'reports' | 'gone') {
    return {
      notice: reportingNotice(environment, read.key, state, read),
      at: clock.now(),
      group: {
        name: `reporting ${environment}`,
        member: read.key,
        notice: (members: readonly string[], isOver: boolean) =>
          manySilentNotice(environment, members, isOver),
      },
    };
  }

  return async addresses => {
    try {
      await look(addresses);
    } catch (error) {
      logger.error('does not know whether servers report how they use their keys', {
        error: describeError(error),
      });
    }
  };
}
