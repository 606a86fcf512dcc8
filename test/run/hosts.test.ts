// The configuration blocks for MCP hosts: each command is run as it stands, but for `--check`.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets, type SecretsRig } from '../client/secrets-rig';

const root = join(__dirname, '../..');
const folder = join(root, 'examples/hosts');
const files = readdirSync(folder);
/** Where each host looks for its servers. */
const places: Record<string, string> = {
  'claude-code.json': 'mcpServers',
  'claude-desktop.json': 'mcpServers',
  'cursor.json': 'mcpServers',
  'vscode.json': 'servers',
  'windsurf.json': 'mcpServers',
  'zed.json': 'context_servers',
};

interface Block {
  command: string;
  args: string[];
  env: Record<string, string>;
}

function blockIn(file: string): Block {
  const config = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
    string,
    Record<string, Block>
  >;
  expect(Object.keys(config)).toEqual([places[file]]);
  const [block, ...others] = Object.values(config[places[file]!]!);
  expect(others).toEqual([]);
  return block!;
}

let secrets: SecretsRig;
beforeAll(async () => {
  secrets = await openSecrets();
  const value = {
    secret: 'FAKESECRET-glpat-1234567890',
    keyId: '1',
    provider: 'gitlab',
    issuedAt: '2026-11-23T00:00:00Z',
  };
  secrets.rig.model.secretsManager.createFromTemplate({
    name: 'keyturn/dev/gitlab/code-bot/main',
    secretString: JSON.stringify(value),
  });
});
afterAll(() => secrets.close());

it('every host has a file, and every file a host', () => {
  expect(files).toEqual(Object.keys(places));
  const readme = readFileSync(join(root, 'examples/README.md'), 'utf8');
  for (const file of files) expect(readme).toContain(`(hosts/${file})`);
});

it.each(files)('%s starts a server whose keys are well', async file => {
  const { command, args, env } = blockIn(file);
  expect([command, ...args.slice(0, 3)]).toEqual(['npx', '-y', 'keyturn', 'run']);
  const [variable] = args[args.indexOf('--key') + 1]!.split('=');
  expect(Object.keys(env)).not.toContain(variable);
  const { AWS_PROFILE: _profile, ...rest } = env;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'bin/keyturn.ts', 'run', '--check', ...args.slice(3)],
    {
      cwd: root,
      env: { ...process.env, ...rest, AWS_REGION: process.env.AWS_REGION },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', chunk => {
    said += String(chunk);
  });
  const code = await new Promise(resolve => child.on('close', resolve));
  expect({ code, said }).toEqual({ code: 0, said: 'dev/code-bot: 1 variable, all well\n' });
});

it('names a server package that is there', () => {
  expect(() => require.resolve(`${blockIn('cursor.json').args.at(-1)}/package.json`)).not.toThrow();
});
