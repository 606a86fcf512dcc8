// What tests share of one run, and must not change: each of its folders has a file beside it that says what it held at first.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns a digest of the files of a directory whose names end so, their names included */
export function contentsOf(directory: string, ending = ''): string {
  const hash = createHash('sha256');
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter(name => name.endsWith(ending)).sort()) {
    const path = join(directory, name);
    if (!statSync(path).isFile()) continue;
    hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 32);
}

/** @param folder of a run of the tests. @returns names of what was made once and is not what it was */
export function changedIn(folder: string): string[] {
  const sealed = readdirSync(folder).filter(name => existsSync(join(folder, `${name}.contents`)));
  return sealed.filter(
    name => contentsOf(join(folder, name)) !== readFileSync(join(folder, `${name}.contents`), 'utf8'),
  );
}
