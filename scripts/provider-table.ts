// Writes the table of providers into README.md, as `keyturn providers --markdown` prints it; with --sizes, prints how long connectors are.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printSizes } from './connector-sizes';

if (process.argv.includes('--sizes')) printSizes();
else writeTable();

function writeTable(): void {
  const root = join(__dirname, '..');
  const file = join(root, 'README.md');
  const command = ['--import', 'tsx', 'bin/keyturn.ts', 'providers', '--markdown'];
  const table = execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  const text = readFileSync(file, 'utf8');
  const written = text.replace(/(?<=<!-- npm run providers -->\n\n)(\|.*\n)*/, () => table);
  if (!written.includes(table))
    throw new Error('README.md has no line <!-- npm run providers -->; add it where the table belongs');
  writeFileSync(file, written);
}
