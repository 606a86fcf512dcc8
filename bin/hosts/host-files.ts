// Where MCP hosts keep their configuration, by operating system. This folder finds keys in these files; nothing that it reads is
// ever printed. A host is added by one entry here.
import { posix, win32 } from 'node:path';

/** What the places depend on; handed in, so that every system can be tested on each. */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where the command runs: a project like those that hosts know. */
  cwd: string;
}

/** A folder that files are named from; `project` is each folder that somebody works in. */
type BaseFolder = 'home' | 'appData' | 'config' | 'claude' | 'codex' | 'zed' | 'system' | 'project';

export interface HostFile {
  host: string;
  /** The folder up to which links are the machine's own affair; below it none is followed. */
  base: string;
  /** Below the base; a `*` stands for every name in its folder. */
  path: string;
  /** Whether the host reads JSON with comments and commas at the end. */
  comments: boolean;
  /** Where servers stand in it, by name; a `*` stands for every name. */
  servers: string[][];
}

interface McpHost {
  name: string;
  /** Where its vendor documents the files (2026-11-29). */
  source: string;
  comments?: true;
  servers?: string[][];
  files: [base: BaseFolder, path: string, servers?: string[][]][];
}

const mcpServers = [['mcpServers']];
/** What stands there is set for every server that the host starts. */
const settingsOfClaude = [['env'], ['mcpServers']];
/** Forks of VS Code keep their files in folders of their own, but in the same order. */
const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'];
const inEditors = (path: string): [BaseFolder, string][] =>
  editors.map(editor => ['appData', `${editor}/User/${path}`]);

export const hosts: McpHost[] = [
  {
    name: 'Claude Code',
    source: 'https://code.claude.com/docs/en/mcp and /settings',
    servers: mcpServers,
    files: [
      ['home', '.claude.json', [...mcpServers, ['projects', '*', 'mcpServers']]],
      ['claude', '.claude.json', [...mcpServers, ['projects', '*', 'mcpServers']]],
      ['claude', 'settings.json', settingsOfClaude],
      ['project', '.mcp.json'],
      ['project', '.claude/settings.json', settingsOfClaude],
      ['project', '.claude/settings.local.json', settingsOfClaude],
      ['system', 'managed-mcp.json'],
    ],
  },
  {
    name: 'Claude Desktop',
    source: 'https://modelcontextprotocol.io/docs/develop/connect-local-servers',
    servers: mcpServers,
    files: [['appData', 'Claude/claude_desktop_config.json']],
  },
  {
    name: 'Cursor',
    source: 'https://cursor.com/docs/mcp',
    comments: true,
    servers: mcpServers,
    files: [
      ['home', '.cursor/mcp.json'],
      ['project', '.cursor/mcp.json'],
    ],
  },
  {
    name: 'VS Code',
    source: 'https://code.visualstudio.com/docs/copilot/reference/mcp-configuration',
    comments: true,
    // What people are asked for has defaults. Before mcp.json there was a setting; it is still read.
    servers: [['servers'], ['inputs'], ['mcp', 'servers'], ['mcp', 'inputs'], ['mcp.servers']],
    files: [
      ...inEditors('mcp.json'),
      ...inEditors('settings.json'),
      ...inEditors('profiles/*/mcp.json'),
      ...inEditors('profiles/*/settings.json'),
      ['project', '.vscode/mcp.json'],
      ['project', '.vscode/settings.json'],
    ],
  },
  {
    name: 'Windsurf',
    source: 'https://docs.windsurf.com/windsurf/cascade/mcp',
    servers: mcpServers,
    files: [
      ['home', '.codeium/windsurf/mcp_config.json'],
      ['home', '.codeium/mcp_config.json'],
    ],
  },
  {
    name: 'Gemini CLI',
    source: 'https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md',
    comments: true,
    servers: mcpServers,
    files: [
      ['home', '.gemini/settings.json'],
      ['project', '.gemini/settings.json'],
    ],
  },
  {
    name: 'Codex CLI',
    source: 'https://developers.openai.com/codex/mcp',
    servers: [['mcp_servers'], ['profiles', '*', 'mcp_servers'], ['shell_environment_policy', 'set']],
    files: [
      ['codex', 'config.toml'],
      ['project', '.codex/config.toml'],
    ],
  },
  {
    name: 'Zed',
    source: 'https://zed.dev/docs/ai/mcp and /configuring-zed',
    comments: true,
    servers: [['context_servers']],
    files: [
      ['zed', 'settings.json'],
      ['project', '.zed/settings.json'],
    ],
  },
  {
    name: 'Cline',
    source: 'https://docs.cline.bot/mcp/configuring-mcp-servers',
    servers: mcpServers,
    files: inEditors('globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json'),
  },
  {
    name: 'Roo Code',
    source: 'https://docs.roocode.com/features/mcp/using-mcp-in-roo',
    servers: mcpServers,
    files: [
      ...inEditors('globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json'),
      ['project', '.roo/mcp.json'],
    ],
  },
  {
    name: 'Continue',
    source: 'https://docs.continue.dev/customize/deep-dives/mcp',
    comments: true,
    servers: [...mcpServers, ['experimental', 'modelContextProtocolServers']],
    files: [
      ['home', '.continue/config.yaml'],
      ['home', '.continue/config.json'],
      ['home', '.continue/mcpServers/*'],
      ['project', '.continue/mcpServers/*'],
    ],
  },
  {
    name: 'LM Studio',
    source: 'https://lmstudio.ai/docs/app/mcp',
    servers: mcpServers,
    files: [
      ['home', '.lmstudio/mcp.json'],
      ['home', '.cache/lm-studio/mcp.json'],
    ],
  },
];

/** @param projects folders that somebody works in, besides `cwd` */
export function hostFiles(machine: Machine, projects: string[] = []): HostFile[] {
  const { normalize, join } = machine.platform === 'win32' ? win32 : posix;
  const found = hosts.flatMap(({ name, comments = false, servers = [], files }) =>
    files.flatMap(([base, path, own]) =>
      foldersOf(base, machine, projects).map(folder => ({
        host: name,
        base: folder,
        path: normalize(path),
        comments,
        servers: own ?? servers,
      })),
    ),
  );
  // Two places can be the same one, such as the home folder and a project in it.
  const places = found.map(({ base, path }) => join(base, path));
  return found.filter((_, at) => places.indexOf(places[at] ?? '') === at);
}

function foldersOf(base: BaseFolder, machine: Machine, projects: string[]): string[] {
  if (base === 'project') return [...new Set([machine.cwd, ...projects])];
  const folder = folderOf(base, machine);
  return folder === undefined ? [] : [folder];
}

/** `undefined` where this machine has no such place. */
function folderOf(
  base: Exclude<BaseFolder, 'project'>,
  { platform, home, env }: Machine,
): string | undefined {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const named = (variable: string) => {
    const folder = env[variable];
    return folder && isAbsolute(folder) ? folder : undefined;
  };
  const config = named('XDG_CONFIG_HOME') ?? join(home, '.config');
  const roaming = named('APPDATA') ?? join(home, 'AppData', 'Roaming');
  const perPlatform = <T>(windows: T, mac: T, others: T) =>
    platform === 'win32' ? windows : platform === 'darwin' ? mac : others;
  switch (base) {
    case 'home':
      return home;
    case 'appData':
      return perPlatform(roaming, join(home, 'Library', 'Application Support'), config);
    case 'config':
      return config;
    case 'claude':
      return named('CLAUDE_CONFIG_DIR') ?? join(home, '.claude');
    case 'codex':
      return named('CODEX_HOME') ?? join(home, '.codex');
    case 'zed':
      return perPlatform(join(roaming, 'Zed'), join(home, '.config', 'zed'), join(config, 'zed'));
    case 'system':
      return perPlatform(
        join(named('ProgramFiles') ?? 'C:\\Program Files', 'ClaudeCode'),
        '/Library/Application Support/ClaudeCode',
        '/etc/claude-code',
      );
  }
}
