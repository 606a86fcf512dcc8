import type { Finding } from '../../client/doctor/doctor';
import { parseDuration } from '../../client/doctor/duration';
import { examine } from '../../client/doctor/examine';
import { keySourceOf, type ServerFlags, serverVariables } from '../config/server-variables';
import { type Command, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';

export interface DoctorFlags extends ServerFlags {
  json?: boolean;
  local?: boolean;
  verify?: boolean;
  for?: string;
}

/** Finds out why a server's keys do not work, before its first call fails. Prints no value. */
export const doctor: Command<DoctorFlags> = async (flags, context) => {
  const { environment, server, region, variables, settingsOf } = await serverVariables(flags);
  const findings = await examine({
    expected: variables,
    env: process.env,
    stored: flags.local ? undefined : keySourceOf(region).stored,
    verify: flags.verify ?? false,
    settingsOf,
    neededMs: flags.for ? parseDuration(flags.for) : 0,
    clock: context.clock,
  });
  const facts = { environment, server, variables: variables.map(({ name }) => name), findings };
  print(context, flags, facts, findingsInWords(`${environment}/${server}`, variables.length, findings));
  return worst(findings);
};

export function worst(findings: Finding[]): 0 | 1 {
  return findings.length ? exitCode.attention : exitCode.done;
}

export function findingsInWords(where: string, variables: number, findings: Finding[]): string {
  if (!findings.length) return `${where}: ${count(variables, 'variable')}, all well\n`;
  const rows = findings.map(({ severity, variable, text }) => [severity, variable, text]);
  return `${table(['', 'VARIABLE', 'FINDING'], rows)}\n${where}: ${count(findings.length, 'finding')}\n`;
}
