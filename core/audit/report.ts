// From the answers of all parts to one report for each environment.
import type { AuditFinding, AuditReport, FindingSeverity, NotCovered, PartAnswer } from './finding';
import { ruleIds } from './rules';
import { findSameKeys } from './same-key';

/** What all parts, and all pages of them, answered in one environment. */
export interface AuditedEnvironment {
  environment: string;
  answers: readonly PartAnswer[];
}

/** In the order given. What concerns several environments stands in the report of the first. */
export function reportsOf(audited: readonly AuditedEnvironment[], at: Date): AuditReport[] {
  const prints = audited.flatMap(({ answers }) => answers.flatMap(answer => answer.prints));
  const shared = findSameKeys(prints);
  const known = new Set(prints.flatMap(({ holder }) => (holder.kind === 'key' ? [holder.atProvider] : [])));
  return audited.map(({ environment, answers }) => ({
    environment,
    at,
    findings: merged([
      ...answers.flatMap(({ findings }) => findings).filter(each => !isKnownElsewhere(each, known)),
      ...shared.filter(each => firstOf(each, audited) === environment),
    ]),
    notCovered: unique(answers.flatMap(({ notCovered }) => notCovered)),
    looked: summed(answers.map(({ looked }) => looked)),
    ends: answers.flatMap(({ ends = [] }) => ends).sort((a, b) => a.key.localeCompare(b.key)),
  }));
}

/** A provider's account may serve several environments: a key that is unknown in one is another's. */
function isKnownElsewhere({ rule, subject }: AuditFinding, known: ReadonlySet<string>): boolean {
  return rule === 'unknown-key' && known.has(subject);
}

function firstOf(
  { keys, subject }: AuditFinding,
  audited: readonly AuditedEnvironment[],
): string | undefined {
  const concerned = ({ environment }: AuditedEnvironment) =>
    keys.length
      ? keys.some(key => key.startsWith(`${environment}/`))
      : subject.split(/[ ,]+/).includes(environment);
  return audited.find(concerned)?.environment;
}

/** Two parts may see the same from two sides. */
function merged(findings: readonly AuditFinding[]): AuditFinding[] {
  const bySubject = new Map<string, AuditFinding>();
  for (const each of findings) {
    const id = `${each.rule} ${each.subject}`;
    const before = bySubject.get(id);
    const evidence = [...new Set([...(before?.evidence ?? []), ...each.evidence])];
    bySubject.set(id, { ...(before ?? each), evidence });
  }
  return sortedFindings([...bySubject.values()]);
}

const severities: readonly FindingSeverity[] = ['high', 'medium', 'low'];

/** Worst first; within a severity in the order of the rules, then by subject. */
function sortedFindings(findings: readonly AuditFinding[]): AuditFinding[] {
  return [...findings].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      ruleIds.indexOf(a.rule) - ruleIds.indexOf(b.rule) ||
      a.subject.localeCompare(b.subject),
  );
}

/** True where somebody should do something soon. */
export function needsAttention({ findings }: Pick<AuditReport, 'findings'>): boolean {
  return findings.some(({ severity }) => severity !== 'low');
}

function unique(notCovered: readonly NotCovered[]): NotCovered[] {
  return [...new Map(notCovered.map(each => [`${each.what}\n${each.why}`, each])).values()];
}

function summed(looked: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [what, count] of looked.flatMap(each => Object.entries(each)))
    sum[what] = (sum[what] ?? 0) + count;
  return sum;
}
