// Who could make a call: judged from the policies alone, of principals who are not calling now. So much of what a condition asks
// is not known, and an answer has three values: `yes`, `no`, and `open` where it depends on what only the call itself would show.
import { type Condition, conditionHolds } from './condition';
import { coveringAction, coveringPrincipal, type PrincipalMatch } from './match';
import { type Context, matchesPattern } from './pattern';
import type { Caller } from './request';
import { readStatements, type Statement } from './statement';

export type Truth = 'yes' | 'no' | 'open';

/** A policy as somebody wrote it: what it says, or why that is not understood. */
export interface ReadPolicy {
  /** For people: `inline policy reader`. */
  name: string;
  statements: Statement[];
  /** The policy may then allow and deny anything. */
  problem?: string;
}

export interface Subject {
  /** Of a role or a user; of an account its root; of a service its principal, such as `sns.amazonaws.com`. */
  arn: string;
  /** `outside`: of another account, whose own policies nobody sees from here and are taken to allow everything. */
  kind: 'role' | 'user' | 'service' | 'outside';
  policies: readonly ReadPolicy[];
  /** The permissions boundary. @default - none */
  boundary?: ReadPolicy;
}

export interface Question {
  /** `secretsmanager:GetSecretValue` */
  action: string;
  /** Full ARN: its account is whose policies decide. */
  resource: string;
  resourcePolicy?: ReadPolicy;
  /** True where the resource's policy has the last word, as that of a KMS key does. */
  resourceDecides?: boolean;
  /** Keys in lower case. One that is there and `undefined` is known to be absent; one that is not there is not known. */
  context: Context;
  /** Beginnings of keys of which all are known: `aws:resourcetag/`. */
  knownPrefixes: readonly string[];
}

export interface Verdict {
  answer: Truth;
  /** What allows it, for people: `resource policy, statement Everyone`. Empty where the answer is no. */
  through: string[];
  /** What an open answer depends on, for people: `IpAddress aws:SourceIp`. */
  depends: string[];
}

/** Never throws: what is not understood is said in `problem`. @param document the policy, or its JSON text */
export function readPolicy(name: string, document: unknown, kind: 'identity' | 'resource'): ReadPolicy {
  try {
    const read: unknown = typeof document === 'string' ? JSON.parse(document) : document;
    if (typeof read !== 'object' || read === null) throw new Error(`${name} is no JSON object`);
    return { name, statements: readStatements(read, kind, name) };
  } catch (error) {
    return { name, statements: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

export function couldCall(subject: Subject, question: Question): Verdict {
  const { resourcePolicy } = question;
  const home = question.resource.split(':')[4] ?? '';
  const asked: Question = { ...question, context: { ...question.context, ...contextOf(subject, home) } };
  const identity = subject.policies.flatMap(policy => relevantStatements(policy, asked));
  const boundary = subject.boundary && relevantStatements(subject.boundary, asked);
  const onResource = resourcePolicy ? statementsAbout(subject, resourcePolicy, home, asked) : [];

  const denials = [...identity, ...(boundary ?? []), ...onResource].filter(
    ({ effect }) => effect !== 'Allow',
  );
  const isDenied = any(denials.map(({ truth }) => truth));
  if (isDenied === 'yes') return never;

  const allowing = (found: readonly RelevantStatement[]) => found.filter(({ effect }) => effect !== 'Deny');
  const truthOf = (found: readonly RelevantStatement[]) => any(allowing(found).map(({ truth }) => truth));
  const bounded = boundary ? truthOf(boundary) : 'yes';
  const direct = allowing(onResource).filter(({ match }) => match?.kind !== 'account');
  const delegating = allowing(onResource).filter(({ match }) => match?.kind === 'account');
  // A role that is named itself stays within its boundary; a session of it, a user and everyone do not.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
  const isRole = ({ match }: RelevantStatement) => subject.kind === 'role' && match?.value === subject.arn;
  const toRole = direct.filter(isRole);
  const toOthers = direct.filter(found => !isRole(found));
  const handedOver = question.resourceDecides ? truthOf(delegating) : 'yes';
  const own = both(both(truthOf(identity), bounded), handedOver);
  const isOwn = subject.kind === 'role' || subject.kind === 'user';
  const ways: { truth: Truth; by: readonly RelevantStatement[] }[] = [
    { truth: both(truthOf(toRole), bounded), by: toRole },
    { truth: truthOf(toOthers), by: toOthers },
    ...(subject.kind === 'outside' ? [{ truth: truthOf(delegating), by: delegating }] : []),
    ...(isOwn ? [{ truth: own, by: allowing(identity) }] : []),
  ];
  const allowed = any(ways.map(({ truth }) => truth));
  const answer = both(allowed, isDenied === 'open' ? 'open' : 'yes');
  if (answer === 'no') return never;
  const used = ways
    .filter(({ truth }) => truth !== 'no')
    .flatMap(({ by }) => by.filter(({ truth }) => truth !== 'no'));
  const open = [...used, ...denials, ...(bounded === 'open' ? (boundary ?? []) : [])];
  return {
    answer,
    through: distinct(used.map(({ text }) => text)),
    depends: answer === 'open' ? distinct(open.flatMap(({ depends }) => depends)) : [],
  };
}

/** Whether both calls are possible that one act takes. */
export function bothVerdicts(one: Verdict, other: Verdict): Verdict {
  const answer = both(one.answer, other.answer);
  if (answer === 'no') return never;
  return {
    answer,
    through: one.through,
    depends: distinct([...one.depends, ...other.depends]),
  };
}

const never: Verdict = { answer: 'no', through: [], depends: [] };

/** A statement that speaks of the question, or may; a policy that is not understood may do both. */
interface RelevantStatement {
  effect: 'Allow' | 'Deny' | 'either';
  truth: Truth;
  text: string;
  depends: string[];
  match?: PrincipalMatch;
}

function relevantStatements(policy: ReadPolicy, question: Question): RelevantStatement[] {
  const { name, statements, problem } = policy;
  if (problem !== undefined)
    return [{ effect: 'either', truth: 'open', text: name, depends: [`${name}, which is not understood`] }];
  return statements.flatMap(statement => {
    const { truth, depends } = judge(statement, question);
    if (truth === 'no') return [];
    return [{ effect: statement.effect, truth, depends, text: `${name}, statement ${statement.sid}` }];
  });
}

function statementsAbout(
  subject: Subject,
  policy: ReadPolicy,
  home: string,
  question: Question,
): RelevantStatement[] {
  const { name, statements } = policy;
  if (policy.problem !== undefined) return relevantStatements(policy, question);
  return statements.flatMap(statement => {
    const match = matchOf(subject, statement, home);
    if (!match) return [];
    const whom = match.kind === 'everyone' ? ', for everyone' : '';
    return relevantStatements({ name, statements: [statement] }, question).map(found => ({
      ...found,
      match,
      text: `${found.text}${whom}`,
    }));
  });
}

function matchOf(subject: Subject, statement: Statement, home: string): PrincipalMatch | undefined {
  const { arn, kind } = subject;
  if (kind === 'service') return coveringPrincipal(statement, { arn, kind: 'service', service: arn }, home);
  const account = accountOf(arn);
  const caller: Caller = { arn, kind: kind === 'user' ? 'user' : 'role' };
  const found = coveringPrincipal(statement, caller, account, arn);
  if (found && found.kind !== 'account') return found;
  // Whoever may take the role chooses the name of the session.
  const session = statement.principals.find(({ value }) => roleOfSession(value) === nameOf(arn, kind));
  return session ? { kind: 'named', value: session.value } : found;
}

/** `A/R` of arn:aws:sts::A:assumed-role/R/S. */
function roleOfSession(principal: string): string | undefined {
  const [, account, role] = /^arn:[^:]+:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(principal) ?? [];
  return account && role && `${account}/${role}`;
}

function nameOf(arn: string, kind: Subject['kind']): string {
  return kind === 'user' ? '' : `${accountOf(arn)}/${arn.slice(arn.lastIndexOf('/') + 1)}`;
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** What is known of whoever calls. */
function contextOf({ arn, kind }: Subject, home: string): Context {
  if (kind === 'service') return { 'aws:principalarn': undefined, 'aws:principalisawsservice': 'true' };
  const isHere = kind !== 'outside';
  return {
    'aws:principalarn': arn,
    'aws:principalaccount': accountOf(arn),
    'aws:principalisawsservice': 'false',
    'aws:principalservicename': undefined,
    'aws:resourceaccount': home,
    'aws:securetransport': 'true',
    // Services alone name what they act for.
    'aws:sourcearn': undefined,
    'aws:sourceaccount': undefined,
    ...(isHere && {
      'aws:principaltype': kind === 'user' ? 'User' : 'AssumedRole',
      'aws:username': kind === 'user' ? arn.slice(arn.lastIndexOf('/') + 1) : undefined,
    }),
  };
}

function judge(statement: Statement, question: Question): { truth: Truth; depends: string[] } {
  if (coveringAction(statement, question.action) === undefined) return { truth: 'no', depends: [] };
  const place = resourceTruth(statement, question);
  if (place === 'no') return { truth: 'no', depends: [] };
  const judged = statement.conditions.map(condition => ({
    condition,
    truth: conditionTruth(condition, question),
  }));
  const truth = judged.reduce<Truth>((so, { truth }) => both(so, truth), place);
  if (truth !== 'open') return { truth, depends: [] };
  const depends = judged.flatMap(({ condition, truth }) => (truth === 'open' ? textOf(condition) : []));
  return { truth, depends: place === 'open' ? [...depends, 'a variable in Resource'] : depends };
}

function resourceTruth({ resources, notResources }: Statement, question: Question): Truth {
  const covers = (pattern: string): Truth => {
    if (matchesPattern(pattern, question.resource, question.context)) return 'yes';
    const variables = pattern.match(/\$\{[^}]*\}/g) ?? [];
    if (!variables.some(variable => isOpen(variable, question))) return 'no';
    return matchesPattern(pattern.replace(/\$\{[^}]*\}/g, '*'), question.resource) ? 'open' : 'no';
  };
  if (!notResources) return any(resources.map(covers));
  return not(any(notResources.map(covers)));
}

function conditionTruth(condition: Condition, question: Question): Truth {
  const named = [condition.key, ...condition.values.flatMap(value => value.match(/\$\{[^}]*\}/g) ?? [])];
  if (named.some(name => isOpen(name, question))) return 'open';
  return conditionHolds(condition, question.context) ? 'yes' : 'no';
}

/** @param written a key, or a variable with one */
function isOpen(written: string, { context, knownPrefixes }: Question): boolean {
  const key = written
    .replace(/^\$\{([^,}]*).*\}$/s, '$1')
    .trim()
    .toLowerCase();
  if (['*', '?', '$'].includes(key) || Object.hasOwn(context, key)) return false;
  return !knownPrefixes.some(prefix => key.startsWith(prefix));
}

function textOf({ written, values }: Condition): string {
  const shown = values.slice(0, 3).join(', ');
  return `${written} ${shown}${values.length > 3 ? ', ...' : ''}`;
}

function any(truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('open') ? 'open' : 'no';
}

function both(one: Truth, other: Truth): Truth {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'open';
}

function not(truth: Truth): Truth {
  if (truth === 'open') return 'open';
  return truth === 'yes' ? 'no' : 'yes';
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** True where the policy allows the action on some resource, or nobody knows what it says: cheap, to be asked first. */
export function mayAllow({ statements, problem }: ReadPolicy, action: string): boolean {
  if (problem !== undefined) return true;
  return statements.some(
    statement => statement.effect === 'Allow' && coveringAction(statement, action) !== undefined,
  );
}
