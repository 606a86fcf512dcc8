// Whether servers report how they use their keys, asked with the rights of whoever calls.
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { isSilent, type Reporting, reportsKnownForMs, silenceInWords } from '../../../core/metrics/reporting';
import { runbookSection } from '../../../core/notices/notice';
import { dayMs } from '../../../core/time';
import { lastReports } from '../../../lambda/aws/cloudwatch/last-reports';
import { readServerReads } from '../../../lambda/aws/table/server-reads';
import type { Environment } from '../../../lib/config/config';
import { count } from '../../terminal/table';
import { utc } from '../../terminal/time-format';
import { type Aws, clientOf } from '../aws';
import { tableOf } from '../functions/emergency';

export interface KeyReporting extends Reporting {
  /** `prod/sendgrid/support-bot` */
  key: string;
  /** Its server was seen to read it, and reported nothing for a day. */
  isSilent: boolean;
}

export interface ServerReports {
  keys: KeyReporting[];
  /** Why it could not be looked at: what else is known does not depend on it. */
  unknown?: string;
}

const daysKnown = reportsKnownForMs / dayMs;

export async function serverReports(
  aws: Aws,
  addresses: readonly KeyAddress[],
  now: Date,
): Promise<ServerReports> {
  try {
    const found = await reportsSeen(clientOf(aws, CloudWatchClient, 'cloudwatch'), addresses, now);
    const reads = new Map((await readServerReads(tableOf(aws))).map(read => [read.key, read]));
    const keys = addresses.map(address => {
      const key = shortName(address);
      const { readAt, reportedAt: known } = reads.get(key) ?? {};
      const reportedAt = found.get(key) ?? known;
      const reporting = { ...(readAt && { readAt }), ...(reportedAt && { reportedAt }) };
      return { key, ...reporting, isSilent: isSilent(reporting, now) };
    });
    return { keys };
  } catch (error) {
    if (error instanceof KeyturnError) return { keys: [], unknown: error.message };
    throw error;
  }
}

/** By the key's short name, the newest report of two weeks. */
export async function reportsSeen(
  client: CloudWatchClient,
  addresses: readonly KeyAddress[],
  now: Date,
): Promise<Map<string, Date>> {
  return lastReports(client, addresses, new Date(now.getTime() - reportsKnownForMs), now);
}

/** Silent ones a line each, and in one line those of which nothing is known; empty where all report. */
export function reportsInWords(
  { name: environment, notify: { runbook } }: Pick<Environment, 'name' | 'notify'>,
  { keys, unknown }: ServerReports,
): string {
  const section = runbookSection('not-reporting', runbook);
  if (unknown) return `${environment}: whether servers report their use of keys is not known: ${unknown}\n`;
  const silent = keys.filter(({ isSilent }) => isSilent);
  const lines = silent.map(
    key =>
      `  ${key.key}: ${silenceInWords(key)}${key.readAt ? `, read ${utc(key.readAt)}` : ''}; so its usage alarms see nothing; ${section}\n`,
  );
  const unheard = keys.filter(({ isSilent, reportedAt }) => !isSilent && !reportedAt).length;
  return [
    silent.length ? `${environment}: ${count(silent.length, 'key')} without reports of use\n` : '',
    ...lines,
    unheard
      ? `${environment}: no use of ${count(unheard, 'key')} was reported in ${daysKnown} days; a server that uses one reports it; ${section}\n`
      : '',
  ].join('');
}

/** One line for each key of a server. */
export function serverReportsInWords(keys: readonly string[], seen: Map<string, Date> | string): string {
  if (typeof seen === 'string') return `Whether the server reports its use of keys is not known: ${seen}\n`;
  return keys
    .map(key => {
      const at = seen.get(key);
      return at
        ? `${key}: use last reported ${utc(at)}\n`
        : `${key}: no use reported in ${daysKnown} days; once the server runs, this should change, or its usage alarms see nothing\n`;
    })
    .join('');
}
