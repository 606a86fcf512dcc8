import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../lambda/aws/runtime/clock';
import { madeUp, type TestMachine } from '../hosts/machine';
import { sitDown } from '../support/person';
import { openDiscovery } from './discovery';

const sendgrid = madeUp.sendgrid('S');
const gitlab = madeUp.gitlab('G');
let machine: TestMachine;
let run: ReturnType<typeof openDiscovery>['run'];
let close: () => void;
beforeEach(() => {
  ({ machine, run, close } = openDiscovery());
});
afterEach(() => close());

it('needs something to look at', async () => {
  const { code, err } = await sitDown(['discover', '--config', '/nowhere/keys.ts'], {}, systemClock);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('add --hosts to look through the MCP hosts of this machine'),
  ]);
});

it('says which files it read, which keys it found, and proposes entries', async () => {
  machine.write('.cursor/mcp.json', {
    mcpServers: {
      'My Mail': { command: 'npx', args: ['-y', 'mail-mcp'], env: { MAIL_KEY: sendgrid, REGION: 'eu' } },
      gitlab: {
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-gitlab'],
        env: { GITLAB_PERSONAL_ACCESS_TOKEN: gitlab },
      },
      linear: {
        url: 'https://x.example',
        headers: { Authorization: `Bearer ${['lin', 'api', 'a8f2k4j6h8g0d2s4a6q8w0'].join('_')}` },
      },
    },
  });
  machine.write('.claude.json', {
    mcpServers: { gitlab: { env: { GITLAB_PERSONAL_ACCESS_TOKEN: gitlab } } },
  });
  const { code, out, err } = await run([]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatchInlineSnapshot(`
"2 files of MCP hosts read, 43 others looked for and absent:
  ~/.claude.json (Claude Code)
  ~/.cursor/mcp.json (Cursor)

2 keys found:
provider  key id                  last used  where
GitLab    not told                not told   env GITLAB_PERSONAL_ACCESS_TOKEN of the server gitlab in ~/.claude.json (Claude Code); env GITLAB_PERSONAL_ACCESS_TOKEN of the server gitlab in ~/.cursor/mcp.json (Cursor)
SendGrid  SQx7Lk29fJw8Zt3aaaaaaa  not told   env MAIL_KEY of the server My Mail in ~/.cursor/mcp.json (Cursor)

Not recognised, of services that no connector is for:
  header Authorization of the server linear in ~/.cursor/mcp.json (Cursor)

// MCP servers whose keys \`npx keyturn discover\` found. Search for "Replace": what stands there is made up.
// Then add them to the servers of config/keys.ts: \`servers: { ...foundServers, ... }\`.
import type { ServerInput } from 'keyturn/config';

export const foundServers = {
  gitlab: {
    // Replace: the team that owns the server, and the role that it runs as.
    team: 'platform',
    roles: { dev: 'arn:aws:iam::111111111111:role/gitlab' },
    keys: [
      // Found as env GITLAB_PERSONAL_ACCESS_TOKEN of the server gitlab in ~/.claude.json (Claude Code).
      // Found as env GITLAB_PERSONAL_ACCESS_TOKEN of the server gitlab in ~/.cursor/mcp.json (Cursor).
      // Replace scopes: nothing here tells what this key may do; name what its server needs.
      // Replace project: the path of your project, or write group in its place.
      // Then: npx keyturn adopt dev/gitlab/gitlab
      {
        provider: 'gitlab',
        env: 'GITLAB_PERSONAL_ACCESS_TOKEN',
        scopes: ['read_api'],
        settings: { project: 'example/gitlab', accessLevel: 'reporter' },
      },
    ],
  },

  'my-mail': {
    // Replace: the team that owns the server, and the role that it runs as.
    team: 'platform',
    roles: { dev: 'arn:aws:iam::111111111111:role/my-mail' },
    keys: [
      // Found as env MAIL_KEY of the server My Mail in ~/.cursor/mcp.json (Cursor).
      // Replace scopes: nothing here tells what this key may do; name what its server needs.
      // Then: npx keyturn adopt dev/sendgrid/my-mail
      { provider: 'sendgrid', env: 'MAIL_KEY', scopes: ['mail.send'] },
    ],
  },
} satisfies Record<string, ServerInput>;
"
`);
});

describe('a proposal is written', () => {
  const file = () => join(machine.cwd, 'found.ts');
  beforeEach(
    () => void machine.write('.cursor/mcp.json', { mcpServers: { mail: { env: { K: sendgrid } } } }),
  );

  it('not unless a person says yes', async () => {
    const refused = await run(['--write', file()], { types: ['n\r'] });
    expect([refused.code, existsSync(file())]).toEqual([3, false]);
    const { code } = await run(['--write', file()], { types: ['y\r'] });
    expect([code, existsSync(file())]).toEqual([0, true]);
  });

  it('never over what is there', async () => {
    writeFileSync(file(), 'mine');
    const { code, err } = await run(['--write', file(), '--yes']);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('is there already; name a new file with --write'),
    ]);
    expect(readFileSync(file(), 'utf8')).toBe('mine');
  });

  it('and nothing is, without --write', async () => {
    const before = readdirSync(machine.cwd);
    await run([]);
    expect(readdirSync(machine.cwd)).toEqual(before);
  });
});

it('shows no value, in whatever place and form it stands', async () => {
  const key = madeUp.sendgrid('Secret1');
  const basic = Buffer.from(`user:${key}`).toString('base64');
  machine.write(
    '.cursor/mcp.json',
    `{"mcpServers":{"${key}":{"env":{"${key}":"${key}","A_TOKEN":"plain-password-1"}},
    "a":{"url":"https://u:plain-password-1@h/${encodeURIComponent(key)}","headers":{"Authorization":"Basic ${basic}"},
    "args":["${key}","--plain-password-1"]}, "plain-password-1": {"command": "x"} } ,, "${key}`,
  );
  machine.write('.codex/config.toml', `[mcp_servers.a]\nkey = "${key}\n`);
  machine.write('.continue/config.yaml', `mcpServers: [{ env: { K: "${key} } }]\n`);
  for (const flags of [[], ['--json']]) {
    const { code, out, err } = await run(flags);
    expect(code).toBe(1);
    for (const said of [out, err]) {
      for (const form of [key, key.slice(25), encodeURIComponent(key), basic, 'plain-password-1'])
        expect(said).not.toContain(form);
    }
  }
});

const ref = (name: string) => `\${${name}}`;

it('takes references for what they are', async () => {
  const env = {
    A_TOKEN: ref('env:A_TOKEN'),
    B_TOKEN: ref('input:b-token-of-mine'),
    C_TOKEN: ref('C_TOKEN'),
    D_TOKEN: '$D_TOKEN_OF_MINE',
    E_TOKEN: '%E_TOKEN_OF_MINE%',
    F_TOKEN: ref('{ secrets.F_TOKEN }'),
    G_TOKEN: '<your token here>',
    H_TOKEN: 'your-token-of-mine',
    I_TOKEN: 'op://vault/item/token',
    J_TOKEN: '',
  };
  const headers = { Authorization: `Bearer ${ref('env:A_TOKEN')}` };
  machine.write('.cursor/mcp.json', { mcpServers: { a: { env, headers } } });
  const { out } = await run(['--json']);
  expect(JSON.parse(out)).toMatchObject({ found: [], notRecognised: [] });
});

it('tells keys of other services from those of its providers', async () => {
  const env = {
    NO_SUCH_MODELS_API_KEY: ['sk-', 'nsm-', 'api03-', 'x9Y8'.repeat(10)].join(''),
    NO_SUCH_SHOP_API_KEY: ['nss-', 'v1-', '0a1b'.repeat(16)].join(''),
    OKTA_CLIENT_ORGURL: 'https://dev-12345678.okta.com',
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
  };
  machine.write('.cursor/mcp.json', { mcpServers: { a: { env } } });
  const { found, notRecognised } = JSON.parse((await run(['--json'])).out);
  expect(found).toEqual([]);
  expect(notRecognised).toEqual(
    expect.arrayContaining([
      expect.stringContaining('NO_SUCH_MODELS_API_KEY'),
      expect.stringContaining('NO_SUCH_SHOP_API_KEY'),
    ]),
  );
});

it('says which servers share a key', async () => {
  const env = { SENDGRID_API_KEY: sendgrid };
  machine.write('.cursor/mcp.json', { mcpServers: { one: { env }, two: { env } } });
  const { out } = await run([]);
  expect(out).toContain('// Also a key of two: adopt it for one of them, and issue new ones for the others.');
});

it('names the command for what the configuration has a place for', async () => {
  machine.write('.cursor/mcp.json', {
    mcpServers: { 'Support Bot': { env: { SENDGRID_API_KEY: sendgrid } } },
  });
  const { out } = await run(['--json', '--config', join(__dirname, '../support/keys.ts'), '--env', 'prod']);
  expect(JSON.parse(out)).toMatchObject({ adopt: ['npx keyturn adopt prod/sendgrid/support-bot'] });
  expect(JSON.parse(out)).not.toHaveProperty('proposal');
});
