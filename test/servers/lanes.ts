// The servers under test, as their packages publish them, and the calls that are made of them.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Call {
  tool: string;
  args: object;
  /** Appears in the right answer, and in no other. */
  mark: string;
  /** Answered in steps, with notices of progress. */
  hasProgress?: true;
}

export interface Lane {
  name: string;
  entry: string;
  /** The variable that the server reads its key from. */
  variable: string;
  provider: string;
  env(origin: string): Record<string, string>;
  call(n: number): Call;
  /** Which of the official SDKs the client is made with. */
  sdk: 1 | 2;
  /** How many calls are under way at any time. */
  workers: number;
}

const packages = createRequire(join(__dirname, '../../package.json'));
const entryOf = (name: string, file: string) => join(dirname(packages.resolve(`${name}/package.json`)), file);

export const lanes: Lane[] = [
  {
    name: '@modelcontextprotocol/server-everything',
    entry: entryOf('@modelcontextprotocol/server-everything', 'dist/index.js'),
    variable: 'SOME_KEY',
    provider: 'self-issued',
    env: () => ({}),
    call(n) {
      const mark = `mark-${n}-`;
      // Mostly quick ones; some that take long enough to meet a handover; some that need the client in between.
      if (n % 10 === 0) {
        const args = { duration: 0.4 + n / 1e7, steps: 4 };
        return {
          tool: 'trigger-long-running-operation',
          args,
          mark: `${args.duration} seconds`,
          hasProgress: true,
        };
      }
      if (n % 10 === 5)
        return { tool: 'trigger-sampling-request', args: { prompt: mark, maxTokens: 10 }, mark };
      return { tool: 'echo', args: { message: mark }, mark };
    },
    sdk: 1,
    workers: 8,
  },
  {
    name: '@modelcontextprotocol/server-gitlab',
    entry: entryOf('@modelcontextprotocol/server-gitlab', 'dist/index.js'),
    variable: 'GITLAB_PERSONAL_ACCESS_TOKEN',
    provider: 'gitlab',
    env: origin => ({ GITLAB_API_URL: `${origin}/gitlab` }),
    call: n => ({
      tool: 'create_issue',
      args: { project_id: '7', title: `issue-${n}-` },
      mark: `issue-${n}-`,
    }),
    sdk: 1,
    workers: 4,
  },
  {
    name: '@brave/brave-search-mcp-server',
    entry: entryOf('@brave/brave-search-mcp-server', 'dist/index.js'),
    variable: 'BRAVE_API_KEY',
    provider: 'brave-search',
    env: origin => ({
      NODE_OPTIONS: `--require "${join(__dirname, 'redirect.cjs')}"`,
      TEST_REDIRECT: `https://api.search.brave.com ${origin}/brave`,
    }),
    call: n => ({ tool: 'brave_news_search', args: { query: `news-${n}-` }, mark: `news-${n}-` }),
    sdk: 2,
    workers: 4,
  },
];
