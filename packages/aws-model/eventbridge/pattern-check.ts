// Which patterns AWS refuses to store, and in which words: recorded for EventBridge and for SNS.
// https://github.com/aws/event-ruler is the engine of both.
import { isIP } from 'node:net';
import { alternativesIn, type EventPattern, isRecord } from './event-pattern';

/** Why AWS does not take a pattern. */
export class PatternRefused extends Error {
  override readonly name = 'PatternRefused';
}

interface PatternRules {
  /** What `anything-but` may negate besides values. */
  negated: readonly string[];
}
const eventBridge: PatternRules = { negated: ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'] };
const sns: PatternRules = { negated: ['prefix'] };

/** @throws {PatternRefused} */
export function checkEventPattern(pattern: unknown): EventPattern {
  checkObject(pattern, eventBridge);
  return pattern as EventPattern;
}

/** @throws {PatternRefused} */
export function checkFilterPolicy(policy: unknown, scope: 'MessageAttributes' | 'MessageBody'): EventPattern {
  checkObject(policy, sns);
  const checked = policy as EventPattern;
  const nested = Object.entries(checked).some(([field, one]) => field !== '$or' && isRecord(one));
  if (scope === 'MessageAttributes' && nested)
    refuse('Filter policy scope MessageAttributes does not support nested filter policy');
  if (leavesOf(checked).length > 5) refuse('Filter policy can not have more than 5 keys');
  if (combinationsOf(checked, 1) > 150) refuse('Filter policy is too complex');
  return checked;
}

function refuse(reason: string): never {
  throw new PatternRefused(reason);
}

function checkObject(pattern: unknown, dialect: PatternRules): void {
  if (!isRecord(pattern)) refuse('Filter is not an object');
  const fields = Object.entries(pattern);
  if (!fields.length) refuse('Empty objects are not allowed');
  for (const [field, wanted] of fields) {
    const alternatives = alternativesIn(field, wanted);
    if (alternatives) for (const one of alternatives) checkObject(one, dialect);
    else if (Array.isArray(wanted)) checkConditions(wanted, dialect);
    else if (isRecord(wanted)) checkObject(wanted, dialect);
    else refuse(`"${field}" must be an object or an array`);
  }
}

function checkConditions(conditions: unknown[], dialect: PatternRules): void {
  if (!conditions.length) refuse('Empty arrays are not allowed');
  for (const condition of conditions) {
    if (Array.isArray(condition)) refuse('Match value must be String, number, true, false, or null');
    if (!isRecord(condition)) continue;
    const [[kind, operand] = ['', undefined], ...others] = Object.entries(condition);
    if (others.length) refuse('Only one key allowed in match expression');
    checkMatch(kind, operand, dialect);
  }
}

function checkMatch(kind: string, operand: unknown, dialect: PatternRules): void {
  switch (kind) {
    case 'prefix':
    case 'suffix': {
      const ignoresCase = isRecord(operand) && typeof operand['equals-ignore-case'] === 'string';
      if (typeof operand !== 'string' && !ignoresCase) refuse(`${kind} match pattern must be a string`);
      return;
    }
    case 'equals-ignore-case':
      if (typeof operand !== 'string') refuse('equals-ignore-case match pattern must be a string');
      return;
    case 'wildcard':
      checkWildcard(operand);
      return;
    case 'anything-but':
      checkAnythingBut(operand, dialect);
      return;
    case 'exists':
      if (typeof operand !== 'boolean') refuse('exists match pattern must be either true or false.');
      return;
    case 'numeric':
      checkNumeric(operand);
      return;
    case 'cidr':
      checkCidr(operand);
      return;
    default:
      refuse(`Unrecognized match type ${kind}`);
  }
}

// AWS counts the states of its matcher; where it draws the line is not published. One with six was refused, two were taken.
const mostWildcards = 4;

function checkWildcard(operand: unknown): void {
  if (typeof operand !== 'string') refuse('wildcard match pattern must be a string');
  const doubled = operand.indexOf('**');
  if (doubled >= 0) refuse(`Consecutive wildcard characters at pos ${doubled + 1}`);
  if (operand.split('*').length - 1 > mostWildcards) {
    refuse(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
  }
}

function checkAnythingBut(operand: unknown, { negated }: PatternRules): void {
  if (isRecord(operand)) {
    const [[kind, texts] = ['', undefined]] = Object.entries(operand);
    if (!negated.includes(kind)) refuse(`Unsupported anything-but pattern: ${kind}`);
    checkNegated(kind, texts, negated === sns.negated);
  } else if (Array.isArray(operand)) {
    if (!operand.length) refuse('Empty arrays are not allowed');
    if (!operand.every(isTextOrNumber))
      refuse('Inside anything but list, start|null|boolean is not supported.');
    if (new Set(operand.map(one => typeof one)).size > 1)
      refuse('Inside anything but list, either all values are number or string, mixed type is not supported');
  } else if (!isTextOrNumber(operand))
    refuse('Value of anything-but must be an array or single string/number value.');
}

function checkNegated(kind: string, texts: unknown, oneOnly: boolean): void {
  if (oneOnly && typeof texts !== 'string') refuse(`${kind} match pattern must be a string`);
  if (isRecord(texts)) refuse('Value of anything-but must be an array or single string/number value.');
  const all = [texts].flat();
  if (!all.length) refuse('Empty arrays are not allowed');
  if (kind === 'wildcard') {
    for (const text of all) checkWildcard(text);
    return;
  }
  const isText = all.every(text => typeof text === 'string');
  if (kind === 'equals-ignore-case') {
    if (!isText)
      refuse('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.');
    return;
  }
  if (!isText) refuse('prefix/suffix match pattern must be a string');
  if (all.includes('')) refuse('Null prefix/suffix not allowed');
}

function checkNumeric(operand: unknown): void {
  if (!Array.isArray(operand)) refuse('Value of numeric must be an array.');
  const [operator, bound, secondOperator, secondBound, ...others] = operand as unknown[];
  if (typeof operator !== 'string') refuse(`Invalid member in numeric match: ${operator ?? ']'}`);
  if (!['=', '<', '<=', '>', '>='].includes(operator))
    refuse(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== 'number') refuse(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (operand.length === 2) return;
  if (!operator.startsWith('>')) refuse('Too many elements in numeric expression');
  if (typeof secondOperator !== 'string') refuse(`Bad value in numeric range: ${secondOperator}`);
  if (!['<', '<='].includes(secondOperator)) refuse(`Bad numeric range operator: ${secondOperator}`);
  if (typeof secondBound !== 'number') refuse(`Value of ${secondOperator} must be numeric`);
  if (secondBound <= bound) refuse('Bottom must be less than top');
  if (others.length) refuse('Too many terms in numeric range expression');
}

function checkCidr(operand: unknown): void {
  if (typeof operand !== 'string') refuse('prefix match pattern must be a string');
  const [network = '', bits, ...others] = operand.split('/');
  if (bits === undefined || others.length) refuse("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(bits)) refuse('Malformed CIDR, mask bits must be an integer');
  const version = isIP(network);
  if (version === 0) refuse(`Nonstandard IP address: ${network}`);
  if (Number(bits) > (version === 4 ? 32 : 128))
    refuse(`Malformed CIDR, mask bits must not be larger than ${version === 4 ? 32 : 128}`);
}

function isTextOrNumber(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function leavesOf(pattern: EventPattern): unknown[] {
  return Object.entries(pattern).flatMap(([field, wanted]) => {
    const alternatives = alternativesIn(field, wanted);
    if (alternatives) return alternatives.flatMap(leavesOf);
    return Array.isArray(wanted) ? [wanted] : leavesOf(wanted);
  });
}

/** The product over all keys of their values, each times how deep it lies; `$or` adds up. */
function combinationsOf(policy: EventPattern, depth: number): number {
  return Object.entries(policy).reduce((product, [field, wanted]) => {
    const alternatives = alternativesIn(field, wanted);
    if (alternatives) return product * alternatives.reduce((sum, one) => sum + combinationsOf(one, depth), 0);
    return product * (Array.isArray(wanted) ? wanted.length * depth : combinationsOf(wanted, depth + 1));
  }, 1);
}
