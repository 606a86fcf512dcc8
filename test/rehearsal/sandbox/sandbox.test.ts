// A sandbox in real time, and another beside it, with everything that works in it as processes of their own: the command line, the
// client library, a server behind `keyturn run`, the aws CLI.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { askSandbox } from '../../../bin/sandbox/control-client';
import type { SandboxRequest } from '../../../bin/sandbox/requests';
import { keyturn, run, SandboxProcess, stateFolder, temporaryFolder } from './sandbox-process';

const fixtures = join(__dirname, 'fixtures');
const config = join(fixtures, 'keys.ts');
const key = 'dev/sendgrid/bot';
const state = stateFolder();
let sandbox: SandboxProcess;
let beside: SandboxProcess;

beforeAll(async () => {
  const args = ['--config', config, '--env', 'dev'];
  [sandbox, beside] = await Promise.all([
    SandboxProcess.start(args, 'real-time', state.path),
    SandboxProcess.start([...args, '--speed', '3600x'], 'beside', state.path),
  ]);
  expect(await beside.ask('info')).toMatchObject({ name: 'beside', speed: 3600 });
  // An hour a second takes a core for itself until it is looked at again.
  await beside.ask('speed', '1x');
});
afterAll(async () => {
  await Promise.all([sandbox?.end(), beside?.end()]);
  state.remove();
});

const command = (...args: string[]) => sandbox.keyturn([...args, '--config', config]);
const ask = (request: SandboxRequest) => askSandbox(sandbox.facts(), request);

/** What the provider answers to a server with the client library; 0 where there was no answer. */
async function libraryServer(): Promise<{ status: number; byHttps?: number; now?: number; failed?: string }> {
  const { out, err } = await sandbox.run(
    process.execPath,
    ['--import', require.resolve('tsx'), join(fixtures, 'library-server.ts')],
    'bot',
  );
  if (!out.includes('{')) throw new Error(err);
  return JSON.parse(out.slice(out.lastIndexOf('{"'))) as { status: number };
}

test('at 1x the dates of AWS, and of what is stored there, agree with the clock on the wall', async () => {
  const before = Date.now();
  const reply = await fetch(sandbox.variables().AWS_ENDPOINT_URL!, { method: 'POST' });
  const date = Date.parse(reply.headers.get('date')!);
  expect(date).toBeGreaterThan(before - 10_000);
  expect(date).toBeLessThan(Date.now() + 10_000);
  expect(await sandbox.ask('info')).toMatchObject({
    name: 'real-time',
    environment: 'dev',
    keys: 2,
    speed: 1,
  });
});

test('commands work, and say that all is well', async () => {
  expect((await command('whoami')).out).toContain('assumed-role/platform-admin');
  const { code, out } = await command('status', '--env', 'dev');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('dev: 2 keys, all well') });
});

test('a server with the client library reaches the fake provider, by fetch and by https', async () => {
  const before = Date.now();
  const { now, ...answered } = await libraryServer();
  expect(answered).toEqual({ status: 202, byHttps: 200 });
  // It has the clock on the wall.
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('a server behind `npx keyturn run` gets its key in a variable, and reaches the fake provider', async () => {
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { capabilities: {} } };
  const { out, err } = await sandbox.keyturn(
    [
      ...['run', '--config', config, '--env', 'dev', '--server', 'bot', '--', process.execPath],
      join(fixtures, 'variable-server.mjs'),
    ],
    'bot',
    `${JSON.stringify(initialize)}\n`,
  );
  expect({ out, err: out ? '' : err }).toEqual({ out: expect.stringContaining('answered 202'), err: '' });
});

test('the aws CLI works, where there is one', async () => {
  const { code } = await sandbox.run('aws', ['--version']);
  if (code !== 0) {
    process.stdout.write('Left out: there is no aws CLI here (pip install awscli).\n');
    return;
  }
  const identity = await sandbox.run('aws', ['sts', 'get-caller-identity', '--output', 'json']);
  expect({ out: identity.out, err: identity.err }).toEqual({
    out: expect.stringContaining('arn:aws:sts::111111111111:assumed-role/platform-admin/administrator'),
    err: '',
  });
  for (const line of [
    'secretsmanager list-secrets',
    `secretsmanager describe-secret --secret-id keyturn/${key}/main`,
    'cloudwatch describe-alarms',
    'kms describe-key --key-id alias/keyturn-dev',
  ]) {
    const { code, err } = await sandbox.run('aws', [...line.split(' '), '--output', 'json']);
    expect([line, code, err]).toEqual([line, 0, '']);
  }
  const server = await sandbox.run(
    'aws',
    ['secretsmanager', 'get-secret-value', '--secret-id', `keyturn/${key}/main`, '--query', 'Name'],
    'bot',
  );
  expect(server.out).toContain(`keyturn/${key}/main`);
});

test.each<[string, string[], number, number]>([
  ['down', ['break', 'sendgrid'], 503, 503],
  ['limited in its rate', ['break', 'sendgrid', '--how', 'rate-limited'], 429, 429],
  ['of another mind about a live key', ['reject', key], 401, 401],
])('a provider that is %s is seen so by servers, until it is mended', async (_, args, status, byHttps) => {
  await sandbox.ask(...args);
  expect(((await sandbox.ask('info')).faults as unknown[]).length).toBe(1);
  expect(await libraryServer()).toMatchObject({ status, byHttps });
  await sandbox.ask('mend');
  expect((await sandbox.ask('info')).faults).toEqual([]);
  expect(await libraryServer()).toMatchObject({ status: 202, byHttps: 200 });
});

test('a provider that is unreachable, and one that is broken for a while', async () => {
  await sandbox.ask('break', 'sendgrid', '--how', 'unreachable', '--for', '10m');
  expect((await libraryServer()).failed).toContain('fetch failed');
  await sandbox.ask('advance', '10m');
  expect(await libraryServer()).toMatchObject({ status: 202, byHttps: 200 });
});

test('what cannot be done is said, with what was most likely meant', async () => {
  for (const [args, said] of [
    [['steal', 'dev/sendgrid/bott'], 'did you mean dev/sendgrid/bot?'],
    [['break', 'sendgrit'], 'did you mean sendgrid?'],
    [['alarm', key, '--signal', 'off-hours'], 'has no alarm "off-hours"; use one of auth-failures,'],
  ] as const) {
    const { code, err } = await sandbox.keyturn(['sandbox', ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) });
  }
});

test('an alarm goes off, and on-call gets a mail about it', async () => {
  const before = (await sandbox.ask('mail')).total as number;
  await sandbox.ask('alarm', key, '--signal', 'failed-reads');
  await sandbox.ask('alarm', key);
  await sandbox.ask('advance', '40m');
  const { total, mails } = (await sandbox.ask('mail', '--last', '20')) as {
    total: number;
    mails: { text: string }[];
  };
  expect(total).toBeGreaterThanOrEqual(before + 2);
  const texts = mails.map(({ text }) => text).join('\n');
  expect(texts.replace(/\s+/g, ' ')).toContain('someone without permission keeps trying');
  expect(texts).toContain('the provider refuses many of its requests');
});

test('a rotation that is lost fails, and its retry goes through and leaves no orphan', async () => {
  await sandbox.ask('lose-rotation', key);
  await sandbox.ask('advance', '2h');
  expect(sandbox.said()).toMatch(/failed +dev\/sendgrid\/bot: createSecret failed/);
  expect(sandbox.said()).toMatch(/recovered +dev\/sendgrid\/bot: rotated after/);
});

test('a key of tier high that is stolen is replaced without anybody, and the thief is refused', async () => {
  await sandbox.ask('steal', 'dev/openai/bot');
  await sandbox.ask('advance', '10m');
  const { incidents } = JSON.parse((await command('incidents', '--env', 'dev', '--json')).out) as {
    incidents: { key: string; outcome: string }[];
  };
  expect(incidents[0]).toMatchObject({ key: 'dev/openai/bot', outcome: 'contained' });
  expect(sandbox.said()).toContain('dev/openai/bot: the thief is refused');
});

test('after ten days every key has rotated, and commands count by the clock of the sandbox', async () => {
  await sandbox.ask('advance', '10d');
  const { code, out } = await command('status', '--env', 'dev', '--json');
  const { keys } = JSON.parse(out) as {
    keys: { state: string; nextRotationBy: string; rotatedAt: string }[];
  };
  expect(code).toBe(0);
  for (const { nextRotationBy, rotatedAt } of keys) {
    expect(Date.parse(rotatedAt)).toBeGreaterThan(Date.now() + 86_400_000);
    expect(Date.parse(nextRotationBy)).toBeGreaterThan(Date.now() + 10 * 86_400_000);
  }
  expect((await libraryServer()).status).toBe(202);
});

test('no answer of the control endpoint or of the page holds a secret', async () => {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, ...mine } = sandbox.variables();
  const client = new SecretsManagerClient({
    region,
    endpoint,
    credentials: {
      accessKeyId: mine.AWS_ACCESS_KEY_ID!,
      secretAccessKey: mine.AWS_SECRET_ACCESS_KEY!,
      sessionToken: mine.AWS_SESSION_TOKEN!,
    },
  });
  const held = await Promise.all(
    [`keyturn/${key}/main`, 'keyturn/dev/openai/bot/main'].map(async SecretId => {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
      return (JSON.parse(SecretString) as { secret: string }).secret;
    }),
  );
  const { page } = sandbox.facts();
  const token = new URL(page).searchParams.get('token');
  const live = await fetch(new URL('/live', page), { headers: { authorization: `Bearer ${token}` } });
  const answers = [
    ...(await Promise.all([ask({ act: 'info' }), ask({ act: 'mail', last: 1_000 })])).map(answer =>
      JSON.stringify(answer),
    ),
    await (await fetch(page)).text(),
    await live.text(),
    sandbox.said(),
  ];
  expect(live.status).toBe(200);
  expect(held.every(secret => secret.length > 30)).toBe(true);
  for (const secret of [...held, mine.AWS_SECRET_ACCESS_KEY!, mine.AWS_SESSION_TOKEN!])
    expect(answers.filter(answer => answer.includes(secret.slice(-24)))).toEqual([]);
  expect(answers.filter(answer => answer.includes('FAKESECRET'))).toEqual([]);
});

test('a reset begins anew, and the variables stay valid', async () => {
  const before = sandbox.variables();
  await sandbox.ask('reset');
  expect(sandbox.variables()).toEqual(before);
  expect(await sandbox.ask('info')).toMatchObject({ speed: 1, mails: 0, openIncidents: 0, faults: [] });
  expect((await command('status', '--env', 'dev')).code).toBe(0);
  expect(await libraryServer()).toMatchObject({ status: 202, byHttps: 200 });
});

test('another sandbox beside it has its own time, and ends without it', async () => {
  const { sandboxes } = (await sandbox.ask('list')) as { sandboxes: { name: string }[] };
  expect(sandboxes.map(({ name }) => name)).toEqual(['beside', 'real-time']);
  await beside.ask('speed', '3600x');
  expect(await beside.ask('info')).toMatchObject({ name: 'beside', speed: 3600 });
  // Each admits only its own.
  const { AWS_ENDPOINT_URL } = beside.variables();
  const strange = { ...sandbox.variables(), AWS_ENDPOINT_URL: AWS_ENDPOINT_URL! };
  const { code, err } = await run(
    process.execPath,
    [keyturn, 'whoami', '--config', config],
    state.path,
    strange,
  );
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('does not accept the credentials') });
  expect(await beside.end('SIGINT')).toBe(0);
  expect((await sandbox.ask('list')).sandboxes).toHaveLength(1);
});

test('SIGTERM ends it: its ports are free, and nothing of it is left', async () => {
  const { control } = sandbox.facts();
  const { AWS_ENDPOINT_URL } = sandbox.variables();
  expect(await sandbox.end('SIGTERM')).toBe(0);
  for (const url of [control.url, AWS_ENDPOINT_URL!])
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(existsSync(sandbox.file)).toBe(false);
  expect(readdirSync(join(sandbox.file, '..'))).toEqual([]);
  expect(readdirSync(temporaryFolder(state.path)).filter(name => name.startsWith('keyturn-'))).toEqual([]);
});
