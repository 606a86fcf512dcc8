// The lanes of a package that is installed, as its rehearsal plays them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isBroken, type LaneRow } from '../../rehearsal/lanes/lane-row';

/** @param cwd where the package is installed */
export async function lanesOf(cwd: string): Promise<{ told: number; broken: LaneRow[] }> {
  const rows: LaneRow[] = [];
  const child = fork(join(cwd, 'node_modules/keyturn/dist/lanes.js'), [], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', row => rows.push(row as LaneRow));
  await once(child, 'exit');
  return { told: rows.length, broken: rows.filter(isBroken) };
}
