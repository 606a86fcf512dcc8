// Whether an item meets a condition. What compares unlike or absent values does not hold.
import {
  type AttributeValue,
  compare,
  contains,
  type Item,
  isEqual,
  numberValue,
  sizeOf,
  typeOf,
} from './attribute-value';
import type { ConditionExpression, Operand } from './expression-parser';
import { invalid, type Placeholders, valueAt } from './placeholders';

export function holds(condition: ConditionExpression, item: Item, placeholders: Placeholders): boolean {
  const value = (operand: Operand) => operandValue(operand, item, placeholders);
  switch (condition.kind) {
    case 'and': {
      // Both sides are worked out: placeholders count as used, whichever side decides.
      const [left, right] = [
        holds(condition.left, item, placeholders),
        holds(condition.right, item, placeholders),
      ];
      return left && right;
    }
    case 'or': {
      const [left, right] = [
        holds(condition.left, item, placeholders),
        holds(condition.right, item, placeholders),
      ];
      return left || right;
    }
    case 'not':
      return !holds(condition.of, item, placeholders);
    case 'comparison':
      return compares(condition.operator, value(condition.left), value(condition.right));
    case 'between': {
      const [of, low, high] = [value(condition.of), value(condition.low), value(condition.high)];
      return compares('>=', of, low) && compares('<=', of, high);
    }
    case 'in': {
      const of = value(condition.of);
      return condition.list.map(value).some(one => compares('=', of, one));
    }
    case 'test':
      return test(condition.name, condition.args.map(value));
  }
}

export function operandValue(
  operand: Operand,
  item: Item,
  placeholders: Placeholders,
): AttributeValue | undefined {
  if (operand.kind === 'value') return placeholders.value(operand.name);
  if (operand.kind === 'path') return valueAt(item, placeholders.path(operand.path));
  if (operand.name !== 'size') throw invalid(`Invalid function name; function: ${operand.name}`);
  const [of] = operand.args.map(argument => operandValue(argument, item, placeholders));
  const size = of && sizeOf(of);
  return size === undefined ? undefined : numberValue(size);
}

function compares(
  operator: string,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  // `<>` with an absent attribute holds: there is something else than that value, namely nothing.
  if (!left || !right) return operator === '<>' && Boolean(left) !== Boolean(right);
  if (operator === '=') return isEqual(left, right);
  if (operator === '<>') return !isEqual(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator] ?? false;
}

function test(name: string, [of, operand]: (AttributeValue | undefined)[]): boolean {
  switch (name) {
    case 'attribute_exists':
      return of !== undefined;
    case 'attribute_not_exists':
      return of === undefined;
    case 'attribute_type':
      return of !== undefined && typeOf(of) === operand?.S;
    case 'begins_with':
      return typeof of?.S === 'string' && typeof operand?.S === 'string' && of.S.startsWith(operand.S);
    case 'contains':
      return of !== undefined && operand !== undefined && contains(of, operand);
    default:
      throw invalid(`Invalid function name; function: ${name}`);
  }
}
