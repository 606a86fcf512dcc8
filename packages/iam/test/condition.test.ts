// Conditions, a fact a row.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import { conditionHolds, readCondition } from '../condition';
import { type Context, lowerKeys, matchesArn } from '../pattern';

const holds = (operator: string, key: string, values: string | string[], context: Context) =>
  conditionHolds(readCondition(operator, key, [values].flat(), 'a policy'), lowerKeys(context));

/** As policies write it. */
const variable = (name: string) => `\${${name}}`;

const absent = {};
const team = { 'aws:PrincipalTag/team': 'red' };
const tags = (...keys: string[]) => ({ 'aws:TagKeys': keys });

describe('values', () => {
  test.each<[boolean, string, string | string[], string]>([
    [true, 'StringEquals', 'red', 'red'],
    [false, 'StringEquals', 'Red', 'red'],
    [false, 'StringEquals', 'r*', 'red'],
    [true, 'StringEquals', ['blue', 'red'], 'red'],
    [false, 'StringNotEquals', ['blue', 'red'], 'red'],
    [true, 'StringNotEquals', ['blue', 'Red'], 'red'],
    [true, 'StringEqualsIgnoreCase', 'RED', 'red'],
    [false, 'StringNotEqualsIgnoreCase', 'RED', 'red'],
    [true, 'StringLike', 'r?d', 'red'],
    [true, 'StringLike', '*', ''],
    [false, 'StringLike', 'R*', 'red'],
    [false, 'StringNotLike', ['x', 'r*'], 'red'],
    [true, 'Bool', 'TRUE', 'true'],
    [false, 'Bool', 'false', 'true'],
    [true, 'NumericLessThan', '10', '9'],
    [false, 'NumericLessThan', '10', '10'],
    [true, 'NumericLessThanEquals', '10', '10'],
    [true, 'NumericGreaterThan', '9', '10'],
    [true, 'NumericGreaterThanEquals', '10', '10'],
    [true, 'NumericEquals', '7', '7.0'],
    [false, 'NumericEquals', '7', 'seven'],
    [true, 'DateLessThan', '2027-01-02T00:00:00Z', '2027-01-01T23:59:59Z'],
    [true, 'DateGreaterThan', '2027-01-02T00:00:00Z', '2027-01-02T01:00:00+00:00'],
  ])('%s: %s %j of "%s"', (expected, operator, values, actual) =>
    expect(holds(operator, 'k', values, { k: actual })).toBe(expected),
  );
});

describe('ARNs are compared part by part', () => {
  const arn = 'arn:aws:iam::111111111111:role/team/bot';
  test.each<[boolean, string]>([
    [true, arn],
    [true, 'arn:aws:iam::*:role/team/*'],
    [true, 'arn:*:iam::111111111111:role/*/b?t'],
    [true, '*'],
    [false, 'arn:aws:iam::role/team/bot'],
    [false, 'arn:aws:*:role/team/bot'],
    [false, 'arn:aws:iam::222222222222:role/team/bot'],
  ])('%s: %s', (expected, pattern) => {
    for (const operator of ['ArnLike', 'ArnEquals'])
      expect(holds(operator, 'a', pattern, { a: arn })).toBe(expected);
    for (const operator of ['ArnNotLike', 'ArnNotEquals'])
      expect(holds(operator, 'a', pattern, { a: arn })).toBe(!expected);
  });

  test('what follows the fifth colon is one part', () => {
    const group = 'arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/x:*';
    expect(matchesArn('arn:aws:logs:eu-west-1:111111111111:log-group:*', group)).toBe(true);
  });

  test('a variable may stand in one', () => {
    const context = { 'aws:PrincipalAccount': '111111111111' };
    expect(
      holds('ArnLike', 'a', `arn:aws:iam::${variable('aws:PrincipalAccount')}:role/*`, {
        a: arn,
        ...context,
      }),
    ).toBe(true);
  });
});

describe('a key that the request does not have', () => {
  test.each<[boolean, string]>([
    [false, 'StringEquals'],
    [false, 'StringLike'],
    [false, 'ArnLike'],
    [false, 'Bool'],
    [false, 'NumericEquals'],
    [true, 'StringNotEquals'],
    [true, 'StringNotLike'],
    [true, 'StringNotEqualsIgnoreCase'],
    [true, 'ArnNotLike'],
    [true, 'StringEqualsIfExists'],
    [true, 'StringNotEqualsIfExists'],
    [true, 'BoolIfExists'],
    [true, 'ForAllValues:StringEquals'],
    [true, 'ForAllValues:StringNotEquals'],
    [false, 'ForAnyValue:StringEquals'],
    [false, 'ForAnyValue:StringNotEquals'],
    [true, 'ForAnyValue:StringEqualsIfExists'],
  ])('%s: %s', (expected, operator) => expect(holds(operator, 'k', 'true', absent)).toBe(expected));

  test('IfExists changes nothing where it is there', () => {
    expect(holds('StringEqualsIfExists', 'k', 'a', { k: 'b' })).toBe(false);
  });
});

describe('keys with several values', () => {
  test.each<[boolean, string, string[], string[]]>([
    [true, 'ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'c']],
    [false, 'ForAllValues:StringEquals', ['a', 'x'], ['a', 'b', 'c']],
    [true, 'ForAllValues:StringEquals', [], ['a']],
    [true, 'ForAnyValue:StringEquals', ['x', 'a'], ['a']],
    [false, 'ForAnyValue:StringEquals', ['x'], ['a']],
    [false, 'ForAnyValue:StringEquals', [], ['a']],
    [true, 'ForAnyValue:StringNotEquals', ['x', 'a'], ['a']],
    [false, 'ForAllValues:StringNotEquals', ['x', 'a'], ['a']],
  ])('%s: %s, %j given, %j wanted', (expected, operator, given, wanted) =>
    expect(holds(operator, 'aws:TagKeys', wanted, tags(...given))).toBe(expected),
  );
});

describe('Null asks whether a key is there', () => {
  test.each<[boolean, string | string[], Context]>([
    [true, 'true', absent],
    [false, 'true', team],
    [true, 'false', team],
    [false, 'False', absent],
    [true, ['true', 'false'], team],
  ])('%s: %j of %j', (expected, value, context) =>
    expect(holds('Null', 'aws:PrincipalTag/team', value, context)).toBe(expected),
  );
});

describe('variables', () => {
  test.each<[boolean, string, string, Context]>([
    [true, 'StringEquals', variable('aws:PrincipalTag/team'), { k: 'red', ...team }],
    [true, 'StringEquals', variable('AWS:principaltag/TEAM'), { k: 'red', ...team }],
    [false, 'StringEquals', variable('aws:PrincipalTag/team'), { k: '' }],
    [true, 'StringNotEquals', variable('aws:PrincipalTag/team'), { k: '' }],
    [false, 'StringLike', `${variable('aws:PrincipalTag/team')}*`, { k: 'anything' }],
    [true, 'StringLike', `${variable('aws:PrincipalTag/team')}-*`, { k: 'red-1', ...team }],
    [true, 'StringEquals', variable("aws:PrincipalTag/team, 'none'"), { k: 'none' }],
    [true, 'StringLike', `a${variable('*')}b`, { k: 'a*b' }],
    [false, 'StringLike', `a${variable('*')}b`, { k: 'axb' }],
    [false, 'StringEquals', variable('aws:TagKeys'), { k: 'a', ...tags('a') }],
  ])('%s: %s "%s" of %j', (expected, operator, value, context) =>
    expect(holds(operator, 'k', value, context)).toBe(expected),
  );
});

test('keys do not tell cases apart', () => {
  expect(holds('StringEquals', 'AWS:sourceACCOUNT', '1', { 'aws:SourceAccount': '1' })).toBe(true);
});

describe('addresses, numbers and dates', () => {
  test.each<[boolean, string, string, string]>([
    [true, 'IpAddress', '10.1.2.3', '10.0.0.0/8'],
    [false, 'IpAddress', '11.0.0.1', '10.0.0.0/8'],
    [true, 'IpAddress', '10.0.0.1', '10.0.0.1'],
    [false, 'IpAddress', '10.0.0.2', '10.0.0.1'],
    [true, 'IpAddress', '2001:db8::1', '2001:db8::/32'],
    [false, 'IpAddress', '2001:db9::1', '2001:db8::/32'],
    [false, 'IpAddress', '10.1.2.3', '2001:db8::/32'],
    [false, 'IpAddress', 'AWS Internal', '0.0.0.0/0'],
    [true, 'NotIpAddress', '11.0.0.1', '10.0.0.0/8'],
    [false, 'NotIpAddress', '10.1.2.3', '10.0.0.0/8'],
    [true, 'NumericNotEquals', '3', '4'],
    [true, 'NumericGreaterThanEquals', '4', '4'],
    [false, 'NumericGreaterThan', '4', '4'],
    [true, 'DateLessThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    [false, 'DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    [true, 'DateEquals', '2026-01-01T00:00:00Z', '1767225600'],
  ])('%s: %s %s of %s', (expected, operator, given, wanted) =>
    expect(holds(operator, 'k', wanted, { k: given })).toBe(expected),
  );
});

test.each(['StringMatches', 'ForSomeValues:StringEquals', 'IpAddresses', 'StringEqualsifexists'])(
  'the operator %s is not known, and that is an error',
  operator => {
    expect(() => holds(operator, 'k', 'v', { k: 'v' })).toThrow(
      `operator ${operator}, which the policy engine`,
    );
  },
);
