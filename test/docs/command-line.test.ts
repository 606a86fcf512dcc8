// docs/command-line.md says what the code says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode } from '../../bin/terminal/exit-code';
import { root } from './documents';

test('the table of exit codes is whole', () => {
  const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
  const codes = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(exitCode).toSorted((a, b) => a - b));
});
