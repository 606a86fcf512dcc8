// On Windows `npx` is the script `npx.cmd`, which Node starts through a shell only: how a command is found there, and told to it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Parsed {
  command: string;
  args: string[];
  options: { windowsVerbatimArguments?: boolean };
}

const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
const folder = mkdtempSync(join(tmpdir(), 'keyturn-windows-'));
beforeAll(() => {
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  for (const file of ['npx.CMD', 'uvx.EXE']) writeFileSync(join(folder, file), '');
});
afterAll(() => {
  Object.defineProperty(process, 'platform', platform);
  rmSync(folder, { recursive: true });
});

function resolve(command: string, args: string[]): Parsed {
  const env = { PATH: folder, PATHEXT: '.EXE;.CMD' };
  let parsed: Parsed | undefined;
  jest.isolateModules(() => {
    const { _parse } = require('cross-spawn') as { _parse(...all: unknown[]): Parsed };
    parsed = _parse(command, args, { env });
  });
  return parsed!;
}

it('starts a script through the command interpreter, with every argument in one piece', () => {
  const { command, args, options } = resolve('npx', ['-y', 'some server', 'a"b&c']);
  expect(command).toBe(process.env.comspec ?? 'cmd.exe');
  expect(args.slice(0, 3)).toEqual(['/d', '/s', '/c']);
  expect(args[3]).toContain('npx');
  expect(args[3]).toContain('^"some^ server^"');
  // What ends a command there is told to be text.
  expect(args[3]).not.toMatch(/[^^]&/);
  expect(options.windowsVerbatimArguments).toBe(true);
});

it('starts a program itself', () => {
  expect(resolve('uvx', ['some-server'])).toMatchObject({ command: 'uvx', args: ['some-server'] });
});
