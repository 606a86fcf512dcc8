// `keyturn run --local`: a laptop without AWS.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { passphraseReader } from '../../../bin/input/local-values';
import { parseVariable } from '../../../client/doctor/variables';
import { waitingForNetwork } from '../../../client/keys/sources/first-reads';
import { createLocalSource, envFile, keychain } from '../../../client/keys/sources/local-source';
import { KeyturnError } from '../../../core/errors';
import { configFile } from '../../bin/support/cli';
import { enter, sitDown } from '../../bin/support/person';
import { commandScript } from '../../support/command-script';

const clock = { now: () => new Date('2026-11-28T00:00:00Z'), sleep: async () => {} };
const secret = `SG.FAKESECRETFAKESECRET00.${'b'.repeat(43)}`;
const place = { environment: 'dev', server: 'bot' };
const variable = parseVariable('SENDGRID_API_KEY', 'sendgrid', place);
const root = join(__dirname, '../../..');
let folder: string;
let file: string;
const path = process.env.PATH;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-local-'));
  file = join(folder, 'keys.env');
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

function write(text: string, mode = 0o600): void {
  writeFileSync(file, text);
  chmodSync(file, mode);
}
const check = (env: string, ...flags: string[]) =>
  sitDown(
    [
      'run',
      '--check',
      '--env',
      env,
      '--server',
      'bot',
      '--key',
      'SENDGRID_API_KEY=sendgrid',
      ...flags,
      '--',
      'x',
    ],
    {},
    clock,
  );

describe('a file of variables', () => {
  it('gives the keys, in the form that the doctor wants', async () => {
    write(`# for me\nSENDGRID_API_KEY="${secret}"\n`);
    const { code, err } = await check('dev', `--local=${file}`);
    expect({ code, err }).toEqual({ code: 0, err: 'dev/bot: 1 variable, all well\n' });
  });

  it.each([
    [0o644, /can be read or changed by others \(mode 644\); run `chmod 600/],
    [0o660, /mode 660/],
    [0o602, /mode 602/],
  ])('of mode %o is refused', async (mode, reason) => {
    write(`SENDGRID_API_KEY=${secret}\n`, mode);
    const { code, err } = await check('dev', `--local=${file}`);
    expect(code).toBe(3);
    expect(err).toMatch(reason);
    expect(err).not.toContain('FAKESECRET');
  });

  it.each([
    ['OTHER=1\n', /has no line for SENDGRID_API_KEY; add SENDGRID_API_KEY=<value>/],
    ['SENDGRID_API_KEY=your-key\n', /SENDGRID_API_KEY is a placeholder; set it to the key alone/],
  ])('that says %j is told what is wrong', async (text, reason) => {
    write(text);
    const { code, err } = await check('dev', `--local=${file}`);
    expect(code).not.toBe(0);
    expect(err).toMatch(reason);
  });

  it('that is not there is told how to make one', async () => {
    expect((await check('dev', `--local=${file}`)).err).toMatch(
      /there is no file .*; create it with `install -m 600/,
    );
  });

  it('is read again, so that a server is given what was changed in it', async () => {
    write(`SENDGRID_API_KEY=${secret}\n`);
    const source = createLocalSource([variable], envFile(file));
    const { versionId, value } = await source.read(variable.address);
    expect(value).toMatchObject({ secret, provider: 'sendgrid' });
    expect(versionId).not.toContain('FAKESECRET');
    expect(await source.statusOf(variable.address, versionId)).toBe('current');
    write(`SENDGRID_API_KEY=${secret}2\n`);
    expect(await source.statusOf(variable.address, versionId)).toBe('superseded');
  });

  it('starts a server without AWS', () => {
    write(`KEY=FAKESECRET-local\n`);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18' },
    };
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'key' } };
    const flags = ['--env', 'dev', '--server', 'bot', '--key', 'KEY=gitlab', `--local=${file}`];
    const fixture = join(__dirname, 'fixtures/key-server.mjs');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [commandScript(), 'run', ...flags, '--', process.execPath, fixture],
      {
        cwd: root,
        env: { PATH: path },
        input: `${JSON.stringify(initialize)}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n${JSON.stringify(call)}\n`,
        encoding: 'utf8',
      },
    );
    expect(stdout).toContain('FAKESECRET-local');
    expect(stderr).not.toContain('FAKESECRET');
  });
});

describe('in production', () => {
  it.each(['prod', 'prod-eu', 'production', 'live'])('no key comes from elsewhere: %s', async env => {
    write(`SENDGRID_API_KEY=${secret}\n`);
    const { code, err } = await check(env, `--local=${file}`);
    expect(code).toBe(3);
    expect(err).toMatch(/is production, and its keys come from AWS only; leave out --local/);
  });

  it('is what the configuration says', async () => {
    const flags = ['--config', configFile, '--env', 'prod', '--server', 'support-bot', '--local=prompt'];
    expect((await sitDown(['run', '--check', ...flags, '--', 'x'], {}, clock)).code).toBe(3);
  });
});

it('a person is asked, once for each variable', async () => {
  const flags = ['--env', 'dev', '--server', 'bot', '--key', 'SENDGRID_API_KEY=sendgrid', '--local=prompt'];
  const { code, err } = await sitDown(
    ['run', '--check', ...flags, '--', 'x'],
    { types: [secret + enter] },
    clock,
  );
  expect(code).toBe(0);
  expect(err.match(/SENDGRID_API_KEY/g)).toHaveLength(1);
  expect(err).not.toContain('FAKESECRET');
});

describe('a copy of the keys', () => {
  it.each(['dev', 'prod'])('is not kept in %s where no configuration allows it', async env => {
    const { code, err } = await check(env, '--keep-copy=keychain');
    expect(code).toBe(3);
    expect(err).toMatch(
      /the keys of (dev|prod) must not be copied to this machine; leave out --keep-copy, or set laptopCopies/,
    );
  });

  it('needs a passphrase that is long, and in a file that only its owner reads', async () => {
    write('sixteen letters!\n');
    expect(await passphraseReader(file, place)()).toBe('sixteen letters!');
    write('fifteen letters\n');
    await expect(passphraseReader(file, place)()).rejects.toThrow(/is shorter than 16 characters/);
    write('sixteen letters!\n', 0o640);
    await expect(passphraseReader(file, place)()).rejects.toThrow(/run `chmod 600/);
  });
});

describe('the keychain', () => {
  function tool(name: string, script: string): void {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${bin}${delimiter}${path}`;
  }

  it.each([
    ['linux', 'secret-tool', 'lookup service keyturn/dev/sendgrid/bot/main account secret'],
    ['darwin', 'security', 'find-generic-password -s keyturn/dev/sendgrid/bot/main -a secret -w'],
  ] as const)('of %s is asked with %s', async (platform, name, asked) => {
    tool(name, `[ "$*" = "${asked}" ] && echo '${secret}'`);
    expect(await keychain(platform).read(variable)).toBe(secret);
  });

  it('that has no such key is told how to store one', async () => {
    tool('secret-tool', 'exit 1');
    await expect(keychain('linux').read(variable)).rejects.toThrow(
      'the keychain has no SENDGRID_API_KEY; store it with `secret-tool store --label=keyturn/dev/sendgrid/bot/main',
    );
  });

  it('without its tool is told so', async () => {
    process.env.PATH = folder;
    await expect(keychain('linux').read(variable)).rejects.toThrow(
      'there is no command secret-tool; install it',
    );
    expect(() => keychain('win32')).toThrow('use --local=<file>');
  });
});

describe('while the network comes up', () => {
  const unreachable = new KeyturnError('no-answer', 'AWS gave no answer', {
    cause: Object.assign(new Error('connect'), { endpoint: 'https://aws.example' }),
  });
  function waiting(...answers: (Error | string)[]) {
    let time = 0;
    const said: string[] = [];
    const source = waitingForNetwork(
      {
        read: async () => {
          const answer = answers.shift() ?? unreachable;
          if (answer instanceof Error) throw answer;
          return { versionId: answer } as never;
        },
      } as never,
      {
        forMs: 30_000,
        say: text => said.push(text),
        now: () => time,
        sleep: async ms => {
          time += ms;
        },
      },
    );
    return { read: () => source.read(variable.address), said, time: () => time };
  }

  it('the first read of a key waits, and says so once', async () => {
    const { read, said } = waiting(unreachable, unreachable, 'v1');
    expect((await read()).versionId).toBe('v1');
    expect(said).toEqual(['AWS gave no answer (retrying for 30 seconds)']);
  });

  it('it waits no longer than a server may take to start', async () => {
    const { read, time } = waiting();
    await expect(read()).rejects.toBe(unreachable);
    expect(time()).toBeLessThanOrEqual(30_000);
    expect(time()).toBeGreaterThan(25_000);
  });

  it('an answer of AWS is an answer', async () => {
    const denied = new KeyturnError('refused', 'not allowed');
    await expect(waiting(denied, 'v1').read()).rejects.toBe(denied);
  });
});
