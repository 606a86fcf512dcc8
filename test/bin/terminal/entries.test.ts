// Every program of the repository reads its flags alike: a wrong one ends it at once, with words and no stack.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endQuietly } from '../../../bin/terminal/terminal';

const root = join(__dirname, '../../..');
const run = (file: string, args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 600_000,
  });

const wrong: [file: string, args: string[], says: string][] = [
  [
    'rehearsal/main.ts',
    ['--days', 'abc'],
    "option '--days <number>' argument 'abc' is invalid. Use a whole number from 1 to 3660.",
  ],
  ['rehearsal/main.ts', ['--days', '0'], 'Use a whole number from 1 to 3660.'],
  ['rehearsal/main.ts', ['--days=-1'], 'Use a whole number from 1 to 3660.'],
  [
    'rehearsal/main.ts',
    ['--page', 'package.json/in/page.html'],
    'package.json/in/page.html cannot be written (ENOTDIR); name another file after --page',
  ],
  ['rehearsal/main.ts', ['--keys', '1e9'], 'Use a whole number from 1 to 10000.'],
  [
    'rehearsal/main.ts',
    ['--scenario', 'gone'],
    "argument 'gone' is invalid. Allowed choices are quarter, leak,",
  ],
  ['rehearsal/main.ts', ['--scenari', 'leak'], "unknown option '--scenari'"],
  ['rehearsal/main.ts', ['leak'], 'too many arguments'],
  ['rehearsal/main.ts', ['--config', 'gone.ts'], 'gone.ts does not exist; run this where it does'],
  ['test/faults/main.ts', ['--seed', 'abc'], 'Use a whole number from 0 to 4294967295.'],
  ['test/faults/main.ts', ['--gone'], "unknown option '--gone'"],
  ['test/attacks/main.ts', ['--only', 'gone'], 'there is no attack "gone"; use one of '],
  [
    'bench/main.ts',
    ['--only', 'gone'],
    "argument 'gone' is invalid. Allowed choices are bundle, load, synth,",
  ],
  ['test/servers/main.ts', ['--rotations', 'abc'], 'Use a whole number from 1 to 1000.'],
];

test.each(wrong)('%s ends at once, in words, where it gets %j', (file, args, says) => {
  const { status, stdout, stderr } = run(file, [...args, '--json']);
  expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(JSON.parse(stdout).error).toMatchObject({ message: expect.stringContaining(says) });
});

test('a program of the repository has a help', () => {
  expect(run('rehearsal/main.ts', ['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Usage: npm start -- [options]'),
  });
});

const readers: [file: string, args: string[]][] = [
  ['bin/keyturn.ts', ['--help']],
  ['bin/keyturn.ts', ['plan']],
  ['bin/keyturn.ts', ['plan', '--json']],
  ['bin/keyturn.ts', ['gone']],
  ['rehearsal/main.ts', ['--help']],
  ['rehearsal/main.ts', ['--gone']],
];

test.each(readers)('nobody reads what %s %j says, and it ends as it would have', async (file, args) => {
  const expected = run(file, args).status;
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root });
  let said = '';
  child.stdout.destroy();
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const [code] = await once(child, 'exit');
  expect([code, said.includes('EPIPE')]).toEqual([expected, false]);
});

describe('npm start is a process of its own, which', () => {
  const start = (...args: string[]) =>
    spawn(process.execPath, ['rehearsal/start.mjs', ...args], { cwd: root });

  test('ends with the code of the rehearsal', async () => {
    const [code] = await once(start('--gone'), 'exit');
    expect(code).toBe(2);
  });

  test('takes the rehearsal with it', async () => {
    const child = start('--days', '3');
    let said = '';
    child.stdout.on('data', chunk => {
      said += chunk;
    });
    await once(child.stdout, 'data');
    child.kill();
    // Of the outputs, which both have: open for as long as either is there.
    await once(child, 'close');
    expect(said).not.toContain('The page: ');
  });
});

test('errors of an output that are no end of its reader are thrown', () => {
  let told: (error: Error) => void = () => {};
  const ends: string[] = [];
  endQuietly({ on: (_, listener) => (told = listener) }, () => ends.push('ended'));
  told(Object.assign(new Error(), { code: 'EPIPE' }));
  expect(ends).toEqual(['ended']);
  expect(() => told(Object.assign(new Error('disk is full'), { code: 'ENOSPC' }))).toThrow('disk is full');
});
