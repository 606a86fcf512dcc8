import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** Shared by all files of one run of the tests, and gone after it. Made in jest.config.js's globalSetup. */
export function runFolder(): string {
  const folder = process.env.KEYTURN_TEST_RUN;
  if (!folder) throw new Error('KEYTURN_TEST_RUN is not set; run the tests with jest');
  return folder;
}

/** @returns an empty folder in it, which `keep` gives its name once it is whole */
export function beginMade(): string {
  return mkdtempSync(join(runFolder(), 'made-'));
}

/** @returns where it is: the one of another worker, where that was as quick */
export function keep(made: string, name: string): string {
  const kept = join(runFolder(), name);
  try {
    renameSync(made, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  }
  return kept;
}
