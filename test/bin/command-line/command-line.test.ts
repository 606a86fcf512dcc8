// What every command shows of itself, and what a shell completes: from the table of commands alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allCommands } from '../../../bin/command-line/all-commands';
import { candidates } from '../../../bin/command-line/candidates';
import { commandsOf, faultOf } from '../../docs/shell';
import { configFile } from '../support/cli';
import { sitDown } from '../support/person';

const clock = { now: () => new Date(), sleep: async () => {} };
const shown = allCommands().filter(({ isHidden, passesOn }) => !isHidden && !passesOn);

describe.each(shown)('keyturn $name', ({ name, examples, flags }) => {
  test('has examples, and their commands and flags exist', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const [line] of examples) {
      for (const command of commandsOf(line))
        expect([command, await faultOf(command)]).toEqual([command, undefined]);
      expect(line).toContain(`keyturn ${name}`);
    }
    const { out, code } = await sitDown([...name.split(' '), '--help'], {}, clock);
    expect(code).toBe(0);
    for (const [line, purpose] of examples) expect(out).toContain(`  # ${purpose}\n  $ ${line}\n`);
  });

  test('takes --json', () => {
    // They stay up, and tell what happens as it does.
    if (name === 'sandbox start' || name === 'broker') return;
    expect(flags.map(({ option }) => option.long)).toContain('--json');
  });

  test('breaks no word of its help at 80 columns', async () => {
    const { out } = await sitDown([...name.split(' '), '--help'], {}, clock);
    expect(out).not.toContain('[]');
    const long = out.split('\n').filter(line => line.length > 80 && !/^ {2}[#$] /.test(line));
    // Usage lines hold one word for each argument.
    expect(long.filter(line => !line.startsWith('Usage:'))).toEqual([]);
  });
});

describe('completion proposes', () => {
  const words = async (...typed: string[]) => (await candidates(typed)).map(({ word }) => word);
  const config = ['--config', configFile];

  test('commands and their parts', async () => {
    expect(await words('rot')).toEqual(['rotate']);
    expect(await words('')).toEqual(expect.arrayContaining(['status', 'issuer', 'incidents', 'completion']));
    expect(await words('')).not.toContain('complete');
    expect(await words('issuer', '')).toEqual(['set', 'status']);
    expect(await words('incidents', '')).toContain('show');
  });

  test('flags, each once', async () => {
    expect(await words('rotate', '--un')).toEqual(['--unstick']);
    expect(await words('rotate', '--unstick', '--un')).toEqual([]);
  });

  test('environments, servers, providers, teams and keys of the configuration', async () => {
    expect(await words('status', ...config, '--env', '')).toEqual(['prod', 'staging']);
    expect(await words('status', ...config, '--env', 'prod', '--server', '')).toEqual([
      'support-bot',
      'people-bot',
    ]);
    expect(await words('status', ...config, '--env', 'staging', '--server', '')).toEqual(['support-bot']);
    expect(await words('status', ...config, '--team', 's')).toEqual(['support']);
    expect(await words('issuer', 'set', ...config, 'se')).toEqual(['sendgrid', 'self-issued']);
    expect(await words('rotate', ...config, 'prod/s')).toEqual([
      'prod/sendgrid/support-bot',
      'prod/self-issued/support-bot/clients',
    ]);
    expect(await words('status', ...config, '--region', '')).toEqual(['eu-west-1']);
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('nothing behind --, and nothing where the configuration cannot be read', async () => {
    expect(await words('run', '--', '')).toEqual([]);
    expect(await words('rotate', '--config', 'gone.ts', '')).toEqual([]);
  });

  test('profiles', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-profiles-'));
    writeFileSync(join(folder, 'config'), '[default]\nregion = x\n[profile prod-admin]\n[sso-session y]\n');
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    });
    try {
      expect(await words('whoami', '--profile', '')).toEqual(['default', 'prod-admin']);
    } finally {
      process.env = before;
      rmSync(folder, { recursive: true });
    }
  });

  const script = async (shell: string) => (await sitDown(['completion', shell], {}, clock)).out;
  const inShell = (program: string, args: string[]) =>
    spawnSync(program, args, { encoding: 'utf8', timeout: 600_000 });
  const isThere = (program: string) => inShell(program, ['-c', 'exit 0']).status === 0;
  /** Answers as the program would, and notes what it was asked. */
  const stub = "keyturn() { printf 'prod/sendgrid/a\\tone: key\\nprod/openai/b\\t\\n'; }";

  test('bash takes its script', async () => {
    const asked = `${stub}\n${await script('bash')}\ntype() { return 0; }\nCOMP_WORDS=(keyturn rotate prod/); COMP_CWORD=2; _keyturn; printf '%s|' "\${COMPREPLY[@]}"`;
    expect(inShell('bash', ['-c', asked]).stdout).toBe('prod/sendgrid/a|prod/openai/b|');
  });

  (isThere('zsh') ? test : test.skip)('zsh takes its script', async () => {
    const asked = `${stub}\ncompdef() { }\n_describe() { shift; printf '%s|' "\${(@P)1}"; }\n${await script('zsh')}\nwhence() { return 0; }\nwords=(keyturn rotate prod/); CURRENT=3; _keyturn`;
    expect(inShell('zsh', ['-fc', asked]).stdout).toBe('prod/sendgrid/a:one: key|prod/openai/b:|');
  });

  (isThere('fish') ? test : test.skip)('fish takes its script', async () => {
    const functionOf =
      "function keyturn; printf 'prod/sendgrid/a\\tone: key\\n'; end; function type; return 0; end";
    const asked = `${functionOf}\n${await script('fish')}\ncomplete -C 'keyturn rotate prod/'`;
    expect(inShell('fish', ['-c', asked]).stdout).toBe('prod/sendgrid/a\tone: key\n');
  });

  test('there is none for another shell', async () => {
    const { code, err } = await sitDown(['completion', 'tcsh'], {}, clock);
    expect([code, err]).toEqual([2, expect.stringContaining('use one of bash, zsh, fish')]);
  });
});
