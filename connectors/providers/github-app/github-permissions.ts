// Permissions of a GitHub App as scopes, `contents:read` and the like, and back.
import { KeyturnError } from '../../../core/errors';

const levels = ['read', 'write', 'admin'];

/** Where a permission is named twice, the wider level holds. @throws {KeyturnError} refused, where a scope is no permission */
export function permissionsOf(scopes: string[]): Record<string, string> {
  const at = (level: string) => scopes.filter(scope => scope.endsWith(`:${level}`));
  const known = levels.flatMap(at).filter(scope => scope.split(':').length === 2);
  const wrong = scopes.filter(scope => !known.includes(scope));
  if (wrong.length) {
    throw new KeyturnError(
      'refused',
      `[${wrong}] are no permissions of a GitHub App; write them in config/keys.ts as contents:read or issues:write`,
    );
  }
  return Object.fromEntries(known.map(scope => scope.split(':')));
}

/** What was granted, without the right to read metadata that GitHub adds to every token. */
export function scopesOf(permissions: Record<string, string>, asked: string[]): string[] {
  const granted = Object.entries(permissions).map(([name, level]) => `${name}:${level}`);
  return granted.filter(scope => scope !== 'metadata:read' || asked.includes(scope));
}
