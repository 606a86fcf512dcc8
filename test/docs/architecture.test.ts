// docs/architecture.md lists every room of the code: the folders at the root, and the folders in those that hold sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents';

const inside = ['bin', 'client', 'connectors', 'core', 'lambda', 'lib', 'packages', 'rehearsal'];

test('every room has one line, and every line is a room', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([\w/-]+)\/` \| (.+) \|$/gm)].map(([, room]) => room);
  const rooms = foldersOf('').flatMap(room => [room, ...(inside.includes(room) ? foldersOf(room) : [])]);
  expect(listed.sort()).toEqual(rooms.sort());
});

function foldersOf(folder: string): string[] {
  const made = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && !made.includes(`${entry.name}/`))
    .map(entry => join(folder, entry.name));
}
