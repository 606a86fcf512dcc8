// The packages as npm would publish them, built once for all files of a run: two builds at a time would write over each other.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Packed, packAll, packedIn } from '../../scripts/packed';
import { runFolder } from './run-folder';

/** @throws where the one that builds them fails, or takes more than ten minutes */
export async function packedOnce(): Promise<Packed> {
  const folder = join(runFolder(), 'packed');
  const tarballs = join(folder, 'tarballs');
  const ended = join(folder, 'ended');
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    try {
      return packAll(tarballs);
    } finally {
      writeFileSync(ended, '');
    }
  }
  const giveUpAt = performance.now() + 600_000;
  while (!existsSync(ended)) {
    if (performance.now() > giveUpAt) throw new Error('another test did not finish packing');
    await sleep(200);
  }
  const packed = packedIn(tarballs);
  for (const file of Object.values(packed)) if (!existsSync(file)) throw new Error(`there is no ${file}`);
  return packed;
}
