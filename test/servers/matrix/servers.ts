// Servers of npm and PyPI as they are published, each with one call that asks its provider, and what the provider answers.
import type { Answer } from './fake-internet';

export interface MatrixServer {
  from: 'npm' | 'PyPI';
  package: string;
  version: string;
  /** What starts it: a file in the package, or a program that PyPI's package brings. */
  start: string;
  args?: readonly string[];
  /** Of Keyturn. */
  provider: string;
  settings: Record<string, unknown>;
  /** Besides the secret. */
  fields?: Record<string, string>;
  /** Variable -> field of the key. */
  variables: Record<string, string>;
  env?: Record<string, string>;
  /** Hosts of the provider. */
  hosts: readonly string[];
  /** `mark` stands in what the tool says. */
  call: { tool: string; arguments: Record<string, unknown>; mark: string };
  answer: Answer;
  /** How the provider answers a dead key. @default - 401 */
  refusal?: [number, object];
}

const npm = { from: 'npm' as const, settings: {} };
const pypi = { from: 'PyPI' as const, settings: {} };

const braveRefusal = {
  code: 'SUBSCRIPTION_TOKEN_INVALID',
  detail: 'The provided subscription token is invalid.',
};

export const matrixServers: MatrixServer[] = [
  {
    ...npm,
    package: '@modelcontextprotocol/server-github',
    version: '2025.4.8',
    start: 'dist/index.js',
    provider: 'github-personal',
    variables: { GITHUB_PERSONAL_ACCESS_TOKEN: 'secret' },
    hosts: ['api.github.com'],
    call: { tool: 'search_repositories', arguments: { query: 'mark' }, mark: 'total_count' },
    answer: () => ({ total_count: 0, incomplete_results: false, items: [] }),
  },
  {
    ...npm,
    package: '@modelcontextprotocol/server-gitlab',
    version: '2025.4.25',
    start: 'dist/index.js',
    provider: 'gitlab',
    settings: { project: 'a/b', accessLevel: 'reporter' },
    variables: { GITLAB_PERSONAL_ACCESS_TOKEN: 'secret' },
    hosts: ['gitlab.com'],
    call: { tool: 'search_repositories', arguments: { search: 'mark' }, mark: 'items' },
    answer: () => [],
  },
  {
    ...npm,
    package: '@modelcontextprotocol/server-slack',
    version: '2025.4.25',
    start: 'dist/index.js',
    provider: 'slack',
    settings: {},
    variables: { SLACK_BOT_TOKEN: 'secret' },
    env: { SLACK_TEAM_ID: 'T1' },
    hosts: ['slack.com'],
    call: { tool: 'slack_list_channels', arguments: {}, mark: 'marked' },
    refusal: [200, { ok: false, error: 'token_revoked' }],
    answer: () => ({ ok: true, channels: [{ id: 'C1', name: 'marked' }] }),
  },
  {
    ...npm,
    package: '@notionhq/notion-mcp-server',
    version: '2.5.2',
    start: 'bin/cli.mjs',
    provider: 'notion',
    variables: { NOTION_TOKEN: 'secret' },
    hosts: ['api.notion.com'],
    call: { tool: 'API-get-self', arguments: {}, mark: 'marked' },
    answer: () => ({ object: 'user', id: 'marked', type: 'bot' }),
  },
  {
    ...npm,
    package: '@hubspot/mcp-server',
    version: '0.4.0',
    start: 'dist/index.js',
    provider: 'hubspot',
    variables: { PRIVATE_APP_ACCESS_TOKEN: 'secret' },
    hosts: ['api.hubapi.com', 'api.hubspot.com'],
    call: { tool: 'hubspot-list-objects', arguments: { objectType: 'contacts' }, mark: 'marked' },
    answer: () => ({
      results: [{ id: 'marked', properties: {}, createdAt: '', updatedAt: '', archived: false }],
    }),
  },
  {
    ...npm,
    package: 'airtable-mcp-server',
    version: '1.14.0',
    start: 'dist/main.js',
    provider: 'airtable',
    variables: { AIRTABLE_API_KEY: 'secret' },
    hosts: ['api.airtable.com'],
    call: { tool: 'list_bases', arguments: {}, mark: 'marked' },
    answer: () => ({ bases: [{ id: 'app1', name: 'marked', permissionLevel: 'read' }] }),
  },
  {
    ...npm,
    package: '@stripe/mcp',
    version: '0.3.3',
    start: 'dist/index.js',
    provider: 'stripe',
    variables: { STRIPE_SECRET_KEY: 'secret' },
    hosts: ['api.stripe.com', 'mcp.stripe.com'],
    call: { tool: 'retrieve_balance', arguments: {}, mark: 'marked' },
    // It passes on to the server that Stripe runs.
    answer: ({ body }) => remoteServer(body, { name: 'retrieve_balance', said: 'marked' }),
  },
  {
    ...npm,
    package: 'resend-mcp',
    version: '2.6.0',
    start: 'dist/index.js',
    provider: 'resend',
    variables: { RESEND_API_KEY: 'secret' },
    hosts: ['api.resend.com'],
    call: { tool: 'list-domains', arguments: {}, mark: 'marked' },
    answer: () => ({
      object: 'list',
      has_more: false,
      data: [
        { id: 'marked', name: 'marked.example', status: 'verified', created_at: '', region: 'eu-west-1' },
      ],
    }),
  },
  {
    ...npm,
    package: '@pinecone-database/mcp',
    version: '0.3.0',
    start: 'dist/index.js',
    provider: 'pinecone',
    settings: { projectId: '00000000-0000-4000-8000-000000000001' },
    variables: { PINECONE_API_KEY: 'secret' },
    hosts: ['api.pinecone.io', '*.pinecone.io'],
    call: { tool: 'list-indexes', arguments: {}, mark: 'marked' },
    answer: () => ({
      indexes: [
        {
          name: 'marked',
          metric: 'cosine',
          dimension: 2,
          host: 'marked.pinecone.io',
          spec: { serverless: { cloud: 'aws', region: 'eu-west-1' } },
          status: { ready: true, state: 'Ready' },
          vector_type: 'dense',
          deletion_protection: 'disabled',
        },
      ],
    }),
  },
  {
    ...npm,
    package: '@tacticlaunch/mcp-linear',
    version: '1.4.3',
    start: 'dist/index.js',
    provider: 'linear',
    variables: { LINEAR_API_TOKEN: 'secret' },
    hosts: ['api.linear.app'],
    call: { tool: 'linear_getViewer', arguments: {}, mark: 'marked' },
    answer: () => ({
      data: {
        viewer: { id: 'marked', name: 'marked', email: 'a@example.com', active: true, displayName: 'm' },
      },
    }),
  },
  {
    ...npm,
    package: '@elastic/mcp-server-elasticsearch',
    version: '0.3.1',
    start: 'dist/index.js',
    provider: 'elasticsearch',
    settings: { host: 'search.example.com', roles: { reader: { indices: [] } } },
    variables: { ES_API_KEY: 'secret' },
    env: { ES_URL: 'https://search.example.com' },
    hosts: ['search.example.com'],
    call: { tool: 'list_indices', arguments: { indexPattern: '*' }, mark: 'marked' },
    answer: () => [{ index: 'marked', health: 'green', status: 'open', docsCount: '1', 'docs.count': '1' }],
  },
  {
    ...npm,
    package: '@brave/brave-search-mcp-server',
    version: '2.1.4',
    start: 'dist/index.js',
    provider: 'brave-search',
    variables: { BRAVE_API_KEY: 'secret' },
    hosts: ['api.search.brave.com'],
    refusal: [422, { type: 'ErrorResponse', error: braveRefusal }],
    call: { tool: 'brave_news_search', arguments: { query: 'mark' }, mark: 'marked' },
    answer: () => ({
      type: 'news',
      query: { original: 'mark' },
      results: [
        {
          url: 'https://example.com/marked',
          title: 'marked',
          description: 'marked',
          type: 'news_result',
          age: '1',
        },
      ],
    }),
  },
  {
    ...pypi,
    package: 'mcp-atlassian',
    version: '0.23.1',
    start: 'mcp-atlassian',
    provider: 'atlassian',
    settings: { site: 'marked.atlassian.net', email: 'bot@example.com', organization: '0f1e2d3c' },
    fields: { email: 'bot@example.com' },
    variables: { JIRA_API_TOKEN: 'secret' },
    env: { JIRA_URL: 'https://marked.atlassian.net', JIRA_USERNAME: 'bot@example.com' },
    hosts: ['marked.atlassian.net'],
    call: { tool: 'jira_get_all_projects', arguments: {}, mark: 'MARKED' },
    answer: () => ({
      isLast: true,
      startAt: 0,
      maxResults: 50,
      total: 1,
      values: [{ id: '1', key: 'MARKED', name: 'marked' }],
    }),
  },
  {
    ...pypi,
    package: 'elasticsearch-mcp-server',
    version: '2.1.6',
    start: 'elasticsearch-mcp-server',
    provider: 'elasticsearch',
    settings: { host: 'search.example.com', roles: { reader: { indices: [] } } },
    variables: { ELASTICSEARCH_API_KEY: 'secret' },
    env: { ELASTICSEARCH_HOSTS: 'https://search.example.com' },
    hosts: ['search.example.com'],
    call: { tool: 'list_indices', arguments: {}, mark: 'marked' },
    answer: () => [{ index: 'marked', health: 'green', status: 'open' }],
  },
];

/** What an MCP server over HTTP with one tool answers to a message. */
function remoteServer(body: string, { name, said }: { name: string; said: string }): unknown {
  const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
  const results: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'remote', version: '1.0.0' },
    },
    'tools/list': { tools: [{ name, description: name, inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: said }] },
  };
  return { jsonrpc: '2.0', id, result: results[method ?? ''] ?? {} };
}
