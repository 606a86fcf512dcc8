// Starts a server in one of the ways in which it can get its key, with an official client in front of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../client/run/http/readiness';
import { place, type SecretsRig } from '../support/secrets';
import type { FakeApis } from './fake-apis';
import { connectOverHttp } from './http-client';
import { connectClient, type McpClient, type Start } from './mcp-client';

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

const root = join(__dirname, '../..');
/** As it is written, and not as it is built. */
const keyturn = ['--import', 'tsx', join(root, 'bin/keyturn.ts')];

export async function openServer(
  command: readonly string[],
  options: ServerOptions,
  { secrets, apis }: { secrets: SecretsRig; apis: FakeApis },
  onStderr: (text: string) => void,
): Promise<McpClient> {
  const { way, sdk, env } = options;
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-server-'));
  const port = options.overHttp ? await freePort() : undefined;
  const [program = '', ...args] = commandOf(command, options, folder, port);
  const start: Start = {
    command: program,
    args,
    env: {
      ...common(process.env, env),
      AWS_ENDPOINT_URL: secrets.rig.endpoint,
      AWS_DEFAULT_REGION: process.env.AWS_REGION ?? '',
      ...(way === 'broker' && apis.brokered.env),
      ...(way === 'library' && libraryEnv(options)),
      ...(way === 'signal' && { TEST_KEY_FILE: join(folder, 'key') }),
      ...(isUnderAgent(way) && port && { PORT: String(port) }),
      ...env,
    },
    cwd: root,
  };
  const client = port
    ? await connectOverHttp(sdk, start, port, onStderr)
    : await connectClient(sdk, start, onStderr);
  return {
    ...client,
    async close() {
      await client.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const isUnderAgent = (way: Way) => way === 'signal' || way === 'restart';

function commandOf(
  command: readonly string[],
  { way, variable, key, flags, looks }: ServerOptions,
  folder: string,
  port: number | undefined,
): string[] {
  if (way === 'library') return [...command];
  const named = ['--env', place.environment, '--server', place.server, '--key', `${variable}=${key}`];
  const common = [...named, ...(looks ? ['--poll', looks] : []), ...flags];
  if (isUnderAgent(way)) {
    const signal =
      way === 'signal' ? ['--file', `${join(folder, 'key')}=${variable}`, '--signal', 'HUP'] : [];
    return [process.execPath, ...keyturn, 'agent', ...common, ...signal, '--', ...command];
  }
  const more = [...(way === 'broker' ? ['--broker'] : []), ...(port ? ['--http', String(port)] : [])];
  return [process.execPath, ...keyturn, 'run', ...common, '--metrics', 'none', ...more, '--', ...command];
}

function libraryEnv({ key, looks = '300s' }: ServerOptions): Record<string, string> {
  return {
    KEYTURN_ENVIRONMENT: place.environment,
    KEYTURN_SERVER: place.server,
    PYTHONPATH: join(root, 'clients/python/src'),
    PYTHONDONTWRITEBYTECODE: '1',
    TEST_NAME: key,
    TEST_REFRESH: looks.replace('s', ''),
  };
}

/** As hosts have it: a connection that is closed while it is used is no failure. Credentials in variables go before those in a file. */
function common(
  { AWS_MAX_ATTEMPTS, AWS_ACCESS_KEY_ID, ...rest }: NodeJS.ProcessEnv,
  { AWS_SHARED_CREDENTIALS_FILE }: Record<string, string>,
): Record<string, string> {
  return { ...rest, ...(!AWS_SHARED_CREDENTIALS_FILE && { AWS_ACCESS_KEY_ID }) } as Record<string, string>;
}
