import { join } from 'node:path';
import { hostFiles, hosts, type Machine } from '../../../bin/hosts/host-files';

describe('the places of files', () => {
  const on = (platform: NodeJS.Platform, home: string, env: Machine['env'] = {}) =>
    hostFiles({ platform, home, env, cwd: platform === 'win32' ? 'D:\\work' : '/work' });
  const placesOf = (files: ReturnType<typeof on>, host: string) =>
    files.filter(file => file.host === host).map(({ base, path }) => [base, path]);

  it.each<[string, NodeJS.Platform, string, Machine['env'], string, string]>([
    [
      'Claude Desktop',
      'darwin',
      '/Users/a',
      {},
      '/Users/a/Library/Application Support',
      'Claude/claude_desktop_config.json',
    ],
    [
      'Claude Desktop',
      'win32',
      'C:\\Users\\a',
      { APPDATA: 'C:\\Users\\a\\AppData\\Roaming' },
      'C:\\Users\\a\\AppData\\Roaming',
      'Claude\\claude_desktop_config.json',
    ],
    ['Claude Code', 'win32', 'C:\\Users\\a', {}, 'C:\\Users\\a', '.claude.json'],
    ['Claude Code', 'linux', '/home/a', { CLAUDE_CONFIG_DIR: '/c' }, '/c', '.claude.json'],
    ['VS Code', 'linux', '/home/a', { XDG_CONFIG_HOME: '/x' }, '/x', 'Code/User/mcp.json'],
    ['Zed', 'darwin', '/Users/a', {}, '/Users/a/.config/zed', 'settings.json'],
    ['Zed', 'win32', 'C:\\Users\\a', { APPDATA: 'C:\\R' }, 'C:\\R\\Zed', 'settings.json'],
    ['Codex CLI', 'linux', '/home/a', { CODEX_HOME: '/codex' }, '/codex', 'config.toml'],
    ['Cursor', 'win32', 'C:\\Users\\a', {}, 'D:\\work', '.cursor\\mcp.json'],
    ['Codex CLI', 'linux', '/home/a', { CODEX_HOME: 'relative' }, '/home/a/.codex', 'config.toml'],
  ])('of %s on %s below %s with %j', (host, platform, home, env, base, path) => {
    expect(placesOf(on(platform, home, env), host)).toContainEqual([base, path]);
  });

  it('each host names its source, and no file comes twice', () => {
    for (const { source } of hosts) expect(source).toMatch(/^https:/);
    const files = hostFiles({ platform: 'linux', home: '/h', env: {}, cwd: '/h' }, ['/h', '/p']);
    const paths = files.map(({ base, path }) => join(base, path));
    expect(new Set(paths).size).toBe(paths.length);
  });
});
