// An AWS that takes a call and never answers it, or stops in the middle of an answer: every client gives up in time, and tries
// again so often and no more.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretReader } from '../../../client/keys/secrets/secret-reader';
import { clientSettings } from '../../../lambda/aws/runtime/client-settings';

const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
const begunAnswer =
  'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 100\r\n\r\n{"Name":"cut';
const credentials = { accessKeyId: 'nobody', secretAccessKey: 'not-checked' };

/** @param says what it answers before it falls silent */
async function silentServer(says = '') {
  const sockets = new Set<Socket>();
  let calls = 0;
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', data => {
      if (!data.toString('latin1').startsWith('POST')) return;
      calls++;
      if (says) socket.write(says);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(resolve));
    },
  };
}

/** @returns the error's name, and how long it took. Milliseconds. */
async function timed(call: () => Promise<unknown>): Promise<{ name: string; code?: string; ms: number }> {
  const begun = performance.now();
  const error = await call().then(
    () => ({ name: 'none' }),
    (thrown: Error & { code?: string }) => thrown,
  );
  return { name: error.name, code: (error as { code?: string }).code, ms: performance.now() - begun };
}

let mute: Awaited<ReturnType<typeof silentServer>>;
let stalled: Awaited<ReturnType<typeof silentServer>>;
beforeEach(async () => {
  mute = await silentServer();
  stalled = await silentServer(begunAnswer);
});
afterEach(() => Promise.all([mute.close(), stalled.close()]));

const { requestTimeout } = clientSettings.requestHandler;
const ofFunctions = (endpoint: string, maxAttempts = 1) => ({
  ...clientSettings,
  maxAttempts,
  region: 'eu-west-1',
  endpoint,
  credentials,
});

test('the functions: no answer, and an answer that stops in the middle', async () => {
  const secret = new DescribeSecretCommand({ SecretId: 'keyturn/prod/sendgrid/bot/main' });
  const item = new GetItemCommand({ TableName: 'keyturn-prod', Key: { pk: { S: 'key' }, sk: { S: 'bot' } } });
  const [silent, cut, table] = await Promise.all([
    timed(() => new SecretsManagerClient(ofFunctions(mute.endpoint)).send(secret)),
    timed(() => new SecretsManagerClient(ofFunctions(stalled.endpoint)).send(secret)),
    timed(() => new DynamoDBClient(ofFunctions(mute.endpoint, 2)).send(item)),
  ]);
  for (const { name } of [silent, cut, table]) expect(name).toBe('TimeoutError');
  for (const { ms } of [silent, cut]) expect(ms).toBeGreaterThan(requestTimeout - 200);
  // Once more, as said, and no more.
  expect(table.ms).toBeGreaterThan(2 * requestTimeout - 400);
  expect(mute.calls()).toBe(3);
});

test('the functions try again so often that a hung call ends long before they do', () => {
  const rotationMs = 5 * 60_000;
  expect(clientSettings.maxAttempts * requestTimeout).toBeLessThan(rotationMs / 10);
  expect(clientSettings.requestHandler.throwOnRequestTimeout).toBe(true);
});

test('the client library: a server is not kept waiting for its key', async () => {
  const variables = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: mute.endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  Object.assign(process.env, variables);
  try {
    const reader = createSecretReader('eu-west-1');
    const { code } = await timed(() => reader.read(address, 'AWSCURRENT'));
    expect(code).toBe('no-answer');
    expect(mute.calls()).toBe(3);
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
});
