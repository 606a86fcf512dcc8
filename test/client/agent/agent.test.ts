// `keyturn agent`: files and programs whose keys change, with real processes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type OnChange, runAgent } from '../../../client/agent/agent';
import { parseVariable } from '../../../client/doctor/variables';
import type { KeySource } from '../../../client/keys/sources/key-source';
import { until } from '../run/processes';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Says what it got, and says it again where it is told to. Ends by SIGTERM, and where its file says so. */
const program = `
const { readFileSync } = require('node:fs');
const file = process.argv[1];
const read = () => { try { return readFileSync(file, 'utf8'); } catch { return 'none'; } };
process.on('SIGHUP', () => console.log('again ' + read()));
process.on('SIGTERM', () => process.exit(5));
console.log('started ' + (process.env.KEY ?? 'without') + ' ' + read());
console.error('my key is ' + read());
setInterval(() => {}, 1000);
`;

function openAgent(key: string, onChange: (path: string) => OnChange, once = false) {
  const world = { key, version: 1, isAway: false, said: [] as string[], out: '', errors: '' };
  const path = join(folder, 'token');
  const address = { environment: 'prod', provider: 'gitlab', server: 'support-bot', purpose: 'main' };
  const source: KeySource = {
    async read() {
      if (world.isAway) throw new Error('AWS is away');
      const value = { secret: world.key, keyId: 'k', provider: 'gitlab', issuedAt: '2026-11-29T00:00:00Z' };
      return { versionId: String(world.version), value };
    },
    statusOf: async (_address, version) => (version === String(world.version) ? 'current' : 'superseded'),
    givesTokens: async () => false,
    reject() {},
  };
  const [output, errors] = [new PassThrough(), new PassThrough()];
  output.on('data', chunk => {
    world.out += String(chunk);
  });
  errors.on('data', chunk => {
    world.errors += String(chunk);
  });
  const ended = runAgent({
    variables: [parseVariable('KEY', 'gitlab', { environment: 'prod', server: 'support-bot' })],
    ...{ source, output, errors, once },
    env: { PATH: process.env.PATH, AWS_SECRET_ACCESS_KEY: 'not-for-programs' },
    passesAws: false,
    files: [{ path, template: '{{KEY}}' }],
    onChange: onChange(path),
    pollMs: 20,
    stopMs: 2_000,
    say: text => world.said.push(text),
  });
  return {
    ...{ world, path, ended, address },
    rotate(next: string) {
      world.key = next;
      world.version++;
    },
    end: () => process.emit('SIGTERM', 'SIGTERM'),
  };
}

const command = (path: string) => [process.execPath, '-e', program, path];

it('writes the files once and ends', async () => {
  const { ended, path } = openAgent('FAKESECRET-one', () => ({ kind: 'nothing' }), true);
  expect(await ended).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('FAKESECRET-one');
});

it('writes the files again when keys change, and ends by SIGTERM', async () => {
  const { ended, path, rotate, end, world } = openAgent('FAKESECRET-one', () => ({ kind: 'nothing' }));
  await until(() => existsSync(path));
  rotate('FAKESECRET-two');
  await until(() => readFileSync(path, 'utf8') === 'FAKESECRET-two');
  await until(() => world.said.length > 0);
  end();
  expect(await ended).toBe(0);
  expect(world.said).toEqual([`${path}: written with the new keys.`]);
});

it('sends a signal to its program, which has its keys in files alone, and redacts the new key, too', async () => {
  const { world, ended, rotate, end } = openAgent('FAKESECRET-one', path => ({
    kind: 'signal',
    name: 'SIGHUP',
    program: command(path),
  }));
  await until(() => world.out.includes('started'));
  expect(world.out).toBe('started without [key]\n');
  rotate('FAKESECRET-two');
  await until(() => world.out.includes('again'));
  end();
  expect(await ended).toBe(5);
  expect(world.out).toBe('started without [key]\nagain [key]\n');
  expect(world.errors).toBe('my key is [key]\n');
});

it('starts its program again with the new keys in variables', async () => {
  const { world, ended, rotate, end } = openAgent('FAKESECRET-one', path => ({
    kind: 'restart',
    program: command(path),
  }));
  await until(() => world.out.includes('started'));
  rotate('FAKESECRET-two');
  await until(() => world.out.split('started').length === 3);
  end();
  expect(await ended).toBe(5);
  expect(world.out).toBe('started [key] [key]\nstarted [key] [key]\n');
  expect(world.said.at(-1)).toMatch(
    /^the program was started again with its new keys, \d+ ms after it was told to end\.$/,
  );
});

it('ends as its program does', async () => {
  const { ended } = openAgent('FAKESECRET-one', () => ({
    kind: 'restart',
    program: [process.execPath, '-e', 'process.exit(7)'],
  }));
  expect(await ended).toBe(7);
});

it('runs a line in a shell, with no key and no AWS credentials in its environment, until it succeeds', async () => {
  const seen = join(folder, 'seen');
  const line = `env >> '${seen}'; [ -e '${join(folder, 'may')}' ]`;
  const { world, ended, rotate, end } = openAgent('FAKESECRET-one', () => ({ kind: 'command', line }));
  await until(() => existsSync(join(folder, 'token')));
  rotate('FAKESECRET-two');
  await until(() => world.said.some(text => text.includes('exited with code 1. It is tried again.')));
  writeFileSync(join(folder, 'may'), '');
  const failures = () => world.said.filter(text => text.includes('tried again')).length;
  let before = -1;
  await until(async () => {
    const settled = before === failures();
    before = failures();
    await new Promise(resolve => setTimeout(resolve, 200));
    return settled;
  });
  end();
  expect(await ended).toBe(0);
  const env = readFileSync(seen, 'utf8');
  expect(env).toContain('PATH=');
  expect(env).not.toMatch(/FAKESECRET|AWS_/);
});

it('starts nothing and says why where the keys cannot be had', async () => {
  const away = openAgent('', () => ({ kind: 'restart', program: ['never-started'] }));
  await expect(away.ended).rejects.toThrow('prod/gitlab/support-bot, as stored, is empty');
});
