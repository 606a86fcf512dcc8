// The commands of a sandbox against a control endpoint that the test plays: which sandbox is meant, what is asked of it, and how
// a sandbox that died, or another program on its port, is told from one that runs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { allCommands } from '../../../bin/command-line/all-commands';
import { instanceHeader } from '../../../bin/sandbox/control-client';
import type { SandboxRequest } from '../../../bin/sandbox/requests';
import {
  makeStateDirectory,
  type SandboxState,
  stateFile,
  writeState,
} from '../../../bin/sandbox/state-file';
import { sitDown } from '../support/person';

const clock = { now: () => new Date(), sleep: async () => {} };
const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'keyturn-sandbox-commands-'));
const servers: Server[] = [];
const asked: { name: string; token: string | undefined; request: SandboxRequest }[] = [];

beforeEach(() => {
  process.env.XDG_STATE_HOME = join(folder, String(Math.random()));
  delete process.env.KEYTURN_SANDBOX;
  delete process.env.NODE_OPTIONS;
  asked.length = 0;
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map(closeServer));
});
afterAll(() => {
  process.env = environment;
  rmSync(folder, { recursive: true });
});

const keyturn = (...args: string[]) => sitDown(['sandbox', ...args], { piped: '' }, clock);

/** @param answersAs the instance that answers at its port */
async function sandbox(name: string, answersAs = `instance of ${name}`): Promise<SandboxState> {
  const server = createServer(async (request, reply) => {
    const sent = JSON.parse(await text(request)) as SandboxRequest;
    asked.push({ name, token: request.headers.authorization, request: sent });
    const isRefused = sent.act === 'steal';
    reply.setHeader(instanceHeader, answersAs);
    reply.statusCode = isRefused ? 400 : 200;
    reply.end(
      JSON.stringify(
        isRefused
          ? { error: { code: 'refused', message: 'not this one; try another' } }
          : { text: `${name}: ${sent.act}\n`, facts: { did: sent.act } },
      ),
    );
  });
  servers.push(server);
  const port = await listenOnLoopback(server);
  const state: SandboxState = {
    name,
    instance: `instance of ${name}`,
    pid: process.pid,
    environment: 'prod',
    control: { url: `http://127.0.0.1:${port}/control`, token: `token of ${name}` },
    page: `http://127.0.0.1:${port}/?token=page`,
    variables: {
      admin: {
        AWS_REGION: 'eu-central-1',
        AWS_SESSION_TOKEN: "it's $(long)",
        NODE_OPTIONS: '--import file:///x',
      },
      'support-bot': { AWS_REGION: 'eu-central-1', KEYTURN_SERVER: 'support-bot' },
    },
  };
  writeState(state);
  return state;
}

const requests = () => asked.map(({ request }) => request).filter(({ act }) => act !== 'info');

test.each<[string[], SandboxRequest]>([
  [['reject', 'prod/a/b'], { act: 'reject', key: 'prod/a/b' }],
  [['lose-rotation', 'prod/a/b'], { act: 'lose-rotation', key: 'prod/a/b' }],
  [['break', 'sendgrid'], { act: 'break', provider: 'sendgrid', how: 'down' }],
  [
    ['break', 'sendgrid', '--how', 'slow', '--for', '20m'],
    { act: 'break', provider: 'sendgrid', how: 'slow', forMs: 1_200_000 },
  ],
  [['mend'], { act: 'mend' }],
  [['alarm', 'prod/a/b'], { act: 'alarm', key: 'prod/a/b', signal: 'auth-failures' }],
  [['alarm', 'prod/a/b', '--signal', 'off-hours'], { act: 'alarm', key: 'prod/a/b', signal: 'off-hours' }],
  [['mail'], { act: 'mail', last: 5 }],
  [['advance', '30d'], { act: 'advance', ms: 30 * 86_400_000 }],
  [['speed', '60x'], { act: 'speed', speed: 60 }],
  [['speed', '0.5'], { act: 'speed', speed: 0.5 }],
  [['reset'], { act: 'reset' }],
  [['stop'], { act: 'stop' }],
])('%s is asked of the only sandbox that runs, with its token', async (args, request) => {
  await sandbox('only');
  const ended = await keyturn(...args);
  expect({ code: ended.code, out: ended.out, err: ended.err }).toEqual({
    code: 0,
    out: `only: ${request.act}\n`,
    err: '',
  });
  expect(requests()).toEqual([request]);
  expect(asked.every(({ token }) => token === 'Bearer token of only')).toBe(true);
  expect(JSON.parse((await keyturn(...args, '--json')).out)).toEqual({ did: request.act });
});

test.each([
  [['break', 'sendgrid', '--how', 'burning'], '--how burning is not known; use one of down,'],
  [
    ['alarm', 'prod/a/b', '--signal', 'new-reader'],
    '--signal new-reader is not known; use one of auth-failures',
  ],
  [['mail', '--last', '0'], '--last 0 is not a number of mails'],
  [['advance', 'soon'], '"soon" is not a duration'],
  [['speed', 'fast'], '"fast" is not a speed'],
  [['speed', '3601x'], '"3601x" is not a speed'],
  [['speed', '0x'], '"0x" is not a speed'],
  [['env', '--as', 'nobody'], 'the sandbox has no "nobody"; use one of admin, support-bot'],
  [['start', '--name', 'Not/This'], '"Not/This" cannot be the name of a sandbox'],
  [['start', '--name', 'only'], 'a sandbox named "only" runs already'],
  [['start', '--speed', 'x'], '"x" is not a speed'],
  [['start', '--env', 'gone'], 'gone'],
])('%s ends with a usage error, and asks for nothing', async (args, said) => {
  await sandbox('only');
  const { code, err } = await keyturn(...args);
  expect(err).toContain(said);
  expect(code).toBe(2);
  expect(requests()).toEqual([]);
});

test('what the sandbox refuses ends with its words and their code', async () => {
  await sandbox('only');
  expect(await keyturn('steal', 'prod/a/b')).toMatchObject({
    code: 3,
    out: '',
    err: 'keyturn: not this one; try another\n',
  });
});

const commands = allCommands().filter(({ name }) => name.startsWith('sandbox '));
test.each(commands.map(({ name, argument }) => ({ name, argument })))(
  '$name: where none runs, the fix is said; and no other flag is taken',
  async ({ name, argument }) => {
    const args = [name.slice('sandbox '.length), ...(argument ? ['60s'] : [])];
    if (args[0] === 'speed') args[1] = '60x';
    expect(await keyturn(...args, '--gone')).toMatchObject({ code: 2, out: '' });
    if (['start', 'list'].includes(args[0]!)) return;
    const { code, err } = await keyturn(...args);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'keyturn: no sandbox runs; start one with `npx keyturn sandbox start`\n',
    });
  },
);

test('of several, one is named, or is that of the shell', async () => {
  await sandbox('one');
  await sandbox('two');
  const { code, err } = await keyturn('mend');
  expect({ code, err }).toEqual({
    code: 2,
    err: 'keyturn: several sandboxes run; choose one with --name: one, two\n',
  });
  expect((await keyturn('mend', '--name', 'two')).out).toBe('two: mend\n');
  process.env.KEYTURN_SANDBOX = 'one';
  expect((await keyturn('mend')).out).toBe('one: mend\n');
  expect((await keyturn('mend', '--name', 'three')).err).toBe(
    'keyturn: no sandbox named "three" runs; these do: one, two\n',
  );
  const { sandboxes } = JSON.parse((await keyturn('list', '--json')).out) as {
    sandboxes: { name: string }[];
  };
  expect(sandboxes.map(({ name }) => name)).toEqual(['one', 'two']);
});

describe('what a sandbox that died left confuses nobody, and is taken away', () => {
  test('nothing listens any more', async () => {
    await sandbox('dead');
    await Promise.all(servers.splice(0).map(closeServer));
    await sandbox('alive');
    expect((await keyturn('mend')).out).toBe('alive: mend\n');
    expect(existsSync(stateFile('dead'))).toBe(false);
  });

  test('another program listens there, and is asked for nothing but what it is', async () => {
    await sandbox('dead', 'somebody else');
    await sandbox('alive');
    expect((await keyturn('mend')).out).toBe('alive: mend\n');
    expect(existsSync(stateFile('dead'))).toBe(false);
    expect(asked.filter(({ name, request }) => name === 'dead' && request.act !== 'info')).toEqual([]);
  });

  test.each(['', 'not JSON', '{"name":"dead"}', '[]'])('its file holds %j', async held => {
    makeStateDirectory();
    writeFileSync(stateFile('dead'), held);
    expect((await keyturn('list')).out).toBe('no sandbox runs\n');
    expect(existsSync(stateFile('dead'))).toBe(false);
  });
});

test('only its owner can read its file, and nobody takes the name of one that is there', async () => {
  const state = await sandbox('only');
  expect(statSync(stateFile('only')).mode & 0o777).toBe(0o600);
  expect(statSync(join(stateFile('only'), '..')).mode & 0o777).toBe(0o700);
  expect(() => writeState(state)).toThrow('a sandbox named "only" runs already');
});

test('a shell takes the variables over, whatever they hold, and loses what would lead elsewhere', async () => {
  await sandbox('only');
  process.env.NODE_OPTIONS = '--no-warnings';
  const { out } = await keyturn('env', '--export');
  const said = execFileSync(
    'bash',
    ['-c', `${out}\nprintf '%s|' "$AWS_REGION" "$AWS_SESSION_TOKEN" "$NODE_OPTIONS" "$AWS_PROFILE"`],
    { env: { PATH: environment.PATH, AWS_PROFILE: 'production' }, encoding: 'utf8' },
  );
  expect(said).toBe("eu-central-1|it's $(long)|--no-warnings --import file:///x||");
  const lines = (await keyturn('env', '--as', 'support-bot')).out.split('\n');
  expect(lines).toEqual(expect.arrayContaining(['AWS_REGION=eu-central-1', 'KEYTURN_SERVER=support-bot']));
});

test('the variables are taken over again and again, and are the same', async () => {
  await sandbox('only');
  const first = (await keyturn('env', '--export')).out;
  process.env.NODE_OPTIONS = '--import file:///x';
  expect((await keyturn('env', '--export')).out).toBe(first);
});
