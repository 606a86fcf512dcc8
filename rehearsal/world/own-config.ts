// A configuration that was made up, as a file: the CLI reads files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeysInput } from '../../lib/config/config';

export function writeConfig(keys: KeysInput): { file: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-config-'));
  const file = join(directory, 'keys.ts');
  writeFileSync(file, `export const keys = ${JSON.stringify(keys)};\n`);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}
