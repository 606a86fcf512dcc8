// The tables of docs/mcp-servers.md say what the code says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCommands } from '../../bin/command-line/all-commands';
import { usageMetrics } from '../../core/metrics/usage';
import { matrixServers } from '../servers/matrix/servers';
import { root } from './documents';

const page = readFileSync(join(root, 'docs/mcp-servers.md'), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')));

test('every flag of its own that `npx keyturn run` has, with what its help says', () => {
  const { flags } = allCommands().find(({ name }) => name === 'run')!;
  const shared = ['--config', '--env', '--server', '--key', '--profile', '--region', '--json'];
  const told = flags
    .filter(({ option }) => !shared.includes(option.long!))
    .map(({ option }) => [option.flags, option.description, String(option.defaultValue ?? '')]);
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

test('every server of the matrix, as it was tried', () => {
  const [, table = ''] = page.split('<!-- npm run test:servers -- --matrix -->');
  const tried = [...table.matchAll(/^\| `(\S+)` \| (\S+) \| (npm|PyPI) \| (works|with preload|cannot)/gm)];
  const written = tried.map(([, ...cells]) => cells.slice(0, 3));
  expect(written).toEqual(matrixServers.map(server => [server.package, server.version, server.from]));
  expect(tried.filter(([, , , , result]) => result !== 'cannot').length).toBeGreaterThanOrEqual(12);
});
