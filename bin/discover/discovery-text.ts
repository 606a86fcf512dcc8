// What `keyturn discover` says to people.
import { providers } from '../../lib/config/providers';
import type { FileSeen } from '../hosts/read-hosts';
import { count, table } from '../terminal/table';
import type { FoundKey } from './proposal';

/** @param width of the terminal, in columns */
export function foundText(keys: readonly FoundKey[], width: number): string {
  if (!keys.length) return 'No key was found that a connector knows.\n';
  const rows = keys.map(({ provider, keyId, lastUsedAt, places }) => [
    providers[provider].title,
    keyId ?? 'not told',
    lastUsedAt?.slice(0, 10) ?? 'not told',
    places.join('; '),
  ]);
  return `${count(keys.length, 'key')} found:\n${table(['provider', 'key id', 'last used', 'where'], rows, width)}`;
}

export function filesText(files: readonly FileSeen[]): string {
  const there = files.filter(({ state }) => state !== 'absent');
  const read = there
    .filter(({ state }) => state !== 'unread')
    .map(({ file, host }) => `  ${file} (${host})\n`);
  const problems = there.flatMap(({ problem }) => (problem === undefined ? [] : [`  ${problem}\n`]));
  const absent = files.length - there.length;
  return [
    `${count(read.length, 'file')} of MCP hosts read, ${absent} others looked for and absent${read.length ? ':' : '.'}\n`,
    ...read,
    ...(problems.length ? ['Files with problems:\n', ...problems] : []),
  ].join('');
}

/** Nothing where there are no lines. */
export function listText(title: string, lines: readonly string[]): string {
  return lines.length ? `${title}:\n${lines.map(line => `  ${line}\n`).join('')}` : '';
}
