// `keyturn run` as a client starts it: real processes, the official SDK's client, the AWS model and a provider on loopback.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { commandScript } from '../../support/command-script';
import { openSecrets } from '../../support/secrets';

export const root = join(__dirname, '../../..');
const fixture = join(__dirname, 'fixtures/key-server.mjs');

const usualKeys = ['--key', 'KEY=gitlab'];

/** @param keys which keys it gets: flags */
export function argsOf(
  flags: string[],
  command = [process.execPath, fixture],
  keys: readonly string[] = usualKeys,
): string[] {
  const where = ['--env', 'prod', '--server', 'support-bot', '--metrics', 'stderr'];
  return [commandScript(), 'run', ...where, ...keys, ...flags, '--', ...command];
}

/** A provider that answers 401 to whatever it does not accept. */
async function openProvider() {
  const provider = { origin: '', shown: [] as string[], accepts: /./ };
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const basic = /^Basic (.*)/.exec(authorization)?.[1];
    const key = basic ? Buffer.from(basic, 'base64').toString() : `${authorization}${request.url}`;
    provider.shown.push(key);
    response.writeHead(provider.accepts.test(key) ? 200 : 401).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { provider, server };
}

export async function openCommand() {
  const secrets = await openSecrets();
  secrets.addSecret('gitlab');
  const { provider, server } = await openProvider();
  const clients: Client[] = [];

  async function connect(
    flags: string[] = [],
    server?: string[],
    more: { keys?: readonly string[]; env?: Record<string, string> } = {},
  ) {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: argsOf(flags, server, more.keys),
      env: { ...(process.env as Record<string, string>), ...more.env },
      cwd: root,
      stderr: 'pipe',
    });
    let said = '';
    transport.stderr!.on('data', chunk => {
      said += String(chunk);
    });
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { sampling: {} } });
    let answerQuestion: (url: string) => void = () => {};
    client.setRequestHandler(
      CreateMessageRequestSchema,
      () =>
        new Promise(resolve => {
          answerQuestion = url =>
            resolve({ model: 'm', role: 'assistant', content: { type: 'text', text: url } });
        }),
    );
    await client.connect(transport).catch(error => {
      throw new Error(`${error}: ${said}`);
    });
    clients.push(client);
    return {
      client,
      call: (name: string, args: object = {}) =>
        client.request({ method: 'tools/call', params: { name, arguments: args } }, z.looseObject({})),
      said: () => said,
      pid: transport.pid!,
      answer: (url: string) => answerQuestion(url),
    };
  }

  return {
    secrets,
    provider,
    connect,
    async close() {
      for (const client of clients) await client.close();
      server.closeAllConnections();
      server.close();
      await secrets.close();
    },
  };
}

export type CommandSetup = Awaited<ReturnType<typeof openCommand>>;
