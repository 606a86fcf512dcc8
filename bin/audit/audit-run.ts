// Audits environments part by part, each with the same salt, so that what they share is seen. This folder holds how an audit is run
// from a terminal, and the forms in which its reports are shown.
import { randomBytes } from 'node:crypto';
import type { AuditFinding, AuditReport, PartAnswer } from '../../core/audit/finding';
import { type AskPage, pagesOf, partsOf } from '../../core/audit/parts';
import { reportsOf } from '../../core/audit/report';
import { hasCode } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { type Environment, type Key, providersInUse } from '../../lib/config/config';
import { type Aws, connect } from '../aws/aws';
import { auditFunction } from '../aws/functions/audit-function';
import { isNarrowed, type Selection } from '../config/selection';
import { auditHosts } from '../hosts/audit-hosts';
import { thisMachine } from '../hosts/read-hosts';
import { count } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';

export interface AuditSelection {
  environment: Environment;
  /** Those that the flags leave. */
  keys: readonly Key[];
}

export interface RunOptions {
  selection: Selection;
  unusedDays: number;
  /** Also looks through the files of MCP hosts on this machine. @default false */
  hosts?: boolean;
  now: () => Date;
  terminal: Pick<Terminal, 'overwrite' | 'redraws'>;
}

/**
 * Environments that the credentials do not reach are told of, where at least one is reached.
 * @throws {KeyturnError} not-allowed, where none is; and whatever keeps the function from being called
 */
export async function auditAll(
  audited: readonly AuditSelection[],
  options: RunOptions,
): Promise<AuditReport[]> {
  const reached: { aws: Aws; audited: AuditSelection }[] = [];
  const unreached: { environment: string; why: string; error: unknown }[] = [];
  for (const each of audited) {
    try {
      reached.push({ aws: await connect(each.environment), audited: each });
    } catch (error) {
      if (!hasCode(error, 'not-allowed')) throw error;
      unreached.push({ environment: each.environment.name, why: error.message, error });
    }
  }
  const [first] = unreached;
  if (!reached.length && first) throw first.error;
  const salt = randomBytes(32).toString('hex');
  const answered: { environment: string; answers: PartAnswer[] }[] = [];
  for (const { aws, audited: each } of reached) {
    const answers = await askAllParts(auditFunction(aws), each, salt, options);
    if (options.hosts) {
      const prints = answers.flatMap(answer => answer.prints);
      answers.push(await auditHosts(thisMachine(), prints, salt));
    }
    answered.push({ environment: each.environment.name, answers });
  }
  const reports = reportsOf(answered, options.now());
  const notReached = unreached.map(({ environment, why }) => ({
    what: `the environment ${environment}`,
    why,
  }));
  const asked = new Set(audited.flatMap(each => each.keys.map(({ address }) => shortName(address))));
  return reports.map((report, at) => ({
    ...report,
    findings: report.findings.filter(each => isAsked(each, options.selection, asked)),
    ends: report.ends.filter(({ key }) => asked.has(key)),
    notCovered: [...report.notCovered, ...(at === 0 ? notReached : [])],
  }));
}

async function askAllParts(
  ask: AskPage,
  { environment, keys }: AuditSelection,
  salt: string,
  { unusedDays, terminal }: RunOptions,
): Promise<PartAnswer[]> {
  const inUse = new Set(keys.map(({ address }) => address.provider));
  const parts = partsOf(providersInUse(environment).filter(provider => inUse.has(provider)));
  const answers: PartAnswer[] = [];
  let found = 0;
  for (const [at, part] of parts.entries()) {
    let page = 1;
    const askAndTell: AskPage = request => {
      const pages = page > 1 ? `, page ${page}` : '';
      terminal.overwrite(
        `${environment.name}: ${part}${pages} (${at + 1} of ${parts.length}), ${count(found, 'finding')} so far${terminal.redraws ? '' : '\n'}`,
      );
      page++;
      return ask(request).catch(notLooked(part));
    };
    for await (const answer of pagesOf(askAndTell, { part, salt, unusedDays })) {
      answers.push(answer);
      found += answer.findings.length;
    }
  }
  if (terminal.redraws) terminal.overwrite('');
  return answers;
}

/** A part that fails ends no audit. */
function notLooked(part: string) {
  return (error: unknown): PartAnswer => {
    if (!hasCode(error, 'refused')) throw error;
    return {
      findings: [],
      notCovered: [{ what: `the part ${part}`, why: error.message, failed: true }],
      looked: {},
      prints: [],
    };
  };
}

/**
 * By its keys; what concerns no single key is left out where a server or a team was asked for.
 * @param asked short names of the keys that the flags leave
 */
function isAsked(
  { keys, provider }: AuditFinding,
  selection: Selection,
  asked: ReadonlySet<string>,
): boolean {
  if (!isNarrowed(selection)) return true;
  if (keys.length) return keys.some(key => asked.has(key));
  const { server, team } = selection;
  return server === undefined && team === undefined && selection.provider === provider;
}
