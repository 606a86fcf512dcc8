// Keys that somebody pasted into the configuration: they would stand in the repository, and in templates.
import type { AnyKeysInput } from '../config';
import { holdsKey } from '../problems/likely-secrets';
import type { Mistake, Path } from '../problems/problem';

export function pastedKeys(input: AnyKeysInput): Mistake[] {
  return keysIn(asData(input), []);
}

/** Without what is code: it is no place for keys either, and its reviewers see to that. */
function asData(input: AnyKeysInput): unknown {
  if (typeof input?.connectors !== 'object') return input;
  const apis = Object.entries(input.connectors).filter(([, own]) => 'httpApi' in Object(own));
  return { ...input, connectors: Object.fromEntries(apis) };
}

function keysIn(written: unknown, path: Path): Mistake[] {
  const place = `keys${path.map(step => `.${String(step)}`).join('')}`;
  const text =
    'holds what looks like a key; take it out, revoke it at its provider, and let Keyturn issue a new one';
  if (typeof written === 'string') return holdsKey(written) ? [{ place, text, paths: [path] }] : [];
  if (typeof written !== 'object' || written === null || path.length > deepest) return [];
  return Object.entries(written).flatMap(([name, value]) => [
    ...(holdsKey(name) ? [{ place, text: `a name in it ${text}`, paths: [[...path, name], path] }] : []),
    ...keysIn(value, [...path, name]),
  ]);
}

/** Steps from the whole to the value of a setting; what goes on behind that is no configuration. */
const deepest = 12;
