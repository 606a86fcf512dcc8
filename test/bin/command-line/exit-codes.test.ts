// One table of exit codes: the same failure ends every command with the same code, in words and as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allCommands } from '../../../bin/command-line/all-commands';
import { type Cli, configFile, openCli } from '../support/cli';

let cli: Cli;
let folder: string;
const environment = { ...process.env };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-exit-codes-'));
  writeFileSync(join(folder, 'broken.ts'), 'export const keys = { environments: {}, servers: ;\n');
  writeFileSync(
    join(folder, 'wrong.ts'),
    'export const keys = { environments: { prod: {} }, servers: {} };\n',
  );
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => {
  process.env.AWS_ACCESS_KEY_ID = 'platform-admin';
  process.env.AWS_SECRET_ACCESS_KEY = 'not-checked';
  cli.hooks.decide = () => ({ allowed: true });
  cli.hooks.intercept = () => undefined;
});
afterAll(async () => {
  process.env = environment;
  rmSync(folder, { recursive: true });
  await cli.close();
});

const name = 'prod/sendgrid/support-bot';
const lines: Record<string, string[]> = {
  init: ['init'],
  whoami: ['whoami'],
  providers: ['providers'],
  plan: ['plan'],
  'issuer set': ['issuer', 'set', 'sendgrid'],
  'issuer status': ['issuer', 'status'],
  issue: ['issue'],
  adopt: ['adopt', name],
  status: ['status'],
  rotate: ['rotate', name],
  rollback: ['rollback', name],
  end: ['end', name],
  grants: ['grants'],
  check: ['check'],
  revoke: ['revoke', name],
  incidents: ['incidents'],
  'incidents show': ['incidents', 'show', '20270112T031407Z-1a2b3c4d'],
  why: ['why'],
  proof: ['proof', '--delays'],
  silence: ['silence', name, '--reason', 'a load test'],
  'test-alarm': ['test-alarm', name],
  doctor: ['doctor', '--server', 'support-bot'],
  run: ['run', '--check', '--server', 'support-bot'],
  audit: ['audit'],
  report: ['report'],
  discover: ['discover'],
  mcp: ['mcp', '--policy'],
  'connector new': ['connector', 'new', 'acme'],
  completion: ['completion', 'bash'],
};
const server = ['--', 'true'];
/** Those that ask AWS nothing. */
const local = ['init', 'providers', 'connector new', 'plan', 'grants', 'mcp', 'completion'];
/** Those that work in one environment. */
const placed = Object.keys(lines).filter(
  command => !['init', 'whoami', 'providers', 'connector new', 'completion'].includes(command),
);
const remote = Object.keys(lines).filter(command => !local.includes(command));
const inProd = remote.filter(command => command !== 'whoami');

test('every command is in the table', () => {
  // What is asked of a sandbox is asked of no account: see sandbox.test.ts. Reports of leaks are refused where nobody asked for them.
  // An agent ends as its program does, and a broker stays up: see test/client. This account has no federation and no delivery: see
  // federation-disable.test.ts and deliver.test.ts.
  const all = allCommands().filter(
    ({ name, isHidden, passesOn }) =>
      !isHidden && !passesOn && !/^(sandbox |leaked|agent$|broker$|federation |deliver$)/.test(name),
  );
  expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(lines).sort());
});

interface Failure {
  commands: string[];
  code: number;
  /** Of the JSON document. */
  errorCode: string;
  says: string;
  begin?(): unknown;
  args?: string[];
}

const kinds: [string, Failure][] = [
  [
    'no credentials',
    {
      commands: remote,
      code: 3,
      errorCode: 'not-allowed',
      says: 'no AWS credentials found',
      begin() {
        delete process.env.AWS_ACCESS_KEY_ID;
        delete process.env.AWS_SECRET_ACCESS_KEY;
        for (const file of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
          process.env[file] = join(folder, 'none');
        process.env.AWS_EC2_METADATA_DISABLED = 'true';
      },
    },
  ],
  [
    'credentials that AWS does not accept',
    {
      commands: remote,
      code: 3,
      errorCode: 'not-allowed',
      says: 'AWS does not accept the credentials in use',
      begin: () => Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'nobody' }),
    },
  ],
  [
    'credentials of another account',
    {
      commands: inProd.filter(command => !lines[command]!.includes(name)),
      code: 3,
      errorCode: 'not-allowed',
      says: 'staging is in account 222222222222, but your AWS credentials are for 111111111111',
      args: ['--env', 'staging'],
    },
  ],
  [
    'a profile that does not exist',
    {
      commands: remote,
      code: 3,
      errorCode: 'not-allowed',
      says: 'no AWS credentials found',
      begin: () => Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true' }),
      args: ['--profile', 'gone'],
    },
  ],
  [
    'a configuration that does not exist',
    {
      commands: placed,
      code: 2,
      errorCode: 'bad-config',
      says: 'gone.ts does not exist',
      args: ['--config', 'gone.ts'],
    },
  ],
  [
    'an environment that does not exist',
    { commands: placed, code: 2, errorCode: 'usage', says: 'gone', args: ['--env', 'gone'] },
  ],
  [
    'another region',
    {
      commands: inProd,
      code: 2,
      errorCode: 'usage',
      says: 'prod is in eu-west-1, not in us-east-1',
      args: ['--region', 'us-east-1'],
    },
  ],
  [
    'a flag that does not exist',
    { commands: Object.keys(lines), code: 2, errorCode: 'usage', says: '--gone', args: ['--gone'] },
  ],
];

describe.each(kinds)('%s: one exit code', (_, { commands, code, errorCode, says, begin, args = [] }) => {
  test.each(commands)('%s', async command => {
    for (const json of [false, true]) {
      begin?.();
      const env = placed.includes(command) && !args.includes('--env') ? ['--env', 'prod'] : [];
      const config =
        args.includes('--config') || ['init', 'connector new', 'completion'].includes(command)
          ? []
          : ['--config', configFile];
      const line = [...lines[command]!, ...env, ...args, ...config, ...(json ? ['--json'] : [])];
      const before = cli.model.calls.length;
      const ended = await cli.runAsIs(command === 'run' ? [...line, ...server] : line, { piped: '' });
      expect([command, ended.code, ended.err]).toEqual([command, code, expect.stringContaining(says)]);
      expect(ended.err).not.toMatch(/^\s+at /m);
      const operations = cli.model.calls.slice(before).map(({ operation }) => operation);
      expect(operations.filter(operation => operation !== 'GetCallerIdentity')).toEqual([]);
      if (!json) expect(ended.out).toBe('');
      else expect(JSON.parse(ended.out)).toEqual({ error: { code: errorCode, message: expect.any(String) } });
      delete process.env.AWS_PROFILE;
    }
  });
});
