// What an audit says. Gatherers in lambda/aws/audit/ bring facts, the rules of this folder make findings of them, and one report
// holds what came of all parts: this folder knows what should not be, and nothing of where it was seen.
import type { TellsEnd } from './ends';
import { type RuleId, ruleOf } from './rules';

export type FindingSeverity = 'high' | 'medium' | 'low';

/** One thing that should be otherwise. Nothing in it holds a secret. */
export interface AuditFinding {
  rule: RuleId;
  severity: FindingSeverity;
  /** What it is about, in a form that stays the same from audit to audit: `prod/sendgrid/support-bot`, `sendgrid key k1x9`. */
  subject: string;
  /** The keys of Keyturn that it concerns, by their short names; none where it concerns no single one. */
  keys: string[];
  /** Which provider it is about, where no key tells. */
  provider?: string;
  /** Of `unknown-key`, where nothing says that it is one of Keyturn's: for `keyturn discover`. */
  listed?: UnknownKey;
  /** One sentence each, with places, times and counts. */
  evidence: string[];
  /** What mends it: a sentence, with the command in backticks. */
  fix: string;
}

/** A key that its provider lists and Keyturn does not hold, as the provider tells of it. */
export interface UnknownKey {
  provider: string;
  id: string;
  name?: string;
  scopes?: readonly string[];
  /** ISO 8601, UTC; absent where it was never used, or that is not told. */
  lastUsedAt?: string;
  /** Of the keys beside it: where it lives at the provider. */
  settings: Readonly<Record<string, unknown>>;
}

/** Something that this audit did not look at. */
export interface NotCovered {
  what: string;
  why: string;
  /** It was tried, and another time it may be seen: what was found there before may be there still. @default - nobody can look at it */
  failed?: true;
}

/** What the audit of one environment came to. */
export interface AuditReport {
  environment: string;
  at: Date;
  /** Worst first. */
  findings: AuditFinding[];
  notCovered: NotCovered[];
  /** What was looked at: `keys` -> 12. */
  looked: Record<string, number>;
  /** Keys whose servers have another way, which is no finding: how completes "you could ...". */
  couldDoWithout?: { key: string; how: string }[];
  /** When keys end, of those whose end is known; by key. */
  ends: TellsEnd[];
}

/** What one part of an audit found in one environment, or one page of it. */
export interface PartAnswer {
  findings: AuditFinding[];
  notCovered: NotCovered[];
  looked: Record<string, number>;
  /** For what only all parts and environments together can tell: see same-key.ts. */
  prints: Print[];
  /** When keys end, of those whose end is known. */
  ends?: TellsEnd[];
  /** Ask again with this as `from`; absent on the last page. */
  next?: string;
  /** Of the part `place`; absent where the provider could not be asked. */
  listed?: ListedThere;
}

/** What a provider's list tells of one key. */
export interface ListedThere {
  isListed: boolean;
  /** Absent where the list does not tell. */
  scopes?: string[];
  /** The key that it was made for, as its name says: `prod/sendgrid/support-bot`, or `another environment`. */
  madeFor?: string;
}

/** A secret in some place, without the secret: equal prints of one run are equal secrets, and prints of two runs tell nothing. */
export interface Print {
  /** HMAC-SHA-256 of the secret with the salt of this run: 16 hex digits. */
  print: string;
  holder: Holder;
}

export type Holder =
  /** A version of a secret of Keyturn's. `atProvider`: as findings name such a key in their subject. */
  | { kind: 'key'; environment: string; key: string; atProvider: string }
  | { kind: 'issuer'; environment: string; provider: string }
  /** Anywhere else. `where`: `the variable OPENAI_API_KEY of the Lambda function web`. */
  | { kind: 'copy'; environment?: string; where: string };

/** @param about all but what the rule itself says */
export function finding(rule: RuleId, about: Omit<AuditFinding, 'rule' | 'severity'>): AuditFinding {
  return { rule, severity: ruleOf(rule).severity, ...about };
}

/** The keys that it concerns, and that its subject does not name: one name may begin another. */
export function keysBeside({ subject, keys }: Pick<AuditFinding, 'subject' | 'keys'>): string[] {
  const named = new Set(subject.split(/[ ,]+/));
  return keys.filter(key => !named.has(key));
}

/** How findings name a key at its provider. */
export function keyAtProvider(provider: string, keyId: string): string {
  return `${provider} key ${keyId}`;
}

export function emptyAnswer(): PartAnswer {
  return { findings: [], notCovered: [], looked: {}, prints: [] };
}
