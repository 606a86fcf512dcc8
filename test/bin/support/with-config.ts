import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { configFile } from './cli';

/** A configuration that differs from that of this folder. */
export async function withConfig(change: (source: string) => string, use: (config: string) => Promise<void>) {
  const config = join(mkdtempSync(join(tmpdir(), 'keyturn-status-')), 'keys.ts');
  const source = readFileSync(configFile, 'utf8');
  // What it imports needs zod.
  symlinkSync(join(__dirname, '../../../node_modules'), join(dirname(config), 'node_modules'));
  writeFileSync(
    config,
    change(source).replace('../../../lib/config/config', join(__dirname, '../../../lib/config/config')),
  );
  try {
    await use(config);
  } finally {
    rmSync(dirname(config), { recursive: true });
  }
}
