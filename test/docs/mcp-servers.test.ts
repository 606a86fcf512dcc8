// The tables of docs/mcp-servers.md say what the code says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../bin/program';
import { usageMetrics } from '../../core/metrics/usage';
import { root } from './documents';

const page = readFileSync(join(root, 'docs/mcp-servers.md'), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')));

test('every flag of its own that `keyturn run` has, with what its help says', async () => {
  let help = '';
  const say = (text: string) => {
    help += text;
  };
  const terminal = { out: say, err: say } as never;
  await runProgram(['run', '--help'], { terminal, clock: { now: () => new Date(0), sleep: async () => {} } });
  const [, options = ''] = /Options:\n([\s\S]*)/.exec(help)!;
  const shared = ['--config', '--env', '--server', '--key', '--help'];
  const lines = options.replace(/\n {6,}/g, ' ');
  const told = [...lines.matchAll(/^ +(?:-\w, )?(--[\w-]+(?: <\w+>)?) +(.*?)(?: \(default: "(.*)"\))?$/gm)]
    .map(([, flag, text, given = '']) => [flag, text, given])
    .filter(([flag]) => !shared.includes(flag!.split(' ')[0]!));
  const written = rows
    .filter(([, first]) => first!.startsWith('--'))
    .map(([, ...cells]) => cells.slice(0, 3));
  expect(written).toEqual(told);
  expect(told.length).toBeGreaterThan(5);
});

test('every metric', () => {
  const written = rows.filter(([, first]) => /^[A-Z]/.test(first!)).map(([, first]) => first);
  expect(written).toEqual(Object.values(usageMetrics));
});
