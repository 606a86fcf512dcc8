// Starts the lanes beside a rehearsal, in a process of their own: they go by the machine's clock and need its second core.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { programArguments } from '../../bin/programs';
import type { LaneRow } from './lane-row';

export interface StartedLanes {
  /** One row a lane, in their order, once all are over. */
  rows: Promise<LaneRow[]>;
  /** Ends those that are not over. */
  stop(): void;
}

export function startLanes(): StartedLanes {
  const child = spawn(process.execPath, programArguments('lanes'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const told: LaneRow[] = [];
  child.on('message', row => void told.push(row as LaneRow));
  const rows = once(child, 'exit').then(([code]) => {
    if (code === 0) return told;
    throw new Error(`the lanes in real time ended with ${code} after ${told.length} of them were over`);
  });
  // Whoever waits for them is told; nobody does where the rehearsal itself fails.
  rows.catch(() => {});
  return {
    rows,
    stop() {
      if (child.connected) child.disconnect();
    },
  };
}
