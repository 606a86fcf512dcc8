// How long a rotation takes to reach a server that runs, from the moment at which the new key is AWSCURRENT.
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createKeys, type Key } from '../client';
import type { SecretsRig } from '../test/support/secrets';
import { median } from './cached-reads';

export interface Reach {
  /** `keys.use`, where the old key is revoked at once: the call that first meets the rejection, all its retries included. */
  clientMs: number;
  /** `keyturn run`: from being told to look, to the new process serving; most of it is the server's own start. */
  runMs: number;
  /** `keyturn run` looks by itself this often at the longest, while its client is at work. */
  runLooksEveryMs: number;
}

const root = join(__dirname, '..');
const everything = join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const rounds = 5;

export async function benchReach(secrets: SecretsRig): Promise<Reach> {
  return { clientMs: await clientMs(secrets), runMs: await runMs(secrets), runLooksEveryMs: 72_000 };
}

async function clientMs(secrets: SecretsRig): Promise<number> {
  let accepted = 'FAKESECRET-client-0';
  await secrets.put('gitlab', accepted);
  const call = ({ secret }: Key) => new Response(null, { status: secret === accepted ? 200 : 401 });
  const taken: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    // A library that has just looked waits before it looks again: each round has its own.
    const keys = createKeys({ usage: 'none' });
    await keys.use('gitlab', call);
    accepted = `FAKESECRET-client-${round}`;
    await secrets.put('gitlab', accepted);
    const begun = performance.now();
    const { status } = await keys.use('gitlab', call);
    if (status !== 200) throw new Error('the new key has not reached the client');
    taken.push(performance.now() - begun);
  }
  return Number(median(taken).toFixed(1));
}

async function runMs(secrets: SecretsRig): Promise<number> {
  const flags = ['--env', 'prod', '--server', 'support-bot', '--key', 'SOME_KEY=gitlab', '--metrics', 'none'];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--import', 'tsx', 'bin/keyturn.ts', 'run', ...flags, '--', process.execPath, everything],
    env: process.env as Record<string, string>,
    cwd: root,
    stderr: 'pipe',
  });
  let onSwitch: () => void = () => {};
  transport.stderr!.on('data', chunk => {
    if (/took over/.test(String(chunk))) onSwitch();
  });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  const taken: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await secrets.put('gitlab', `FAKESECRET-run-${round}`);
    const begun = performance.now();
    const switched = new Promise<void>(resolve => {
      onSwitch = resolve;
    });
    process.kill(transport.pid!, 'SIGHUP');
    await switched;
    taken.push(performance.now() - begun);
  }
  await client.close();
  return Math.round(median(taken));
}
