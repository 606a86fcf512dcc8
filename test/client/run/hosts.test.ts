// The configuration blocks for MCP hosts: each command is run as it stands, but for `--check`.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../../package.json';
import { openSecrets, type SecretsSetup } from '../../support/secrets';

const root = join(__dirname, '../../..');
const folder = join(root, 'examples/hosts');
const files = readdirSync(folder);
/** Where each host looks for its servers, and whether it wants to be told their transport. */
const places: Record<string, { under: string; type?: 'stdio'; source: string }> = {
  'claude-code.json': { under: 'mcpServers', type: 'stdio', source: 'https://code.claude.com/docs/en/mcp' },
  'claude-desktop.json': {
    under: 'mcpServers',
    source: 'https://modelcontextprotocol.io/docs/develop/connect-local-servers',
  },
  'cline.json': { under: 'mcpServers', source: 'https://docs.cline.bot/mcp/configuring-mcp-servers' },
  'cursor.json': { under: 'mcpServers', type: 'stdio', source: 'https://cursor.com/docs/mcp' },
  'gemini-cli.json': {
    under: 'mcpServers',
    source: 'https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md',
  },
  'vscode.json': {
    under: 'servers',
    type: 'stdio',
    source: 'https://code.visualstudio.com/docs/copilot/reference/mcp-configuration',
  },
  'windsurf.json': { under: 'mcpServers', source: 'https://docs.windsurf.com/windsurf/cascade/mcp' },
  'zed.json': { under: 'context_servers', source: 'https://zed.dev/docs/ai/mcp' },
};

interface Block {
  type?: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

function blockIn(file: string): Block {
  const config = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
    string,
    Record<string, Block>
  >;
  const { under, type } = places[file]!;
  expect(Object.keys(config)).toEqual([under]);
  const [block, ...others] = Object.values(config[under]!);
  expect(others).toEqual([]);
  // Not one field more: some hosts refuse what they do not know.
  expect(Object.keys(block!).sort()).toEqual(['args', 'command', 'env', ...(type ? ['type'] : [])]);
  expect(block!.type).toBe(type);
  return block!;
}

let secrets: SecretsSetup;
beforeAll(async () => {
  secrets = await openSecrets();
  const value = {
    secret: 'FAKESECRET-glpat-1234567890',
    keyId: '1',
    provider: 'gitlab',
    issuedAt: '2026-11-23T00:00:00Z',
  };
  secrets.aws.model.secretsManager.createFromTemplate({
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
  // A version, in a name that we own: whoever could publish under another would get the keys.
  expect([command, ...args.slice(0, 3)]).toEqual(['npx', '-y', `@keyturn/client@${version}`, 'run']);
  const [variable] = args[args.indexOf('--key') + 1]!.split('=');
  expect(Object.keys(env)).not.toContain(variable);
  const { AWS_PROFILE: _profile, ...rest } = env;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'bin/client.ts', 'run', '--check', ...args.slice(3)],
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
