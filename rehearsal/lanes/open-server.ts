// Starts a server in one of the ways in which it can get its key, with an official client in front of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programArguments } from '../../bin/programs';
import { freePort } from '../../client/run/http/readiness';
import { type LaneAccount, place } from './account';
import type { FakeApis } from './fake-apis';
import { connectOverHttp, endPrograms } from './http-client';
import { connectClient, type McpClient, type Start } from './mcp-client';
import { pythonLibrary } from './own-servers';

/**
 * - `run`: `keyturn run` starts another process with the new key.
 * - `broker`: `keyturn run --broker`; the process lives on.
 * - `signal`: `keyturn agent` writes a file and sends a signal.
 * - `restart`: `keyturn agent` ends the process and starts it again.
 * - `library`: the server's own code has the client library.
 */
export type Way = 'run' | 'broker' | 'signal' | 'restart' | 'library';

export interface ServerOptions {
  way: Way;
  /** The variable that the server reads its key from. */
  variable: string;
  /** `provider`, or `provider/purpose` */
  key: string;
  sdk: 1 | 2;
  overHttp: boolean;
  /** Further flags of `keyturn run`. */
  flags: readonly string[];
  env: Record<string, string>;
  /** How often AWS is asked for a new key: `1s`. @default - as each way does unless told otherwise */
  looks?: string;
}

/** One for each server that runs. */
const folders = new Set<string>();

export async function openServer(
  command: readonly string[],
  options: ServerOptions,
  {
    account,
    apis,
    keyturn = [process.execPath, ...programArguments('keyturn')],
  }: { account: LaneAccount; apis: FakeApis; keyturn?: readonly string[] },
  onStderr: (text: string) => void,
): Promise<McpClient> {
  const { way, sdk, env } = options;
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-server-'));
  folders.add(folder);
  const port = options.overHttp ? await freePort() : undefined;
  const [program = '', ...args] = commandOf(command, options, keyturn, folder, port);
  const start: Start = {
    command: program,
    args,
    env: {
      ...outside(process.env),
      ...account.env,
      ...(way === 'broker' && apis.brokered.env),
      ...(way === 'library' && libraryEnv(options)),
      ...(way === 'signal' && { TEST_KEY_FILE: join(folder, 'key') }),
      ...(isUnderAgent(way) && port && { PORT: String(port) }),
      ...env,
    },
    cwd: folder,
  };
  // Credentials in variables go before those in a file.
  if (start.env.AWS_SHARED_CREDENTIALS_FILE) delete start.env.AWS_ACCESS_KEY_ID;
  const client = port
    ? await connectOverHttp(sdk, start, port, onStderr)
    : await connectClient(sdk, start, onStderr);
  return {
    ...client,
    async close() {
      await client.close();
      remove(folder);
    },
  };
}

function remove(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Ends what this process alone can end: servers over stdio go with it. */
export async function endServers(): Promise<void> {
  await endPrograms();
  for (const folder of folders) remove(folder);
}

const isUnderAgent = (way: Way) => way === 'signal' || way === 'restart';

function commandOf(
  command: readonly string[],
  { way, variable, key, flags, looks }: ServerOptions,
  keyturn: readonly string[],
  folder: string,
  port: number | undefined,
): string[] {
  if (way === 'library') return [...command];
  const named = ['--env', place.environment, '--server', place.server, '--key', `${variable}=${key}`];
  const common = [...named, ...(looks ? ['--poll', looks] : []), ...flags];
  if (isUnderAgent(way)) {
    const signal =
      way === 'signal' ? ['--file', `${join(folder, 'key')}=${variable}`, '--signal', 'HUP'] : [];
    return [...keyturn, 'agent', ...common, ...signal, '--', ...command];
  }
  const more = [...(way === 'broker' ? ['--broker'] : []), ...(port ? ['--http', String(port)] : [])];
  return [...keyturn, 'run', ...common, '--metrics', 'none', ...more, '--', ...command];
}

function libraryEnv({ key, looks = '300s' }: ServerOptions): Record<string, string> {
  return {
    KEYTURN_ENVIRONMENT: place.environment,
    KEYTURN_SERVER: place.server,
    PYTHONPATH: pythonLibrary,
    PYTHONDONTWRITEBYTECODE: '1',
    TEST_NAME: key,
    TEST_REFRESH: looks.replace('s', ''),
  };
}

/** What of this process's environment is no way to another AWS, to another network, or to a sandbox. */
function outside(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(env).filter(([name]) => !/^(AWS_|KEYTURN_|(https?|no|all)_proxy$)/i.test(name));
  return Object.fromEntries(own) as Record<string, string>;
}
