// EventBridge's pattern language, which SNS filter policies share: fields are joined by AND, the conditions of one by OR.
// What AWS refuses to store is in pattern-check.ts; a pattern has passed it before it is matched.
import { BlockList, isIP } from 'node:net';

export type EventPattern = { [field: string]: EventPattern | unknown[] };

/** @param event parsed JSON; a field that holds a list matches where one of its items does */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const alternatives = alternativesIn(field, wanted);
    if (alternatives) return alternatives.some(alternative => matchesPattern(alternative, event));
    return matchesPath(field.split('.'), wanted, event);
  });
}

/** `$or` joins patterns where it holds two objects or more; otherwise it is a field of that name. */
export function alternativesIn(field: string, wanted: unknown): EventPattern[] | undefined {
  const joins = field === '$or' && Array.isArray(wanted) && wanted.length > 1 && wanted.every(isRecord);
  return joins ? (wanted as EventPattern[]) : undefined;
}

/** `a.b` and a `b` within an `a` are the same place, in a pattern and in an event. */
function matchesPath(path: readonly string[], wanted: EventPattern | unknown[], place: unknown): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return matchesValue(wanted, place);
  // A list of objects matches where one of them does.
  if (Array.isArray(place)) return place.some(item => matchesPath(path, wanted, item));
  return matchesPath(rest, wanted, fieldOf(place, step));
}

function matchesValue(wanted: EventPattern | unknown[], actual: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some(condition => meets(condition, actual));
  if (Array.isArray(actual)) return actual.some(item => matchesPattern(wanted, item));
  return matchesPattern(wanted, actual);
}

function fieldOf(place: unknown, name: string): unknown {
  if (!isRecord(place)) return undefined;
  if (name in place) return place[name];
  const joined = Object.entries(place).filter(([key]) => key.startsWith(`${name}.`));
  return joined.length
    ? Object.fromEntries(joined.map(([key, value]) => [key.slice(name.length + 1), value]))
    : undefined;
}

function meets(condition: unknown, actual: unknown): boolean {
  // An object, and a list without values, are no value.
  const values = [actual].flat().filter(value => value !== undefined && !isRecord(value));
  if (isRecord(condition) && 'exists' in condition) return values.length > 0 === condition.exists;
  // Of a list, every item must be something else.
  if (isRecord(condition) && 'anything-but' in condition) {
    const excluded = exclusionsOf(condition['anything-but']);
    return values.length > 0 && values.every(value => !excluded.some(one => holds(one, value)));
  }
  return values.some(value => holds(condition, value));
}

/** `{ prefix: ['a', 'b'] }` excludes `{ prefix: 'a' }` and `{ prefix: 'b' }`. */
function exclusionsOf(excluded: unknown): unknown[] {
  if (!isRecord(excluded)) return [excluded].flat();
  return Object.entries(excluded).flatMap(([kind, operands]) =>
    [operands].flat().map(operand => ({ [kind]: operand })),
  );
}

function holds(condition: unknown, value: unknown): boolean {
  if (!isRecord(condition)) return condition === value;
  const [[kind, operand] = ['', undefined]] = Object.entries(condition);
  switch (kind) {
    case 'prefix':
      return compareText(value, operand, (text, part) => text.startsWith(part));
    case 'suffix':
      return compareText(value, operand, (text, part) => text.endsWith(part));
    case 'equals-ignore-case':
      return typeof value === 'string' && String(operand).toLowerCase() === value.toLowerCase();
    case 'wildcard':
      return typeof value === 'string' && wildcard(String(operand)).test(value);
    case 'numeric':
      return typeof value === 'number' && inRange(operand as (string | number)[], value);
    default:
      return typeof value === 'string' && inBlock(String(operand), value);
  }
}

function compareText(
  value: unknown,
  operand: unknown,
  compare: (text: string, part: string) => boolean,
): boolean {
  if (typeof value !== 'string') return false;
  return isRecord(operand)
    ? compare(value.toLowerCase(), String(operand['equals-ignore-case']).toLowerCase())
    : compare(value, String(operand));
}

function inRange(bounds: readonly (string | number)[], value: number): boolean {
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

function inBlock(cidr: string, address: string): boolean {
  const [network = '', bits] = cidr.split('/');
  const version = isIP(address);
  if (version === 0 || version !== isIP(network)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(address, family);
}

function wildcard(text: string): RegExp {
  const parts = text
    .split('*')
    .map(part => part.replace(/\\(.)/g, '$1').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
