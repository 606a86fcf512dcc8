// AWS credentials that end while a process runs, and the words for what keeps AWS from answering.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretReader } from '../../../client/keys/secrets/secret-reader';
import { createTokenAsker } from '../../../client/keys/tokens/token-asker';
import { followQueue } from '../../../client/run/watch/event-queue';
import { usageSink } from '../../../client/usage/usage-sinks';

const address = { environment: 'prod', provider: 'gitlab', server: 'bot', purpose: 'main' };
const variables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AWS_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_MAX_ATTEMPTS',
  'AWS_EC2_METADATA_DISABLED',
];
const before = Object.fromEntries(variables.map(name => [name, process.env[name]]));
const message = {
  MessageId: 'm',
  ReceiptHandle: 'r',
  Body: 'b',
  MD5OfBody: createHash('md5').update('b').digest('hex'),
};
let folder: string;
let server: Server;
/** Access key ids, in the order in which calls were made with them. */
let seen: string[];
let refused: { id: string; error: string };
let onRefusal: () => void;

const renew = (id: string) =>
  writeFileSync(
    join(folder, 'credentials'),
    `[default]\naws_access_key_id = ${id}\naws_secret_access_key = s\naws_session_token = t\n`,
  );

beforeEach(async () => {
  seen = [];
  onRefusal = () => {};
  refused = { id: '', error: 'ExpiredTokenException' };
  folder = mkdtempSync(join(tmpdir(), 'keyturn-credentials-'));
  server = createServer((request, response) => {
    const id = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody';
    seen.push(id);
    const isRefused = id === refused.id;
    if (isRefused) onRefusal();
    const answer = isRefused
      ? { __type: refused.error, message: 'The security token included in the request is expired' }
      : { VersionIdsToStages: { v1: ['AWSCURRENT'] }, Messages: [message] };
    request.resume().on('end', () => {
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  for (const name of variables) delete process.env[name];
  Object.assign(process.env, {
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: origin(),
    AWS_MAX_ATTEMPTS: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  renew('MORNING');
});
afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const messageOf = (call: () => Promise<unknown>) =>
  call().then(
    () => 'no error',
    (error: Error) => error.message,
  );

describe('credentials that were renewed in their file', () => {
  it.each([
    ...['ExpiredTokenException', 'ExpiredToken', 'UnrecognizedClientException', 'InvalidClientTokenId'],
    // A revoked session.
    'AccessDeniedException',
  ])('are found after %s, for the call that met it', async error => {
    const reader = createSecretReader();
    await reader.describe(address);
    refused = { id: 'MORNING', error };
    renew('AFTERNOON');
    await Promise.all([reader.describe(address), reader.describe(address)]);
    await reader.describe(address);
    expect(seen).toEqual(['MORNING', 'MORNING', 'MORNING', 'AFTERNOON', 'AFTERNOON', 'AFTERNOON']);
  });

  it('are asked for once where the file still has those that were refused', async () => {
    refused = { id: 'MORNING', error: 'AccessDeniedException' };
    await messageOf(() => createSecretReader().describe(address));
    expect(seen).toEqual(['MORNING']);
  });

  it('are found later where they come later, by clients that are there and by new ones', async () => {
    const reader = createSecretReader();
    await reader.describe(address);
    refused.id = 'MORNING';
    expect(await messageOf(() => reader.describe(address))).toMatch(
      /was refused because the AWS credentials have expired \(ExpiredTokenException\); renew them/,
    );
    expect(seen).toEqual(['MORNING', 'MORNING']);
    renew('AFTERNOON');
    await reader.describe(address);
    await createSecretReader().describe(address);
    expect(seen).toEqual(['MORNING', 'MORNING', 'MORNING', 'AFTERNOON', 'AFTERNOON']);
  });

  const at = new Date();
  it.each<[string, () => () => Promise<unknown>]>([
    [
      'the token function',
      () => {
        const ask = createTokenAsker();
        return () => ask(address, { scopes: [] });
      },
    ],
    [
      'CloudWatch',
      () => {
        const sink = usageSink('cloudwatch');
        return async () => sink.write([{ address, counts: { requests: 1 } }], at);
      },
    ],
  ])('are found by what calls %s', async (_service, open) => {
    const call = open();
    // What an answer says is not the point: whose credentials the call was made with is.
    await call().catch(() => {});
    refused.id = 'MORNING';
    renew('AFTERNOON');
    await call().catch(() => {});
    expect(seen.at(0)).toBe('MORNING');
    expect(seen.at(-1)).toBe('AFTERNOON');
  });

  it('are found by what follows the queue of events', async () => {
    refused.id = 'MORNING';
    const stop = new AbortController();
    const said: string[] = [];
    onRefusal = () => renew('AFTERNOON');
    await new Promise<void>(resolve => {
      void followQueue({
        queueUrl: `${origin()}/queue`,
        onMessage: resolve,
        say: text => said.push(text),
        stop: stop.signal,
      });
    });
    stop.abort();
    expect(said).toEqual([]);
    expect(seen.slice(0, 2)).toEqual(['MORNING', 'AFTERNOON']);
  });
});

describe('an error names the cause', () => {
  it('no credentials', async () => {
    rmSync(join(folder, 'credentials'));
    expect(await messageOf(() => createSecretReader().describe(address))).toMatch(
      /no AWS credentials were found \(CredentialsProviderError\); run `aws sso login`, or set AWS_PROFILE/,
    );
    expect(seen).toEqual([]);
  });

  it('an endpoint that does not answer', async () => {
    const closed = origin();
    await new Promise(resolve => server.close(resolve));
    expect(await messageOf(() => createSecretReader().describe(address))).toContain(
      `could not be reached: ${closed} gave no answer (ECONNREFUSED); check the network`,
    );
    expect(await messageOf(() => createTokenAsker()(address, { scopes: [] }))).toContain(
      `${closed} gave no answer (ECONNREFUSED)`,
    );
  });

  it('a region that is missing', async () => {
    delete process.env.AWS_REGION;
    expect(await messageOf(() => createSecretReader().describe(address))).toMatch(
      /no AWS region is set; set AWS_REGION/,
    );
  });
});
