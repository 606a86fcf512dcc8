// Conditions of a statement: every one must hold; of its values, any one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import { BlockList, isIP, isIPv6 } from 'node:net';
import { type Context, filledIn, matchesArn, matchesPattern } from './pattern';

export interface Condition {
  /** For people: `StringEquals aws:PrincipalArn`. */
  written: string;
  key: string;
  values: string[];
  operator: ConditionOperator | 'Null';
  quantifier?: string;
  ifExists: boolean;
}

interface ConditionOperator {
  isNegated: boolean;
  same(actual: string, wanted: string, context: Context): boolean;
}

/** @throws where the engine does not know the operator: it might have been a restriction */
export function readCondition(written: string, key: string, values: string[], where: string): Condition {
  const [, quantifier, name = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(written) ?? [];
  const operator = name === 'Null' ? name : operators.get(name);
  if (!operator)
    throw new Error(
      `${where} has the condition operator ${written}, which the policy engine does not know; add it to packages/iam/condition.ts`,
    );
  return {
    written: `${written} ${key}`,
    key: key.toLowerCase(),
    values,
    operator,
    quantifier,
    ifExists: Boolean(ifExists),
  };
}

export function conditionHolds(
  { key, values, operator, quantifier, ifExists }: Condition,
  context: Context,
): boolean {
  const actual = context[key];
  if (operator === 'Null')
    return values.some(value => (value.toLowerCase() === 'true') === (actual === undefined));
  if (actual === undefined)
    return ifExists || quantifier === 'ForAllValues' || (operator.isNegated && quantifier !== 'ForAnyValue');
  const test = (given: string) =>
    values.some(value => operator.same(given, value, context)) !== operator.isNegated;
  const given = [actual].flat();
  return quantifier === 'ForAllValues' ? given.every(test) : given.some(test);
}

const equal: ConditionOperator['same'] = (actual, wanted, context) => actual === filledIn(wanted, context);
const like: ConditionOperator['same'] = (actual, wanted, context) => matchesPattern(wanted, actual, context);
const arnLike: ConditionOperator['same'] = (actual, wanted, context) => matchesArn(wanted, actual, context);
const sameLetters: ConditionOperator['same'] = (actual, wanted, context) =>
  actual.toLowerCase() === filledIn(wanted, context)?.toLowerCase();
const is = (same: ConditionOperator['same']): ConditionOperator => ({ isNegated: false, same });
const not = (same: ConditionOperator['same']): ConditionOperator => ({ isNegated: true, same });
type Compare = (a: number, b: number) => boolean;
const compared =
  (read: (text: string) => number, compare: Compare): ConditionOperator['same'] =>
  (actual, wanted) =>
    compare(read(actual), read(wanted));
/** ISO 8601, or seconds since 1970. */
const instant = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const comparisons = (kind: string, read: (text: string) => number): [string, ConditionOperator][] => {
  const equals = compared(read, (a, b) => a === b);
  return [
    [`${kind}Equals`, is(equals)],
    [`${kind}NotEquals`, not(equals)],
    [`${kind}LessThan`, is(compared(read, (a, b) => a < b))],
    [`${kind}LessThanEquals`, is(compared(read, (a, b) => a <= b))],
    [`${kind}GreaterThan`, is(compared(read, (a, b) => a > b))],
    [`${kind}GreaterThanEquals`, is(compared(read, (a, b) => a >= b))],
  ];
};
const inNetwork: ConditionOperator['same'] = (actual, wanted) => {
  const [network = '', bits] = wanted.split('/');
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
  if (!isIP(network) || !isIP(actual)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits ?? (isIPv6(network) ? 128 : 32)), family(network));
  return list.check(actual, family(actual));
};

const operators = new Map<string, ConditionOperator>([
  ['StringEquals', is(equal)],
  ['StringNotEquals', not(equal)],
  ['StringEqualsIgnoreCase', is(sameLetters)],
  ['StringNotEqualsIgnoreCase', not(sameLetters)],
  ['StringLike', is(like)],
  ['StringNotLike', not(like)],
  ['ArnEquals', is(arnLike)],
  ['ArnLike', is(arnLike)],
  ['ArnNotEquals', not(arnLike)],
  ['ArnNotLike', not(arnLike)],
  ['Bool', is(sameLetters)],
  ['BinaryEquals', is(equal)],
  ['IpAddress', is(inNetwork)],
  ['NotIpAddress', not(inNetwork)],
  ...comparisons('Numeric', Number),
  ...comparisons('Date', instant),
]);
