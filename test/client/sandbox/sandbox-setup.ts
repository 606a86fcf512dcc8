// A server in a sandbox, beside a broker that this process holds, on a machine with a home in which there are credentials.
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probe, thisMachine } from '../../../client/sandbox/probe';
import { openSandbox } from '../../../client/sandbox/sandbox';
import { openBrokerSetup } from '../broker/support/broker-setup';

export const tryFile = join(__dirname, 'fixtures/try.mjs');
/** What to try, by name: a way, and its argument. */
export type Tries = Record<string, [way: string, argument: unknown]>;

/** Where sandboxes cannot be, tests say so, and end. */
export function bubblewrapHere(): string | undefined {
  try {
    return probe(thisMachine(process.env));
  } catch (error) {
    console.log(`sandboxes were not tried: ${(error as Error).message}`);
    return undefined;
  }
}

/** @param nsenter where the server is reached over HTTP */
export async function openSandboxSetup(
  bubblewrap: string,
  mayReach: readonly string[] = [],
  nsenter?: string,
) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keyturn-sandbox-')));
  const [home, cwd] = [join(folder, 'home'), join(folder, 'work')];
  for (const at of [home, cwd]) {
    mkdirSync(join(at, '.aws'), { recursive: true });
    writeFileSync(join(at, '.aws/credentials'), '[default]');
  }
  const broker = await openBrokerSetup({ alone: { mayReach } });
  const common = {
    bubblewrap,
    nsenter,
    broker: broker.broker,
    cwd,
    home,
    mayReach,
    say: (text: string) => void broker.said.push(text),
  };
  const key = await broker.placeholder('grafana');
  const env = (more: NodeJS.ProcessEnv) => ({ PATH: process.env.PATH, HOME: home, KEY: key, ...more });

  return {
    broker,
    folder,
    home,
    cwd,
    key,
    start(
      command: readonly string[],
      wishes: { readable?: string[]; writable?: string[]; hidden?: string[] } = {},
      more: NodeJS.ProcessEnv = {},
    ) {
      const chosen = { readable: [], writable: [], hidden: [], ...wishes };
      const spawn = openSandbox({ ...common, ...chosen, command, env: env(more) });
      return spawn(command, env({ ...broker.broker.env, ...more }));
    },
    /** @returns what came of each, inside */
    async inside(tries: Tries, ...more: [wishes?: object, env?: NodeJS.ProcessEnv]) {
      const { child } = this.start([process.execPath, tryFile, JSON.stringify(tries)], ...more);
      const { code, out, errors } = await ended(child);
      if (code !== 0) throw new Error(`it ended with ${code}: ${errors}`);
      return JSON.parse(out) as Record<string, unknown>;
    },
    /** ... and outside, as the same user. */
    async outside(tries: Tries) {
      const args = [tryFile, JSON.stringify(tries)];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        cwd,
        env: env({}),
        timeout: 600_000,
      });
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    async close() {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type SandboxSetup = Awaited<ReturnType<typeof openSandboxSetup>>;

export async function ended(child: ChildProcess) {
  const said = { out: '', errors: '' };
  child.stdout!.on('data', chunk => {
    said.out += String(chunk);
  });
  child.stderr!.on('data', chunk => {
    said.errors += String(chunk);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 600_000);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) =>
    child.once('error', reject).once('close', (...how) => resolve(how)),
  );
  clearTimeout(timer);
  return { code, signal, ...said };
}
