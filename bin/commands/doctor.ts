import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Finding } from '../../client/doctor/doctor';
import { parseDuration } from '../../client/doctor/duration';
import { examine } from '../../client/doctor/examine';
import { createAwsClient } from '../../client/keys/aws-client';
import { hasCode, KeyturnError } from '../../core/errors';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Environment } from '../../lib/config/config';
import { reportsSeen, serverReportsInWords } from '../aws/account/reporting';
import { askCaller, requireAccount } from '../aws/aws';
import { explainAwsError } from '../aws/aws-errors';
import { regionOfShell } from '../aws/credentials';
import {
  keySourceOf,
  type ServerFlags,
  type ServerVariables,
  serverVariables,
} from '../config/server-variables';
import { type Command, type CommandContext, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';

export interface DoctorFlags extends ServerFlags {
  json?: boolean;
  local?: boolean;
  verify?: boolean;
  for?: string;
}

/** For CloudWatch to say when the server reported. */
const answerMs = 10_000;

/** What is known of a part of the account besides the server's keys. */
export interface OtherFindings {
  /** For `--json`, by its name there. */
  facts: Record<string, unknown>;
  text: string;
  isWell: boolean;
}

type LooksAt = (environment: Environment) => Promise<OtherFindings | undefined>;

/** Finds out why a server's keys do not work, before its first call fails. Prints no value. */
export const doctor = doctorOf(async () => undefined);

/** @param others looked at besides, where there is a configuration and AWS is asked */
export function doctorOf(others: LooksAt): Command<DoctorFlags> {
  return (flags, context) => examineServer(flags, context, others);
}

async function examineServer(flags: DoctorFlags, context: CommandContext, others: LooksAt): Promise<number> {
  const known = await serverVariables(flags);
  const { environment, server, region, variables, settingsOf } = known;
  if (!flags.local) await checkCaller(known);
  const findings = await examine({
    expected: variables,
    env: process.env,
    stored: flags.local ? undefined : keySourceOf(known).source,
    verify: flags.verify ?? false,
    settingsOf,
    neededMs: flags.for ? parseDuration(flags.for) : 0,
    clock: context.clock,
  });
  const keys = [...new Map(variables.map(({ address }) => [shortName(address), address])).values()];
  const reports = flags.local ? undefined : await askReports(keys, region, context.clock.now());
  const other = flags.local || !known.configured ? undefined : await others(known.configured);
  print(
    context,
    flags,
    {
      ...findingFacts(known, findings),
      ...(reports && { reporting: reportFacts(reports) }),
      ...other?.facts,
    },
    findingsInWords(`${environment}/${server}`, variables.length, findings, context.terminal.width.out) +
      (reports ? serverReportsInWords(keys.map(shortName), reports) : '') +
      (other?.text ?? ''),
  );
  return other?.isWell === false ? exitCode.attention : exitCodeOf(findings);
}

/** @returns why it is not known, where the caller may not ask: servers' roles may not */
async function askReports(
  keys: readonly KeyAddress[],
  region: string | undefined,
  now: Date,
): Promise<Map<string, Date> | string> {
  const client = createAwsClient(CloudWatchClient, answerMs, region);
  try {
    return await reportsSeen(client, keys, now);
  } catch (error) {
    const explained = explainAwsError(error, 'GetMetricData', {}, 'cloudwatch');
    if (explained instanceof KeyturnError) return explained.message;
    throw error;
  } finally {
    client.destroy();
  }
}

function reportFacts(seen: Map<string, Date> | string) {
  return typeof seen === 'string'
    ? { unknown: seen }
    : { keys: [...seen].map(([key, reportedAt]) => ({ key, reportedAt })) };
}

/** @throws {KeyturnError} not-allowed, where the credentials are missing, or another account's */
export async function checkCaller({ environment, account, region }: ServerVariables): Promise<void> {
  try {
    const caller = await askCaller(region ?? regionOfShell());
    // A server of another account assumes a role of the environment's.
    if (account !== undefined && !process.env.KEYTURN_ROLE) requireAccount(environment, account, caller);
  } catch (error) {
    // A server may reach Secrets Manager and not STS, from within a VPC.
    if (!hasCode(error, 'no-answer', 'provider-down', 'rate-limited')) throw error;
  }
}

export function findingFacts({ environment, server, variables }: ServerVariables, findings: Finding[]) {
  return { environment, server, variables: variables.map(({ name }) => name), findings };
}

export function exitCodeOf(findings: Finding[]): 0 | 1 {
  return findings.length ? exitCode.attention : exitCode.done;
}

export function findingsInWords(
  where: string,
  variables: number,
  findings: Finding[],
  width: number,
): string {
  if (!findings.length) return `${where}: ${count(variables, 'variable')}, all well\n`;
  const rows = findings.map(({ severity, variable, text }) => [severity, variable, text]);
  return `${table(['', 'VARIABLE', 'FINDING'], rows, width)}\n${where}: ${count(findings.length, 'finding')}\n`;
}
