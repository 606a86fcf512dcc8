// Where the preload would keep a server from starting, it is left out, and people are told.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUsageSocket, type UsageSocket } from '../../../../client/run/usage/usage-socket';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-preload-'));
const preload = join(folder, 'preload.cjs');
const script = join(folder, 'server');
let socket: UsageSocket;
beforeEach(() => {
  writeFileSync(preload, '');
  writeFileSync(script, '#!/usr/bin/env -S node --permission --allow-fs-read=/srv\n');
  chmodSync(script, 0o755);
});
afterEach(() => socket.close());
afterAll(() => rmSync(folder, { recursive: true }));

async function open(command: string[], env: NodeJS.ProcessEnv = {}) {
  const said: string[] = [];
  socket = await openUsageSocket({
    ...{ command, env, preload },
    variables: ['KEY'],
    onWatched: () => {},
    onSeen: () => {},
    say: text => said.push(text),
  });
  return said;
}

it('loads it after what the server itself preloads', async () => {
  const said = await open(['node', 'server.js'], { NODE_OPTIONS: '--enable-source-maps' });
  expect(socket.envFor(1)).toMatchObject({
    NODE_OPTIONS: `--enable-source-maps --require "${preload}"`,
    KEYTURN_USAGE_PROCESS: '1',
  });
  expect(said).toEqual([]);
});

it('does without where the file is gone, says so once, and takes it up again', async () => {
  const said = await open(['node', 'server.js']);
  expect(socket.envFor(1)).toHaveProperty('NODE_OPTIONS');
  rmSync(preload);
  expect([socket.envFor(2), socket.envFor(3)]).toEqual([{}, {}]);
  expect(said).toEqual([
    `the server's requests are not counted: ${preload} cannot be read. To run without counting, add --no-usage.`,
  ]);
  writeFileSync(preload, '');
  expect(socket.envFor(4)).toHaveProperty('NODE_OPTIONS');
});

it.each([
  ['in the command', ['node', '--permission', '--allow-fs-read=/srv', 'server.js'], {}],
  ['as earlier versions of Node call it', ['node', '--experimental-permission', 'server.js'], {}],
  ['in the environment', ['node', 'server.js'], { NODE_OPTIONS: '--permission --allow-fs-read=*' }],
  ['in the first line of a script', [script], {}],
])("does without where Node's permission model is on: %s", async (_where, command, env) => {
  const said = await open(command, env);
  expect(socket.envFor(1)).toEqual({});
  expect(said).toEqual([expect.stringMatching(/permission model.*--no-usage/)]);
});
