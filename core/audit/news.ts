// What is new since people were last told, and what is gone. Gone is only what was looked for and not found: a provider that was
// down, or a run that was cut short, makes nothing go away.
import type { AuditFinding, AuditReport, FindingSeverity, NotCovered, PartAnswer } from './finding';
import { auditRules, type RuleId, ruleOf } from './rules';

/** A finding as it is kept from run to run. */
export interface KnownFinding {
  rule: RuleId;
  subject: string;
  /** Where it was found: `keys`, `provider:okta`, or `together`, where it takes all parts to see it. */
  part: string;
}

/** One part as one run saw it. */
export interface PartLook {
  part: string;
  answers: readonly PartAnswer[];
  /** Why it, or the rest of it, was not seen. @default - it was seen to its end */
  failed?: string;
}

export interface AuditNews {
  added: AuditFinding[];
  gone: KnownFinding[];
  /** Found before, and not looked for now. */
  unseen: KnownFinding[];
  /** What could not be looked at. */
  missed: NotCovered[];
  /** All that there is, as far as anybody knows: found now, or unseen. Worst first. */
  known: KnownFinding[];
  counts: Record<FindingSeverity, number>;
}

const together = 'together';

/** @param before what people were told of, or `undefined` where there was no run before */
export function newsOf(
  before: readonly KnownFinding[] | undefined,
  { findings }: Pick<AuditReport, 'findings'>,
  looks: readonly PartLook[],
): AuditNews {
  const missed = looks.flatMap(missedIn);
  const blind = new Set(looks.filter(look => missedIn(look).length).map(({ part }) => part));
  const wasSeen = (part: string) => (part === together ? !blind.size : !blind.has(part));
  const known = new Map((before ?? []).map(one => [identityOf(one), one]));
  const found = new Map(findings.map(one => [identityOf(one), one]));
  const absent = [...known].flatMap(([identity, one]) => (found.has(identity) ? [] : [one]));
  const unseen = absent.filter(({ part }) => !wasSeen(part));
  const all = [...foundIn(found, looks), ...unseen];
  return {
    added: [...found].flatMap(([identity, one]) => (known.has(identity) ? [] : [one])),
    gone: absent.filter(({ part }) => wasSeen(part)),
    unseen,
    missed,
    known: all,
    counts: countsOf(all),
  };
}

function countsOf(findings: readonly { rule: RuleId }[]): Record<FindingSeverity, number> {
  const counts = { high: 0, medium: 0, low: 0 };
  for (const { rule } of findings) counts[ruleOf(rule).severity]++;
  return counts;
}

/** Each rule of the table, also one that found nothing. */
export function countsByRule(findings: readonly { rule: RuleId }[]): Map<RuleId, number> {
  const counts = new Map((Object.keys(auditRules) as RuleId[]).map(rule => [rule, 0]));
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

function identityOf({ rule, subject }: { rule: RuleId; subject: string }): string {
  return `${rule} ${subject}`;
}

function missedIn({ part, answers, failed }: PartLook): NotCovered[] {
  return [
    ...answers.flatMap(({ notCovered }) => notCovered).filter(one => one.failed),
    ...(failed === undefined ? [] : [{ what: part, why: failed, failed: true } as const]),
  ];
}

function foundIn(found: ReadonlyMap<string, AuditFinding>, looks: readonly PartLook[]): KnownFinding[] {
  const partOf = new Map(
    looks.flatMap(({ part, answers }) =>
      answers.flatMap(({ findings }) => findings.map(one => [identityOf(one), part] as const)),
    ),
  );
  return [...found].map(([identity, { rule, subject }]) => ({
    rule,
    subject,
    part: partOf.get(identity) ?? together,
  }));
}
