// EventBridge's pattern language, which SNS filter policies share: fields are joined by AND, the conditions of one by OR.
import { NotModelled } from '../wire/aws-error';

export type EventPattern = { [field: string]: EventPattern | unknown[] };

/** @param event parsed JSON; a field that holds a list matches where one of its items does */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or')
      return (wanted as EventPattern[]).some(alternative => matchesPattern(alternative, event));
    const actual = isRecord(event) ? event[field] : undefined;
    if (Array.isArray(wanted)) return wanted.some(condition => meets(condition, actual));
    // A list of objects matches where one of them does.
    if (Array.isArray(actual)) return actual.some(item => matchesPattern(wanted as EventPattern, item));
    return matchesPattern(wanted as EventPattern, actual);
  });
}

function meets(condition: unknown, actual: unknown): boolean {
  if (isRecord(condition) && 'exists' in condition) {
    const present = actual !== undefined && !isRecord(actual);
    return present === condition.exists;
  }
  if (actual === undefined) return false;
  const values = Array.isArray(actual) ? actual : [actual];
  // Of a list, every item must be something else.
  if (isRecord(condition) && 'anything-but' in condition) {
    const excluded = asList(condition['anything-but']);
    return values.every(value => !excluded.some(one => holds(one, value)));
  }
  return values.some(value => holds(condition, value));
}

function holds(condition: unknown, value: unknown): boolean {
  if (!isRecord(condition)) return condition === value;
  const entries = Object.entries(condition);
  if (entries.length !== 1) throw unknownCondition(condition);
  const [kind, operand] = entries[0]!;
  switch (kind) {
    case 'prefix':
      return compareText(value, operand, (text, part) => text.startsWith(part));
    case 'suffix':
      return compareText(value, operand, (text, part) => text.endsWith(part));
    case 'equals-ignore-case':
      return (
        typeof value === 'string' &&
        asList(operand).some(one => String(one).toLowerCase() === value.toLowerCase())
      );
    case 'wildcard':
      return typeof value === 'string' && asList(operand).some(one => wildcard(String(one)).test(value));
    case 'numeric':
      return typeof value === 'number' && inRange(operand as (string | number)[], value);
    default:
      throw unknownCondition(condition);
  }
}

function compareText(
  value: unknown,
  operand: unknown,
  compare: (text: string, part: string) => boolean,
): boolean {
  if (typeof value !== 'string') return false;
  return asList(operand).some(one =>
    isRecord(one)
      ? compare(value.toLowerCase(), String(one['equals-ignore-case']).toLowerCase())
      : compare(value, String(one)),
  );
}

function inRange(bounds: (string | number)[], value: number): boolean {
  for (let place = 0; place < bounds.length; place += 2) {
    const bound = Number(bounds[place + 1]);
    const kept = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    };
    if (!kept[bounds[place] as keyof typeof kept]) return false;
  }
  return true;
}

function wildcard(text: string): RegExp {
  const parts = text
    .split('*')
    .map(part => part.replace(/\\(.)/g, '$1').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownCondition(condition: unknown): NotModelled {
  return new NotModelled(
    `the event pattern condition ${JSON.stringify(condition)} is not modelled; add it to event-pattern.ts`,
  );
}
