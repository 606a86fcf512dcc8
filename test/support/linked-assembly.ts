// Copies of a cloud assembly that cost little: functions are most of it, and few tests change them.
import { copyFileSync, cpSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The templates can be changed then; an asset stays where it is, and is linked to. */
export function linkAssembly(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [there, here] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isFile()) copyFileSync(there, here);
    else symlinkSync(realpathSync(there), here, 'junction');
  }
}

/** To be called before an asset of an assembly is changed: others have links to the same one. */
export function ownAsset(asset: string): void {
  const there = realpathSync(asset);
  rmSync(asset, { recursive: true });
  cpSync(there, asset, { recursive: true });
}
