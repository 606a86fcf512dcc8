// `keyturn run --http` as a container starts it: real processes, and the AWS model that it reads its keys from.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { argsOf, type CommandSetup, openCommand, root } from '../command-setup';
import { until } from '../processes';

const server = [process.execPath, join(__dirname, '../fixtures/http-server.mjs')];

let command: CommandSetup;
const children: ChildProcess[] = [];
beforeEach(async () => {
  command = await openCommand();
  await command.secrets.put('gitlab', 'glpat-FAKESECRET-one');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await command.close();
});

function start(flags: string[], keys?: string[]) {
  const child = spawn(process.execPath, argsOf(flags, server, keys), {
    cwd: root,
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const run = { said: '', lines: '', signal: (name: NodeJS.Signals) => child.kill(name) };
  child.stderr.on('data', chunk => {
    run.said += String(chunk);
  });
  child.stdout.on('data', chunk => {
    run.lines += String(chunk);
  });
  const code = new Promise<number | null>(resolve => child.on('close', resolve));
  return { run, code };
}

async function unusedPort(): Promise<{ port: number; release(): Promise<void> }> {
  const holder = createServer();
  await new Promise<void>(resolve => holder.listen(0, '127.0.0.1', resolve));
  return {
    port: (holder.address() as AddressInfo).port,
    release: () => new Promise<void>(resolve => void holder.close(() => resolve())),
  };
}

async function keyAt(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/any`).catch(() => undefined);
  return response?.ok ? ((await response.json()) as { key: string }).key : '';
}

it('serves a rotated key on the same port, redacts what the server prints, and ends by SIGTERM', async () => {
  const { port, release } = await unusedPort();
  await release();
  const { run, code } = start(['--http', String(port), '--poll', '0.2s', '--fresh', '0.1s']);
  await until(async () => (await keyAt(port)) === 'glpat-FAKESECRET-one');
  await command.secrets.put('gitlab', 'glpat-FAKESECRET-two');
  await until(async () => (await keyAt(port)) === 'glpat-FAKESECRET-two');
  run.signal('SIGTERM');
  expect(await code).toBe(143);
  expect(run.lines).toBe('my key is [key]\nmy key is [key]\n');
  expect(run.said).toMatch(/the server's process 2 took over/);
});

it('starts nothing where the port is in use', async () => {
  const { port, release } = await unusedPort();
  const { run, code } = start(['--http', String(port)]);
  expect(await code).toBe(2);
  expect(run.said).toContain(
    `the port 127.0.0.1:${port} is in use; stop what uses it, or give --http another`,
  );
  expect(run.lines).toBe('');
  await release();
});

it('stays the same process behind the broker, and says so', async () => {
  command.secrets.addSecret('sendgrid');
  await command.secrets.put('sendgrid', 'SG.FAKESECRET-one');
  const { port, release } = await unusedPort();
  await release();
  const { run, code } = start(['--http', String(port), '--broker'], ['--key', 'KEY=sendgrid']);
  let placeholder = '';
  await until(async () => {
    placeholder = await keyAt(port);
    return placeholder !== '';
  });
  expect(placeholder).toMatch(/^SG\.KeyturnPlaceholder/);
  run.signal('SIGTERM');
  expect(await code).toBe(143);
  expect(run.said).toContain('with --broker the server does not restart when its keys rotate');
});
