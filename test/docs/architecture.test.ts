// docs/architecture.md lists every room of the code: the folders at the root, and the folders in those that hold sources; of three, those in them, too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents';

const inside = [
  ...['bin', 'client', 'connectors', 'core', 'lambda', 'lib', 'packages', 'rehearsal'],
  ...[
    'bin/aws',
    'client/broker',
    'client/keys',
    'client/run',
    'core/incident',
    'core/notices',
    'lambda/aws',
    'lambda/aws/audit',
  ],
  ...['lib/config', 'rehearsal/scenarios', 'rehearsal/world'],
];

test('every room has one line, and every line is a room', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([\w/-]+)\/` \| (.+) \|$/gm)].map(([, room]) => room);
  expect(listed.sort()).toEqual(['', ...inside].flatMap(foldersOf).sort());
});

function foldersOf(folder: string): string[] {
  const made = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && !made.includes(`${entry.name}/`))
    .map(entry => join(folder, entry.name));
}
