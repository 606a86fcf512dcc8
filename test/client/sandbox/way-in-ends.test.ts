// How the way in to a server in a sandbox ends, without a sandbox.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWayIn } from '../../../client/sandbox/way-in';
import { until } from '../run/processes';

const onLinux = process.platform === 'linux' ? test : test.skip;
let folder: string;
let nsenter: string;
const said: string[] = [];
const open = () => openWayIn(nsenter, text => void said.push(text));

beforeEach(() => {
  said.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'keyturn-way-in-'));
  nsenter = join(folder, 'nsenter');
  // Enters nothing.
  const steps = ['while [ "$1" != -- ]; do shift; done', 'shift', 'exec "$@"'];
  writeFileSync(nsenter, ['#!/bin/sh', ...steps, ''].join('\n'), { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Processes of ours that would connect. */
function connectors(): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  return listed.split('\n').flatMap(line => (line.includes(' -e ') ? Number.parseInt(line, 10) : []));
}

onLinux('one whose sandbox ends before it is there ends, too, and nothing is said', async () => {
  const wayIn = open();
  const entered = wayIn.enter(process.pid);
  wayIn.close();
  await entered;
  await until(() => connectors().length === 0);
  expect(said).toEqual([]);
});

onLinux('one that ends by itself is said', async () => {
  await open().enter(process.pid);
  for (const pid of connectors()) process.kill(pid, 'SIGKILL');
  await until(() => said.length > 0);
  expect(said).toEqual([expect.stringMatching(/^the server in its sandbox cannot be reached: /)]);
});
