import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { matchingTexts } from '../../../bin/hosts/audit-hosts';
import { bytesAtMost } from '../../../bin/hosts/read-file';
import { readHosts } from '../../../bin/hosts/read-hosts';
import { printOf } from '../../../core/audit/same-key';
import { madeUp, openMachine, type TestMachine } from './machine';

const salt = 'a5'.repeat(16);
const key = madeUp.sendgrid('K');
let machine: TestMachine;
beforeEach(() => {
  machine = openMachine();
});
afterEach(() => machine.remove());

const find = async (secrets: string[] = [key]) => {
  const seen = await readHosts(machine);
  const prints = new Set(secrets.map(secret => printOf(secret, salt)));
  return matchingTexts(seen, prints, salt).map(({ text: { host, file, server, place, variable } }) => ({
    ...{ host, file, server, place },
    ...(variable && { variable }),
  }));
};
const block = (server: object) => ({ mcpServers: { mail: server } });
const inEnv = block({ command: 'npx', args: ['-y', 'some-server'], env: { SENDGRID_API_KEY: key } });
const asRead = async () => (await readHosts(machine)).files.filter(({ state }) => state !== 'absent');

describe('a key in the configuration of', () => {
  const vscode = { servers: { mail: { type: 'stdio', command: 'npx', env: { SENDGRID_API_KEY: key } } } };
  const toml = `[mcp_servers.mail]\ncommand = "npx"\n[mcp_servers.mail.env]\nSENDGRID_API_KEY = "${key}"\n`;
  const yaml = `name: x\nmcpServers:\n  - name: mail\n    command: npx\n    env:\n      SENDGRID_API_KEY: ${key}\n`;
  const zed = { context_servers: { mail: { command: 'npx', args: [], env: { SENDGRID_API_KEY: key } } } };
  it.each<[string, string, string | object]>([
    ['Claude Code', '.claude.json', inEnv],
    ['Claude Code', '.claude.json', { projects: { '/gone': inEnv } }],
    ['Claude Code', 'work/.mcp.json', inEnv],
    ['Claude Desktop', '.config/Claude/claude_desktop_config.json', inEnv],
    ['Cursor', '.cursor/mcp.json', inEnv],
    ['Cursor', 'work/.cursor/mcp.json', inEnv],
    ['VS Code', '.config/Code/User/mcp.json', vscode],
    ['VS Code', '.config/Code/User/profiles/-4f2a/mcp.json', vscode],
    ['VS Code', '.config/Code - Insiders/User/settings.json', { mcp: vscode }],
    ['VS Code', '.config/Code/User/settings.json', { 'mcp.servers': vscode.servers }],
    ['VS Code', 'work/.vscode/mcp.json', vscode],
    ['Windsurf', '.codeium/windsurf/mcp_config.json', inEnv],
    ['Gemini CLI', '.gemini/settings.json', inEnv],
    ['Codex CLI', '.codex/config.toml', toml],
    ['Zed', '.config/zed/settings.json', zed],
    [
      'Cline',
      '.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      inEnv,
    ],
    ['Roo Code', 'work/.roo/mcp.json', inEnv],
    ['Continue', '.continue/config.yaml', yaml],
    ['Continue', 'work/.continue/mcpServers/mail.yaml', yaml],
    ['LM Studio', '.lmstudio/mcp.json', inEnv],
  ])('%s, in %s, is found with its server and variable', async (host, file, content) => {
    machine.write(file, content);
    const place = { host, server: 'mail', place: 'env SENDGRID_API_KEY', variable: 'SENDGRID_API_KEY' };
    expect(await find()).toEqual([{ ...place, file: `~/${file}` }]);
    expect(await asRead()).toEqual([{ host, file: `~/${file}`, state: 'read' }]);
    expect(await find([madeUp.sendgrid('other')])).toEqual([]);
  });

  it('Claude Code, for every server at once, is found', async () => {
    machine.write('.claude/settings.json', { env: { SENDGRID_API_KEY: key } });
    const place = { file: '~/.claude/settings.json', server: undefined, place: 'env SENDGRID_API_KEY' };
    expect(await find()).toEqual([{ host: 'Claude Code', ...place, variable: 'SENDGRID_API_KEY' }]);
  });

  it('a project that Claude Code or Codex remembers, is found', async () => {
    machine.write('one/.vscode/mcp.json', vscode);
    machine.write('two/.mcp.json', inEnv);
    machine.write('.claude.json', {
      projects: { [join(machine.home, 'one')]: {}, [join(machine.home, 'gone')]: {} },
    });
    machine.write(
      '.codex/config.toml',
      `[projects."${join(machine.home, 'two')}"]\ntrust_level = "trusted"\n`,
    );
    expect((await find()).map(({ file }) => file)).toEqual(['~/two/.mcp.json', '~/one/.vscode/mcp.json']);
  });
});

describe('a key is found', () => {
  it.each<[string, object, string]>([
    [
      'as a header',
      { url: 'https://x.example', headers: { Authorization: `Bearer ${key}` } },
      'header Authorization',
    ],
    ['as a header of Codex', { http_headers: { 'X-Key': key } }, 'header X-Key'],
    ['as a header in a request option', { requestOptions: { headers: { 'X-Key': key } } }, 'header X-Key'],
    ['as an argument', { command: 'x', args: ['--token', key] }, 'argument 2, --token'],
    ['as a part of an argument', { args: [`--api-key=${key}`] }, 'argument 1, --api-key'],
    [
      'as a variable for Docker',
      { args: ['run', '-e', `SENDGRID_API_KEY=${key}`] },
      'argument 3, SENDGRID_API_KEY',
    ],
    [
      'as a header for mcp-remote',
      { args: ['mcp-remote', 'https://x', '--header', `Authorization:Bearer ${key}`] },
      'argument 4, --header',
    ],
    ['in JSON in an argument', { args: ['-c', `{"key":"${key}"}`] }, 'argument 2, -c'],
    ['in a shell line', { args: ['-c', `KEY='${key}' exec server`] }, 'argument 2, KEY'],
    ['in a query', { url: `https://x.example/sse?v=1&key=${key}&b=2` }, 'url'],
    ['in a path', { serverUrl: `https://x.example/mcp/${key}/sse` }, 'serverUrl'],
    ['as a user', { httpUrl: `https://${key}@x.example/` }, 'httpUrl'],
    ['as a password', { httpUrl: `https://apikey:${key}@x.example/` }, 'httpUrl'],
    ['escaped for a URL', { url: `https://x.example/?q=${encodeURIComponent(`k=${key}`)}` }, 'url'],
    [
      'as Basic',
      { headers: { Authorization: `Basic ${Buffer.from(`apikey:${key}`).toString('base64')}` } },
      'header Authorization',
    ],
    ['as a default of a variable', { env: { K: `\${SENDGRID_API_KEY:-${key}}` } }, 'env K'],
    ['in a nested command', { command: { path: 'x', env: { K: key } } }, 'env K'],
    ['anywhere else', { settings: { deep: [{ token: key }] } }, 'settings.deep.0.token'],
    ['between blanks', { env: { K: ` ${key}\n` } }, 'env K'],
  ])('%s', async (_, server, place) => {
    machine.write('.cursor/mcp.json', block(server));
    expect(await find()).toEqual([expect.objectContaining({ server: 'mail', place })]);
  });

  it('as a default of what VS Code asks for', async () => {
    machine.write('.config/Code/User/mcp.json', { inputs: [{ id: 'k', default: key }], servers: {} });
    expect(await find()).toEqual([expect.objectContaining({ server: undefined, place: 'input.0.default' })]);
  });

  it('with its lines written out', async () => {
    const pem = ['-----BEGIN RSA PRIVATE', ' KEY-----\nMIIabc\n-----END RSA PRIVATE', ' KEY-----'].join('');
    machine.write('.cursor/mcp.json', block({ env: { A: pem, B: pem.replaceAll('\n', '\\n') } }));
    expect((await find([pem])).map(({ place }) => place)).toEqual(['env A', 'env B']);
  });

  it('in a comment, by its line', async () => {
    machine.write('.config/zed/settings.json', `{\n  // "K": "${key}"\n  "context_servers": {}\n}`);
    expect(await find()).toEqual([expect.objectContaining({ server: undefined, place: 'line 2' })]);
  });

  it('in what stands twice under one name, though hosts see the last alone', async () => {
    machine.write(
      '.cursor/mcp.json',
      `{"mcpServers":{"mail":{"env":{"K":"${key}"}},"mail":{"env":{"K":"x"}}}}`,
    );
    expect(await find()).toEqual([expect.objectContaining({ server: 'mail', place: 'env K' })]);
  });

  it('in UTF-16, as editors on Windows write it, and behind a mark of UTF-8', async () => {
    machine.write('.cursor/mcp.json', Buffer.from(`\ufeff${JSON.stringify(inEnv)}`, 'utf16le'));
    machine.write('.lmstudio/mcp.json', `\ufeff${JSON.stringify(inEnv)}`);
    expect((await find()).map(({ host }) => host)).toEqual(['Cursor', 'LM Studio']);
    expect((await asRead()).map(({ state }) => state)).toEqual(['read', 'read']);
  });
});

describe('a file that is broken', () => {
  it.each([
    ['.claude.json', `{\n  "mcpServers": { "mail": { "env": { "K": "${key}" }\n`, 2, 54],
    ['work/.mcp.json', `{ // strict\n"mcpServers": { "mail": { "env": { "K": "${key}" } } } }`, 1, 3],
    ['.codex/config.toml', `[mcp_servers.mail]\nenv = { K = "${key}"\n!`, 3, 1],
    ['.continue/config.yaml', `mcpServers:\n  - name: "mail\n    env: { K: ${key} }\n`, 4, 1],
  ])('%s is told with its place, quotes nothing, and is looked through all the same', async (file, text) => {
    machine.write(file, text);
    const [{ state, problem } = { state: '', problem: '' }] = await asRead();
    expect(state).toBe('malformed');
    expect(problem).toMatch(
      new RegExp(
        `^~/${file.replaceAll('.', '\\.')}:\\d+:\\d+ is not what .* reads \\(\\w+\\); correct it there`,
      ),
    );
    expect(problem).not.toContain(key.slice(3, 12));
    expect(await find()).toHaveLength(1);
  });

  it('may be nothing but brackets', async () => {
    machine.write('.cursor/mcp.json', '['.repeat(300_000));
    expect((await asRead())[0]).toMatchObject({ state: 'malformed' });
  });

  it('may be empty', async () => {
    machine.write('.cursor/mcp.json', '');
    expect((await asRead())[0]).toMatchObject({ state: 'read' });
  });
});

describe('what is not read', () => {
  it('is a link, or lies behind one', async () => {
    const file = machine.write('elsewhere/mcp.json', inEnv);
    mkdirSync(join(machine.home, '.cursor'));
    symlinkSync(file, join(machine.home, '.cursor/mcp.json'));
    symlinkSync(join(machine.home, 'elsewhere'), join(machine.home, '.lmstudio'));
    expect(await asRead()).toEqual([
      expect.objectContaining({
        file: '~/.cursor/mcp.json',
        state: 'unread',
        problem: expect.stringContaining('is a link, and links are not followed'),
      }),
      expect.objectContaining({
        file: '~/.lmstudio/mcp.json',
        state: 'unread',
        problem: expect.stringContaining('is in a folder that is a link'),
      }),
    ]);
    expect(await find()).toEqual([]);
  });

  it('is a pipe, which nobody may ever write to', async () => {
    mkdirSync(join(machine.home, '.cursor'));
    execFileSync('mkfifo', [join(machine.home, '.cursor/mcp.json')]);
    expect(await asRead()).toEqual([
      expect.objectContaining({ state: 'unread', problem: expect.stringContaining('is not a regular file') }),
    ]);
  });

  it.each([
    [bytesAtMost, 'malformed'],
    [bytesAtMost + 1, 'unread'],
  ])('has more bytes than %s: %s', async (size, state) => {
    truncateSync(machine.write('.cursor/mcp.json', '{'), size);
    expect((await asRead())[0]).toMatchObject({ state });
  });
});

it('nothing that is read is shown by printing it', async () => {
  machine.write('.cursor/mcp.json', inEnv);
  machine.write('.lmstudio/mcp.json', block({ env: { [key]: 'x' } }));
  machine.write(`.continue/mcpServers/${key}.json`, { mcpServers: { [key]: { command: 'x' } } });
  const seen = await readHosts(machine);
  expect(seen.texts.length).toBeGreaterThan(4);
  expect(JSON.stringify(seen)).not.toContain(key.slice(3, 12));
});
