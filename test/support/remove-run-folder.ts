import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from './contents';
import { runFolder } from './run-folder';

/** @throws where a test has changed what all share: every test after it ran with that */
export default function removeRunFolder(): void {
  const changed = changedIn(runFolder());
  rmSync(runFolder(), { recursive: true, force: true });
  if (!changed.length) return;
  throw new Error(
    `a test changed ${changed.join(' and ')}, which tests share; call ownAsset (test/support/linked-assembly.ts) before an asset is changed`,
  );
}

/** Names of what was made once and is not what it was. */
export function changedIn(folder: string): string[] {
  const sealed = readdirSync(folder).filter(name => existsSync(join(folder, `${name}.contents`)));
  return sealed.filter(
    name => contentsOf(join(folder, name)) !== readFileSync(join(folder, `${name}.contents`), 'utf8'),
  );
}
