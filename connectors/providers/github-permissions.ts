// Permissions of a GitHub App as scopes, `contents:read` and the like, and back.
import { KeyturnError } from '../../core/errors';

const levels = ['read', 'write', 'admin'];

/** Where a permission is named twice, the wider level holds. @throws {KeyturnError} refused, where a scope is no permission */
export function permissionsOf(scopes: string[]): Record<string, string> {
  const pairs = scopes.map(scope => scope.split(':') as [string, string]);
  const wrong = scopes.filter((_, i) => pairs[i]!.length !== 2 || !levels.includes(pairs[i]![1]));
  if (wrong.length) {
    throw new KeyturnError(
      'refused',
      `[${wrong}] are no permissions of a GitHub App; write them in config/keys.ts as contents:read or issues:write`,
    );
  }
  return Object.fromEntries(pairs.sort(([, one], [, other]) => levels.indexOf(one) - levels.indexOf(other)));
}

/** What was granted, without the right to read metadata that GitHub adds to every token. */
export function scopesOf(permissions: Record<string, string>, asked: string[]): string[] {
  const granted = Object.entries(permissions).map(([name, level]) => `${name}:${level}`);
  return granted.filter(scope => scope !== 'metadata:read' || asked.includes(scope));
}
