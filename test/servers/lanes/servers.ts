// The servers under test: as their packages publish them, or in a form that a few of them have; and what they are called with.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LaneCall } from '../../../rehearsal/lanes/lane';
import { own } from '../../../rehearsal/lanes/own-servers';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';
import { pythonWith } from '../python';

const packages = createRequire(join(__dirname, '../../../package.json'));
const fixtures = join(__dirname, '../fixtures');

const tsx = pathToFileURL(packages.resolve('tsx')).href;

type Command = ServerLane['command'];

export const published =
  (name: string): Command =>
  async () => [process.execPath, join(dirname(packages.resolve(`${name}/package.json`)), 'dist/index.js')];

export const inNode =
  (file: string): Command =>
  async () => [process.execPath, ...(file.endsWith('.ts') ? ['--import', tsx] : []), join(fixtures, file)];

export function inPython(file: string, ...requirements: string[]): Command {
  return async () => {
    const found = await pythonWith(...requirements);
    return 'python' in found ? [found.python, join(fixtures, file)] : found;
  };
}

export const python1 = { ...own, command: inPython('server.py', 'mcp<2'), sdk: 1 as const };
export const python2 = { ...own, command: inPython('server.py', 'mcp>=2,<3'), sdk: 2 as const };
export const exclusive = {
  ...own,
  command: inNode('exclusive.mjs'),
  sdk: 1 as const,
  env: (origin: string) => ({ ...own.env(origin), TEST_PORT: '17653' }),
};
/** TypeScript SDK 1 in its published form; it asks no API. */
export const everything = {
  command: published('@modelcontextprotocol/server-everything'),
  variable: 'SOME_KEY',
  env: () => ({}),
  sdk: 1 as const,
};
/** TypeScript SDK 1 in its published form, with an API. */
export const gitlab = {
  variable: 'GITLAB_PERSONAL_ACCESS_TOKEN',
  env: (origin: string) => ({ GITLAB_API_URL: `${origin}/gitlab` }),
  command: published('@modelcontextprotocol/server-gitlab'),
  sdk: 1 as const,
  workers: 4,
};
export const libraryInNode = { ...own, command: inNode('library-server.ts'), sdk: 1 as const };
export const libraryInPython = {
  ...own,
  command: inPython('library_server.py', 'mcp<2', 'boto3>=1.34,<2', 'httpx>=0.25,<1'),
  sdk: 1 as const,
};

/** Of ways that start another process, where the old key ends before there is another. */
export const deadKey = {
  why: 'a call that the server has made with a dead key cannot be made again for it',
};

let named = 0;

/** Of server-gitlab. */
export function issues(): (n: number) => LaneCall {
  const lane = ++named;
  return n => {
    const mark = `${lane}-issue-${n}-`;
    return { tool: 'create_issue', args: { project_id: '7', title: mark }, mark };
  };
}

/** Of server-everything: quick ones, some that take long enough to meet a handover, and some that need the client in between. */
export function everyKind({ asksClient }: { asksClient: boolean }): (n: number) => LaneCall {
  return n => {
    const mark = `mark-${n}-`;
    if (n % 10 === 0) {
      const args = { duration: 0.4 + n / 1e7, steps: 4 };
      const [tool, steps] = ['trigger-long-running-operation', `${args.duration} seconds`];
      return { tool, args, mark: steps, hasProgress: true };
    }
    if (asksClient && n % 10 === 5)
      return { tool: 'trigger-sampling-request', args: { prompt: mark, maxTokens: 10 }, mark };
    return { tool: 'echo', args: { message: mark }, mark };
  };
}
