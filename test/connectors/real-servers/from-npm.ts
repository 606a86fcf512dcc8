// Servers that npm installs, from a folder outside of this repository: none is a dependency of Keyturn, and some are large.
//
//   npm i --prefix <folder> node@22 unleash-server@8 verdaccio@6 directus@12 && KEYTURN_SERVERS=<folder> npx jest real-servers
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { freePort, type OwnFolder, ownFolder, programOf, stop, untilUp } from './tls-server';

export interface FromNpm {
  /** Where what it exports can be imported by its name. */
  folder: string;
  /** Another Node than this one, where it needs one. */
  node: string;
}

/** `undefined`, and a line that says so, where it is not installed. */
export function serverFromNpm(name: string): FromNpm | undefined {
  const folder = process.env.KEYTURN_SERVERS;
  if (folder === undefined || !existsSync(join(folder, 'node_modules', name))) {
    process.stdout.write(`${name}: skipped; KEYTURN_SERVERS names no folder in which it is installed\n`);
    return undefined;
  }
  const node = join(folder, 'node_modules/node/bin/node');
  return { folder, node: existsSync(node) ? node : process.execPath };
}

/** @throws once the server has ended, or after a minute and a half */
export async function untilAnswers(server: ChildProcess, url: string): Promise<void> {
  for (let tries = 450; ; tries--) {
    const isUp = await realFetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    if (server.exitCode !== null || tries === 0) throw new Error(`${url} did not answer`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** Tests put another in its place. */
const realFetch = globalThis.fetch;

/** Where a server is to be. */
export interface Place {
  folder: OwnFolder;
  port: number;
  /** Of a PostgreSQL of its own, see `startDatabase`. */
  databasePort: number;
}

/**
 * For the tests beside this call: up before them, and gone after them.
 * @param installed where it is not, nothing is started
 * @param host that calls of `fetch` name it by
 * @param ready a path that answers once it is up
 */
export function serveWithDatabase(
  installed: FromNpm | undefined,
  {
    host,
    ready,
    start,
  }: { host: string; ready: string; start(installed: FromNpm, place: Place): ChildProcess },
): void {
  let folder: OwnFolder | undefined;
  let database: Database | undefined;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    if (!installed) return;
    folder = ownFolder();
    database = await startDatabase(folder);
    const port = await freePort();
    server = start(installed, { folder, port, databasePort: database.port });
    const address = `http://127.0.0.1:${port}`;
    await untilAnswers(server, address + ready);
    globalThis.fetch = (url, init) => realFetch(String(url).replace(`https://${host}`, address), init);
  }, 240_000);

  afterAll(async () => {
    globalThis.fetch = realFetch;
    await stop(server);
    await stop(database?.server);
    folder?.remove();
  }, 30_000);
}

interface Database {
  server: ChildProcess;
  port: number;
}

/** PostgreSQL for a server that keeps its things there: on loopback, with a superuser `root` who needs no password. */
async function startDatabase(folder: OwnFolder): Promise<Database> {
  const [initdb, program] = [programOf('initdb'), programOf('postgres')];
  if (!initdb || !program) throw new Error('there is no PostgreSQL here: apt-get install postgresql');
  folder.run(initdb, ['-D', 'data', '-U', 'root', '-A', 'trust', '--no-sync']);
  const port = await freePort();
  const options = { port, fsync: 'off', listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = folder.start(program, ['-D', 'data', ...flags]);
  await untilUp(async () => {
    const client = postgres({ host: '127.0.0.1', port, username: 'root', database: 'postgres', max: 1 });
    try {
      await client.unsafe('select 1');
    } finally {
      await client.end();
    }
  });
  return { server, port };
}
