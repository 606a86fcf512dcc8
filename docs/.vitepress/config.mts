// The documents as a static site: `npm run docs` writes it to docs-site/. README is its first page. Links to files that are no pages lead
// to the repository.
import { readFileSync } from 'node:fs';

const { homepage } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const source = homepage.replace(/#.*/, '/blob/main/');

const page = (text: string, name: string) => ({ text, link: `/docs/${name}` });

export default {
  title: 'Keyturn',
  description: 'Issues, rotates, watches and revokes the API keys of MCP servers',
  srcDir: '..',
  srcExclude: [
    '**/node_modules/**',
    'client/**',
    'clients/**',
    'bin/**',
    'dist/**',
    'packages/**',
    'test/**',
    '.github/**',
    'rehearsal-report/**',
  ],
  outDir: '../docs-site',
  cacheDir: '../node_modules/.cache/docs',
  rewrites: { 'README.md': 'index.md' },
  markdown: { config: leadToSource },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'Begin',
        items: [
          { text: 'Overview', link: '/' },
          page('The first hour', 'first-hour'),
          page('Start from your keys', 'discover'),
          page('Sandbox', 'sandbox'),
          page('Comparison', 'comparison'),
        ],
      },
      {
        text: 'Use',
        items: [
          page('Deploy and uninstall', 'deploy'),
          page('Upgrade', 'upgrade'),
          page('Options', 'options'),
          page('Keys of databases', 'databases'),
          page('Keys that AWS rotates', 'aws-rotation'),
          page('MCP servers', 'mcp-servers'),
          page('The broker as a service', 'broker'),
          page('Servers without a key', 'federation'),
          page('Deliver to ECS and others', 'deliver'),
          page('Command line', 'command-line'),
          page('Audit', 'audit'),
          page('Assistants', 'assistant'),
          page('The report', 'report'),
          page('Cost', 'cost'),
        ],
      },
      {
        text: 'On call',
        items: [
          page('A day with a leak', 'a-day-with-a-leak'),
          page('Runbook', 'runbook'),
          page('Reports of leaked keys', 'leaks'),
          page('Threat model', 'security'),
        ],
      },
      {
        text: 'Inside',
        items: [
          page('Architecture', 'architecture'),
          page('Add a connector', 'add-a-connector'),
          page('Connectors of your own', 'own-connectors'),
          page('Fidelity of the model', 'fidelity'),
          page('Decisions', 'decisions'),
          page('Releases', 'release'),
        ],
      },
    ],
  },
};

interface Token {
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}
type Render = (
  tokens: Token[],
  index: number,
  options: unknown,
  env: { relativePath?: string },
  self: unknown,
) => string;

function leadToSource(md: { renderer: { rules: Record<string, Render | undefined> } }): void {
  const before = md.renderer.rules.link_open;
  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const href = tokens[index]?.attrGet('href') ?? '';
    if (!/^([a-z]+:|#|\/)/i.test(href)) {
      const { pathname, hash } = new URL(href, new URL(env.relativePath ?? '', 'file:///'));
      if (pathname === '/README.md') tokens[index]?.attrSet('href', `/${hash}`);
      else if (!pathname.endsWith('.md')) tokens[index]?.attrSet('href', `${source}${pathname.slice(1)}`);
    }
    return before ? before(tokens, index, options, env, self) : '';
  };
}
