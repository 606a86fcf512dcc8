import { NotModelled } from '../wire/aws-error';
import type { Item } from './attribute-value';
import { parseProjection } from './expression-parser';
import type { Placeholders } from './placeholders';

/** @returns what takes the asked attributes out of an item */
export function projection(
  expression: string | undefined,
  placeholders: Placeholders,
): (whole: Item) => Item {
  if (!expression) return whole => whole;
  const paths = parseProjection(expression).map(placeholders.path);
  if (paths.some(path => path.length > 1)) {
    throw new NotModelled(`the projection "${expression}" asks for nested attributes, which is not modelled`);
  }
  const names = paths.map(([name]) => String(name));
  return whole => Object.fromEntries(names.flatMap(name => (whole[name] ? [[name, whole[name]]] : [])));
}
