// What an update expression makes of an item. All operands see the item as it was before.
import { type AttributeValue, elements, type Item, isSet, numberValue, typeOf } from './attribute-value';
import { operandValue } from './conditions';
import type { Amount, Operand, Path, UpdateAction } from './expression-parser';
import { invalid, type Placeholders, valueAt } from './placeholders';

export interface Updated {
  item: Item;
  /** Names of the top-level attributes that were named. */
  touched: string[];
}

export function updated(
  item: Item,
  changes: readonly UpdateAction[],
  placeholders: Placeholders,
  keyNames: readonly string[],
): Updated {
  const resolved = changes.map(change => ({ change, path: placeholders.path(change.path) }));
  checkPaths(
    resolved.map(({ path }) => path),
    keyNames,
  );
  const copy: Record<string, AttributeValue> = structuredClone(item) as Record<string, AttributeValue>;
  for (const { change, path } of resolved) {
    if (change.kind === 'SET') assign(copy, path, amount(change.to, item, placeholders));
    else if (change.kind === 'REMOVE') assign(copy, path, undefined);
    else {
      const value = present(change.value, item, placeholders);
      const before = valueAt(item, path);
      assign(copy, path, change.kind === 'ADD' ? added(before, value) : withoutElements(before, value));
    }
  }
  return { item: copy, touched: [...new Set(resolved.map(({ path }) => String(path[0])))] };
}

function checkPaths(paths: Path[], keyNames: readonly string[]): void {
  for (const [place, path] of paths.entries()) {
    if (keyNames.includes(String(path[0])))
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
      );
    const overlaps = paths.slice(0, place).some(other => isWithin(path, other) || isWithin(other, path));
    if (overlaps)
      throw invalid(
        `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path: [${path.join(', ')}]`,
      );
  }
}

function isWithin(path: Path, other: Path): boolean {
  return other.every((step, place) => path[place] === step);
}

function amount(to: Amount, item: Item, placeholders: Placeholders): AttributeValue {
  if (!('right' in to)) return setOperand(to, item, placeholders);
  const [left, right] = [setOperand(to.left, item, placeholders), setOperand(to.right, item, placeholders)];
  if (left.N === undefined || right.N === undefined)
    throw invalid('An operand in the update expression has an incorrect data type');
  return numberValue(Number(left.N) + (to.kind === 'sum' ? 1 : -1) * Number(right.N));
}

function setOperand(operand: Operand, item: Item, placeholders: Placeholders): AttributeValue {
  if (operand.kind !== 'call') return present(operand, item, placeholders);
  const { name, args } = operand;
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw invalid(`Invalid UpdateExpression: Invalid function name; function: ${name}`);
  const [first, second] = args;
  if (!first || !second)
    throw invalid(
      `Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${args.length}`,
    );
  if (name === 'if_not_exists') {
    const otherwise = setOperand(second, item, placeholders);
    return operandValue(first, item, placeholders) ?? otherwise;
  }
  const lists = [setOperand(first, item, placeholders), setOperand(second, item, placeholders)];
  if (lists.some(list => !list.L))
    throw invalid('An operand in the update expression has an incorrect data type');
  return { L: lists.flatMap(elements) };
}

function present(operand: Operand, item: Item, placeholders: Placeholders): AttributeValue {
  const value = operandValue(operand, item, placeholders);
  if (!value) throw invalid('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function added(before: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (type === 'N') return numberValue(Number(before?.N ?? 0) + Number(value.N));
  if (!isSet(type) || (before && typeOf(before) !== type))
    throw invalid('An operand in the update expression has an incorrect data type');
  return { [type]: [...new Set([...(before ? elements(before) : []), ...elements(value)])] };
}

function withoutElements(
  before: AttributeValue | undefined,
  value: AttributeValue,
): AttributeValue | undefined {
  const type = typeOf(value);
  if (!isSet(type)) throw invalid('An operand in the update expression has an incorrect data type');
  if (!before) return undefined;
  const left = elements(before).filter(one => !elements(value).includes(one));
  // A set without elements does not exist.
  return left.length ? { [type]: left } : undefined;
}

function assign(item: Record<string, AttributeValue>, path: Path, value: AttributeValue | undefined): void {
  const last = path.at(-1);
  if (last === undefined) throw new Error('a document path names no attribute');
  const parent = valueAt(item, path.slice(0, -1));
  const place = (typeof last === 'number' ? parent?.L : parent?.M) as
    | Record<string | number, AttributeValue>
    | AttributeValue[]
    | undefined;
  if (!place) {
    if (value === undefined) return;
    throw invalid('The document path provided in the update expression is invalid for update');
  }
  if (Array.isArray(place)) {
    if (value === undefined) place.splice(last as number, 1);
    // Beyond the end of a list, a value is appended.
    else place[Math.min(last as number, place.length)] = value;
  } else if (value === undefined) delete place[last];
  else place[last] = value;
}
