// All files or none: a folder that holds something is left as it is, and what a failure left behind is taken away again.
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeyturnError } from '../../core/errors';

/** @throws {KeyturnError} usage, where the folder holds anything besides an empty Git repository */
export function refuseFilled(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory())
    throw new KeyturnError('usage', `${directory} is a file; name a folder that is new or empty`);
  const found = readdirSync(directory).filter(name => name !== '.git');
  if (!found.length) return;
  const shown = found.slice(0, 3).join(', ') + (found.length > 3 ? `, and ${found.length - 3} more` : '');
  throw new KeyturnError(
    'usage',
    `${directory} is not empty (${shown}), and nothing of yours is overwritten; name a folder that is new or empty`,
  );
}

/** @throws {KeyturnError} usage, as above; what the file system says, after everything written is gone again */
export function writeRepository(directory: string, files: Record<string, string>): void {
  refuseFilled(directory);
  const made: string[] = [];
  const written: string[] = [];
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(directory, path);
      makeFolders(dirname(file), made);
      // Fails where somebody else has just written it.
      writeFileSync(file, text, { flag: 'wx' });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) unlinkSync(file);
    for (const folder of made.reverse()) rmdirSync(folder);
    throw error;
  }
}

function makeFolders(folder: string, made: string[]): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder), made);
  mkdirSync(folder);
  made.push(folder);
}
