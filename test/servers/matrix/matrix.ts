// The matrix: real servers behind the broker, over a rotation and a key that is killed at once.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pMap from 'p-map';
import { pythonWith } from '../python';
import { type Tried, tryServer } from './brokered-server';
import { openFakeInternet } from './fake-internet';
import { type MatrixServer, matrixServers } from './servers';

const run = promisify(execFile);

type Installed = { command: string[] } | { skipped: string };

export interface MatrixRow {
  from: MatrixServer['from'];
  package: string;
  version: string;
  provider: string;
  /** `works`: by the variables alone. */
  result: 'works' | 'with preload' | 'cannot' | 'not tried';
  /** Of what does not work, or was not tried. */
  why: string;
  /** Before and after a rotation. */
  calls: number;
  failed: number;
  /** How its provider answers a dead key: the status. */
  answersWith: number;
  /** From the moment on in which the key ended at once. */
  killed: { calls: number; failed: number };
}

/** @param calls of each phase */
export async function playMatrix(
  only: string,
  calls: number,
  say: (row: MatrixRow) => void,
): Promise<MatrixRow[]> {
  const servers = matrixServers.filter(server => server.package.includes(only));
  // While this process sees the real network.
  const installed = await pMap(servers, install, { concurrency: 4 });
  const internet = await openFakeInternet([...new Set(servers.flatMap(({ hosts }) => hosts))]);
  // Of this process, in which the broker is.
  process.env.HTTPS_PROXY = internet.proxyUrl;
  const rows: MatrixRow[] = [];
  try {
    for (const [place, server] of servers.entries()) {
      const row = await rowOf(
        server,
        installed[place] ?? { skipped: 'it was not installed' },
        (command, help) => tryServer(server, command, help, internet, calls),
      );
      rows.push(row);
      say(row);
    }
  } finally {
    delete process.env.HTTPS_PROXY;
    await internet.close();
  }
  return rows;
}

async function rowOf(
  server: MatrixServer,
  installed: Installed,
  tryWith: (command: string[], help: 'variables' | 'preload') => Promise<Tried>,
): Promise<MatrixRow> {
  const { from, version, provider } = server;
  const answersWith = server.refusal?.[0] ?? 401;
  const common = { from, package: server.package, version, provider, answersWith };
  if ('skipped' in installed)
    return {
      ...common,
      result: 'not tried',
      why: installed.skipped,
      calls: 0,
      failed: 0,
      killed: { calls: 0, failed: 0 },
    };
  const bare = await tryWith(installed.command, 'variables');
  const tried = isWell(bare) ? bare : await tryWith(installed.command, 'preload');
  const result = tried === bare ? 'works' : isWell(tried) ? 'with preload' : 'cannot';
  const { calls, failed, killed, why } = tried;
  return { ...common, result, why, calls, failed, killed };
}

function isWell({ failed, calls, shown, leaked }: Tried): boolean {
  return calls > 1 && failed === 0 && !leaked && (shown[0] ?? 0) > 0 && (shown[1] ?? 0) > 0;
}

/** Once a machine, outside of the repository. Nothing that a package wants to run at its installation is run. */
async function install(server: MatrixServer): Promise<Installed> {
  if (server.from === 'PyPI') {
    const found = await pythonWith(`${server.package}==${server.version}`);
    if ('skipped' in found) return found;
    return { command: [found.python, join(found.python, '..', server.start)] };
  }
  const name = `${server.package}@${server.version}`;
  const folder = join(tmpdir(), `keyturn-npm-${name.replace(/[^\w.]+/g, '-')}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    mkdirSync(draft);
    writeFileSync(join(draft, 'package.json'), '{}');
    try {
      await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', name], {
        cwd: draft,
        timeout: 600_000,
      });
      renameSync(draft, folder);
    } catch {
      rmSync(draft, { recursive: true, force: true });
      return { skipped: `${name} could not be installed from npm` };
    }
  }
  return { command: [process.execPath, join(folder, 'node_modules', server.package, server.start)] };
}
