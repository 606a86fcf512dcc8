import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { configFile } from './cli';

/** A configuration that differs from that of this folder. */
export async function withConfig(change: (source: string) => string, use: (config: string) => Promise<void>) {
  const config = join(mkdtempSync(join(tmpdir(), 'keyturn-status-')), 'keys.ts');
  const source = readFileSync(configFile, 'utf8');
  const imported = '../../../lib/config/define-keys';
  writeFileSync(config, change(source).replace(imported, join(__dirname, imported)));
  try {
    await use(config);
  } finally {
    rmSync(dirname(config), { recursive: true });
  }
}
