// The #names and :values of a request: looked up as expressions use them, and none may be left over.
import { AwsError } from '../wire/aws-error';
import type { AttributeValue } from './attribute-value';
import type { Path } from './expression-parser';

export interface Placeholders {
  path(path: Path): Path;
  value(name: string): AttributeValue;
  /** @throws {AwsError} ValidationException, where something given was not used */
  checkAllUsed(words?: string): void;
}

export function createPlaceholders(
  names: Record<string, string> = {},
  values: Record<string, AttributeValue> = {},
): Placeholders {
  const used = new Set<string>();

  function look<Kept>(kept: Record<string, Kept>, name: string, what: string): Kept {
    const found = kept[name];
    if (found === undefined)
      throw invalid(
        `An expression attribute ${what} used in expression is not defined; attribute ${what}: ${name}`,
      );
    used.add(name);
    return found;
  }

  return {
    path: path =>
      path.map(step => (typeof step === 'string' && step.startsWith('#') ? look(names, step, 'name') : step)),
    value: name => look(values, name, 'value'),
    checkAllUsed(words = '') {
      for (const [parameter, given] of [
        ['ExpressionAttributeNames', names],
        ['ExpressionAttributeValues', values],
      ] as const) {
        const left = Object.keys(given).filter(name => !used.has(name));
        if (left.length)
          throw invalid(
            `${words}Value provided in ${parameter} unused in expressions: keys: {${left.join(', ')}}`,
          );
      }
    },
  };
}

export function valueAt(
  item: Readonly<Record<string, AttributeValue>>,
  path: Path,
): AttributeValue | undefined {
  return path.reduce<AttributeValue | undefined>(
    (place, step) => {
      if (typeof step === 'number') return (place?.L as AttributeValue[] | undefined)?.[step];
      return (place?.M as Record<string, AttributeValue> | undefined)?.[step];
    },
    { M: item },
  );
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
