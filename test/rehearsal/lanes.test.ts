// The lanes of `npm start`: each way keeps its promise, and one that is broken is told by its name.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { programArguments } from '../../bin/programs';
import { type LaneAccount, openAccount } from '../../rehearsal/lanes/account';
import { type DefaultLane, defaultLanes } from '../../rehearsal/lanes/default-lanes';
import { type FakeApis, startFakeApis } from '../../rehearsal/lanes/fake-apis';
import type { LaneResult, LaneWorld } from '../../rehearsal/lanes/lane';
import { isBroken, rowOf, titleOf } from '../../rehearsal/lanes/lane-row';
import { pythonLibrary } from '../../rehearsal/lanes/own-servers';
import { runLane } from '../../rehearsal/lanes/run-lane';
import { startLanes } from '../../rehearsal/lanes/start-lanes';
import { brokerPreloadOptions, copyPythonPreload } from '../../scripts/client-bundle';
import { groupRuns, until } from '../client/run/processes';
import { clientPython } from '../support/python';
import { type AlteredCode, altering } from './altered-code';
import { configFile } from './few-days';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'keyturn-lanes-'));
/** Where what is bundled finds the packages that it needs. */
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const bundles = mkdtempSync(join(cache, 'keyturn-lanes-'));
let account: LaneAccount;
let apis: FakeApis;

beforeAll(async () => {
  const python = await clientPython();
  if (python) process.env.KEYTURN_PYTHON = python;
  account = await openAccount();
  apis = await startFakeApis();
});

afterAll(async () => {
  await apis.close();
  await account.close();
  for (const made of [folder, bundles]) rmSync(made, { recursive: true });
});

const laneOf = (title: string): DefaultLane => {
  const found = defaultLanes.find(lane => titleOf(lane.title) === title);
  if (!found) throw new Error(`there is no lane ${title}`);
  return found;
};

/** Less patient than `npm start`: that something never happens is known sooner. */
const impatient = { pauseMs: 25, patienceMs: 8_000 };

async function play(lane: DefaultLane, more: Partial<LaneWorld> = {}) {
  const { run } = runLane({ ...lane, name: titleOf(lane.title), leastCalls: 10 });
  return rowOf(lane.title, await run({ account, apis, ...impatient, ...more }));
}

/** The command line with a fault in it. */
async function keyturnWith(code: AlteredCode): Promise<string[]> {
  const outdir = mkdtempSync(join(bundles, 'keyturn-'));
  await build({
    entryPoints: [join(root, 'bin/keyturn.ts')],
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    plugins: [altering(code)],
  });
  await build(brokerPreloadOptions(outdir));
  copyPythonPreload(outdir);
  return [process.execPath, join(outdir, 'keyturn.js')];
}

test('each way is played in a process of its own, and keeps its promise', async () => {
  const rows = await startLanes().rows;
  expect(rows.map(titleOf)).toEqual(defaultLanes.map(({ title }) => titleOf(title)));
  for (const row of rows) {
    if ('skipped' in row) {
      // Where .ci/run has made one, it is there.
      expect([row.language, process.env.KEYTURN_PYTHON]).toEqual(['Python', undefined]);
      continue;
    }
    expect(row).toMatchObject({ failed: 0, lost: 0, duplicated: 0, problems: [] });
    expect(row.calls).toBeGreaterThanOrEqual(100);
    expect(row.rotations).toBe(laneOf(titleOf(row)).changes?.length);
    expect(row.firstUseMs).toBeGreaterThan(0);
    // Some fail by the nature of this way, and the row says why.
    const mayFail = row.way === 'npx keyturn agent -- <command>';
    expect([row.way, row.excused > 0, row.excuse !== undefined]).toEqual([row.way, mayFail, mayFail]);
  }
});

test('lanes whose rehearsal has gone take all that they have started with them', async () => {
  const lanes = spawn(process.execPath, programArguments('lanes'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Whatever they start is in this group, too.
    detached: true,
  });
  const group = Number(lanes.pid);
  // The next ones, over HTTP, are ended by nothing but a signal.
  for (let over = 0; over < 3; over++) await once(lanes, 'message');
  expect(groupRuns(group)).toBe(true);
  lanes.disconnect();
  await until(() => !groupRuns(group));
});

const brokered = defaultLanes.filter(({ way }) => way === 'broker').map(({ title }) => titleOf(title));
const exchange = 'client/broker/exchange.ts';
const faults: [what: string, lane: string, code: AlteredCode, says: Partial<LaneResult> | RegExp][] = [
  ...brokered.map((lane): (typeof faults)[number] => [
    'a broker that lets rejections through',
    lane,
    { file: exchange, changes: [['const mayRepeat = () => ', 'const mayRepeat = () => false && ']] },
    /401/,
  ]),
  [
    'a broker that sends twice',
    'npx keyturn run --broker, stdio, Node',
    {
      file: exchange,
      changes: [[': send(carrying);', ': send(carrying).then(() => send(carrying));']],
    },
    { failed: 0 },
  ],
  [
    'a host that never moves to the new process',
    'npx keyturn run --http, HTTP, Node',
    {
      file: 'client/run/http/http-host.ts',
      changes: [
        ['if (!place || state.isEnding) return;', 'if (!place || state.isEnding || number > 1) return;'],
      ],
    },
    /not within 8 s: the new key is used/,
  ],
  [
    'an agent that does not signal',
    'npx keyturn agent --signal, HTTP, Node',
    {
      file: 'client/agent/agent.ts',
      changes: [["else if (onChange.kind === 'signal') state.program?.signal(onChange.name);", '']],
    },
    /not within 8 s: the new key is used/,
  ],
  [
    'an agent that does not start again',
    'npx keyturn agent -- <command>, HTTP, Node',
    {
      file: 'client/agent/agent.ts',
      changes: [
        ["if (onChange.kind === 'restart') await restart(onChange.program, itsEnv);\n    else if", 'if'],
      ],
    },
    /not within 8 s: the new key is used/,
  ],
];

test.each(faults)('%s breaks the lane %s', async (_what, title, code, says) => {
  const row = await play(laneOf(title), { keyturn: await keyturnWith(code) });
  if ('skipped' in row) return expect(row.language).toBe('Python');
  expect(isBroken(row)).toBe(true);
  if (says instanceof RegExp) expect(row.problems.join()).toMatch(says);
  else expect([row.failed, row.duplicated > 10]).toEqual([0, true]);
});

test('a client library for Python that does not look for a newer key breaks its lane', async () => {
  const lane = laneOf('the client library for Python, stdio, Python');
  const altered = join(folder, 'library');
  cpSync(pythonLibrary, altered, { recursive: true });
  const file = join(altered, 'keyturn/_cached_key.py');
  const source = readFileSync(file, 'utf8');
  const search = 'search = self._search.after(version.version_id)';
  expect(source).toContain(search);
  writeFileSync(file, source.replace(search, 'search = None'));
  const row = await play({ ...lane, env: origin => ({ ...lane.env(origin), PYTHONPATH: altered }) });
  if ('skipped' in row) return;
  expect(row.failed).toBeGreaterThan(0);
  expect(row.problems.join()).toContain('401');
});

test('npm start ends with 1 where a lane broke its promise, and names it', () => {
  // It says that it has what is asked for, and then does nothing.
  const python = join(folder, 'python.mjs');
  writeFileSync(python, '#!/usr/bin/env node\nif (process.argv[2] === "-c") console.log("True");\n');
  chmodSync(python, 0o755);
  const flags = ['--days', '1', '--config', configFile, '--environment', 'dev'];
  const args = ['rehearsal/start.mjs', ...flags, '--page', join(folder, 'page.html')];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, KEYTURN_PYTHON: python },
  });
  expect(stdout).toMatch(/lanes in real time +7, 2 failed/);
  expect(stdout).toMatch(/^npx keyturn run --broker, stdio, Python: .+/m);
  expect(stdout).not.toMatch(/^npx keyturn run --broker, stdio, Node: /m);
  expect(status).toBe(1);
});
