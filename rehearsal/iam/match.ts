// When a statement speaks of a request: wildcards, principals, conditions.
import type { Caller } from '../aws/handed-in';
import type { Statement } from './statement';

/** `*` is any text, `?` one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The patterns of the statement that cover this action, or `undefined` where it does not speak of it. */
export function coveringAction({ actions, notActions }: Statement, action: string): string | undefined {
  const covers = (pattern: string) => matchesPattern(pattern.toLowerCase(), action.toLowerCase());
  if (notActions) return notActions.some(covers) ? undefined : `all but ${notActions}`;
  return actions.find(covers);
}

export function coveringResource(
  { resources, notResources }: Statement,
  resource: string,
): string | undefined {
  if (notResources)
    return notResources.some(pattern => matchesPattern(pattern, resource))
      ? undefined
      : `all but ${notResources}`;
  return resources ? resources.find(pattern => matchesPattern(pattern, resource)) : 'this resource';
}

export type PrincipalMatch =
  | { kind: 'named' | 'everyone'; value: string }
  /** The account is named: its own identity policies then decide. */
  | { kind: 'account'; value: string };

/** @param roleArn of a role's session; absent for services */
export function coveringPrincipal(
  statement: Statement,
  caller: Caller,
  account: string,
  roleArn?: string,
): PrincipalMatch | undefined {
  for (const { kind, value } of statement.principals ?? []) {
    if (kind === 'everyone') return { kind: 'everyone', value };
    if (kind === 'Service') {
      if (caller.service === value) return { kind: 'named', value };
      continue;
    }
    if (kind !== 'AWS') throw new Error(`the policy engine does not know principals of kind ${kind}`);
    if (value === '*') {
      if (caller.kind !== 'service' || statement.effect === 'Deny') return { kind: 'everyone', value };
    } else if (value === account || value === `arn:aws:iam::${account}:root`) {
      if (caller.kind !== 'service') return { kind: 'account', value };
    } else if (value === caller.arn || value === roleArn) return { kind: 'named', value };
  }
  return undefined;
}

type Context = Record<string, string | string[] | undefined>;

export function conditionsHold({ conditions }: Statement, context: Context): boolean {
  const lower = Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return conditions.every(({ operator, key, values }) =>
    holds(operator, lower[key.toLowerCase()], values, lower),
  );
}

function holds(
  written: string,
  actual: string | string[] | undefined,
  values: string[],
  context: Context,
): boolean {
  const [, quantifier, name, ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(written) ?? [];
  const wanted = values.map(value =>
    value.replace(/\$\{([^}]+)\}/g, (_, key: string) => String(context[key.toLowerCase()] ?? '')),
  );
  if (name === 'Null') return (actual === undefined) === (wanted[0] === 'true');
  const test = operators[name ?? ''];
  if (!test)
    throw new Error(
      `the policy engine does not know the condition operator ${written}; add it to rehearsal/iam/match.ts`,
    );
  if (actual === undefined) return Boolean(ifExists) || test.negated || quantifier === 'ForAllValues';
  const one = (value: string) =>
    test.negated
      ? wanted.every(pattern => !test.same(value, pattern))
      : wanted.some(pattern => test.same(value, pattern));
  const given = [actual].flat();
  return quantifier === 'ForAllValues' ? given.every(one) : given.some(one);
}

interface Operator {
  negated: boolean;
  same(actual: string, wanted: string): boolean;
}

const equal = (actual: string, wanted: string) => actual === wanted;
const like = (actual: string, wanted: string) => matchesPattern(wanted, actual);
const sameLetters = (actual: string, wanted: string) => actual.toLowerCase() === wanted.toLowerCase();
const operator = (same: Operator['same']): Operator => ({ negated: false, same });
const not = (same: Operator['same']): Operator => ({ negated: true, same });
const compared = (compare: (a: number, b: number) => boolean) =>
  operator((a, b) => compare(Number(a), Number(b)));
const dated = (compare: (a: number, b: number) => boolean) =>
  operator((a, b) => compare(Date.parse(a), Date.parse(b)));

const operators: Record<string, Operator> = {
  StringEquals: operator(equal),
  StringNotEquals: not(equal),
  StringEqualsIgnoreCase: operator(sameLetters),
  StringNotEqualsIgnoreCase: not(sameLetters),
  StringLike: operator(like),
  StringNotLike: not(like),
  ArnEquals: operator(like),
  ArnLike: operator(like),
  ArnNotEquals: not(like),
  ArnNotLike: not(like),
  Bool: operator(sameLetters),
  NumericEquals: compared((a, b) => a === b),
  NumericLessThan: compared((a, b) => a < b),
  NumericLessThanEquals: compared((a, b) => a <= b),
  NumericGreaterThan: compared((a, b) => a > b),
  NumericGreaterThanEquals: compared((a, b) => a >= b),
  DateLessThan: dated((a, b) => a < b),
  DateGreaterThan: dated((a, b) => a > b),
};
