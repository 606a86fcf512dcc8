// What the command says and counts, and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { argsOf, type CommandSetup, openCommand, root } from './command-setup';
import { groupRuns, until } from './processes';

let command: CommandSetup;
let secrets: CommandSetup['secrets'];
let provider: CommandSetup['provider'];
let connect: CommandSetup['connect'];
beforeEach(async () => {
  command = await openCommand();
  ({ secrets, provider, connect } = command);
});
afterEach(() => command.close());

it('hands a rotated key to a running server, and never prints it', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, pid, client } = await connect();
  expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
  await secrets.put('gitlab', 'FAKESECRET-chatty');
  process.kill(pid, 'SIGHUP');
  await until(async () => (await call('key')).key === 'FAKESECRET-chatty');
  expect(said()).toMatch(/process 2 took over, \d+ ms after/);
  // What a server says on the wrong channel is for people to see, but for its key.
  expect(said()).toContain('but not JSON-RPC: my key is [key]');
  await client.close();
  expect(said()).not.toContain('FAKESECRET');
});

it('passes on what a server writes to its standard error, without its key in any form', async () => {
  const key = 'FAKESECRET/one+of&two';
  await secrets.put('gitlab', key);
  const { call, said, client } = await connect();
  await call('complain');
  await until(async () => said().includes('all told'));
  expect(said().match(/refused: .*\[key\]/g)).toHaveLength(5);
  expect(said()).toContain('\n[key]\nall told\n');
  for (const form of [
    key,
    encodeURIComponent(key),
    Buffer.from(key).toString('hex'),
    key.slice(0, 9),
    key.slice(9),
  ])
    expect(said()).not.toContain(form);
  expect(said()).not.toContain(Buffer.from(`user:${key}`).toString('base64').slice(8, -2));
  await client.close();
});

it('counts the requests of a server that nobody can change, and asks for a new key as soon as one is rejected', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client } = await connect();
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  expect(await call('fetch', { url: provider.origin, basic: true })).toEqual({ status: 200 });
  expect(await call('get', { url: provider.origin })).toEqual({ status: 200 });
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  provider.accepts = /two-of-two/;
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 401 });
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
  expect(await call('get', { url: provider.origin })).toEqual({ status: 200 });
  await until(() => provider.shown.length === 5);
  // The preload reports once a second.
  await call('wait', { ms: 1_200 });
  await client.close();
  const reported = said()
    .split('\n')
    .filter(line => line.startsWith('{'));
  expect(reported.map(line => JSON.parse(line))).toMatchObject([
    { server: 'support-bot', provider: 'gitlab', purpose: 'main', Requests: 5, AuthFailures: 1 },
  ]);
  expect(said()).not.toContain('FAKESECRET');
});

it('tells a superseded key that is still used from the others', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client, pid, answer } = await connect();
  const late = call('ask');
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  process.kill(pid, 'SIGHUP');
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
  answer(provider.origin);
  expect((await late).key).toBe('FAKESECRET-one-of-two');
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  await call('wait', { ms: 1_200 });
  await client.close();
  const line = said()
    .split('\n')
    .find(text => text.startsWith('{'))!;
  expect(JSON.parse(line)).toMatchObject({ Requests: 2, SupersededUses: 1 });
});

it('reports at once in Lambda, where it may be frozen at any time', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'somebody';
  const { call, said } = await connect().finally(() => delete process.env.AWS_LAMBDA_FUNCTION_NAME);
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  await until(() => said().includes('"Requests":1'));
});

it('counts nothing where it is told not to', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client } = await connect(['--no-usage']);
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  await client.close();
  expect(said()).not.toContain('Requests');
});

it.each([
  [[], ['AWS_REGION']],
  [['--pass-aws'], ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']],
])("gives the server of the host's access to AWS what it is told to: %j", async (flags, expected) => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  process.env.AWS_SESSION_TOKEN = 'not-checked';
  const { call } = await connect(flags).finally(() => delete process.env.AWS_SESSION_TOKEN);
  const { names } = (await call('env')) as { names: string[] };
  expect(names).toEqual(expect.arrayContaining(['KEY', 'PATH', ...expected]));
  const ways = /^AWS_(.*(KEY|TOKEN|PROFILE|ROLE|CREDENTIALS|CONFIG|ENDPOINT|CONTAINER|IDENTITY))/;
  if (!flags.length) expect(names.filter(name => ways.test(name))).toEqual([]);
});

it("starts a server that Node's permission model keeps from reading anything else", async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const folder = join(__dirname, 'fixtures');
  const { call, said } = await connect(
    [],
    [
      process.execPath,
      '--experimental-permission',
      `--allow-fs-read=${folder}/*`,
      join(folder, 'key-server.mjs'),
    ],
  );
  expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
  expect(said()).toMatch(/requests are not counted: Node's permission model.*--no-usage/);
});

it('leaves no server behind when it is killed', async () => {
  await secrets.put('gitlab', 'grandchild');
  const { call, pid } = await connect();
  const server = Number((await call('key')).pid);
  process.kill(pid, 'SIGKILL');
  await until(() => !groupRuns(server));
});

describe('before it starts anything, it says', () => {
  async function start(
    flags: string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number | null; said: string; out: string }> {
    const child: ChildProcess = spawn(process.execPath, argsOf(flags), {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [said, out] = ['', ''];
    child.stderr!.on('data', chunk => {
      said += String(chunk);
    });
    child.stdout!.on('data', chunk => {
      out += String(chunk);
    });
    const code = await new Promise<number | null>(resolve => child.on('close', resolve));
    return { code, said, out };
  }

  it('that a key was never issued', async () => {
    const { code, said, out } = await start([]);
    expect({ code, out }).toEqual({ code: 70, out: '' });
    expect(said).toContain(
      'prod/gitlab/support-bot has no key yet; create one with `npx keyturn issue --env prod`',
    );
  });

  it('that what is stored cannot be a key', async () => {
    await secrets.put('gitlab', '"FAKESECRET"');
    const { code, said } = await start([]);
    expect(code).toBe(70);
    expect(said).toContain('the key prod/gitlab/support-bot, as stored, is in quotes');
    expect(said).not.toContain('FAKESECRET');
  });

  it('with --check, that all is well, or what is not', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    expect(await start(['--check'])).toMatchObject({
      code: 0,
      said: 'prod/support-bot: 1 variable, all well\n',
      out: '',
    });
    expect(await start(['--check', '--key', 'HOST=gitlab:host'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('HOST'),
    });
  });
});
