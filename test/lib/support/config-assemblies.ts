// What the configurations are synthesized to, once for all test files: a thousand keys take seconds.
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { validateConfig } from '../../../lib/config/validate-config';
import { buildApp } from '../../../lib/stacks/app';
import { runFolder } from '../../support/run-folder';
import { configs } from './configs';
import { withoutCode } from './example-app';

export interface SynthesizedTemplate {
  readonly Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

/**
 * Checked by CDK's own rules, as a user's synth is.
 * @returns the folder of the cloud assembly
 */
export function assemblyOf(name: string): string {
  const folder = join(runFolder(), `config-${name.replaceAll(' ', '-')}`);
  const config = configs[name];
  if (!config) throw new Error(`there is no configuration "${name}"`);
  if (existsSync(folder)) return folder;
  const outdir = mkdtempSync(join(runFolder(), 'app-'));
  const warned = jest.spyOn(console, 'error').mockImplementation(() => {});
  try {
    buildApp({ config: validateConfig(config()), outdir, context: withoutCode }).synth();
  } finally {
    warned.mockRestore();
  }
  try {
    renameSync(outdir, folder);
  } catch (error) {
    // Another worker was as quick.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** By the name of the stack. */
export function templatesOf(name: string): Record<string, SynthesizedTemplate> {
  const folder = assemblyOf(name);
  const end = '.template.json';
  const files = readdirSync(folder).filter(file => file.endsWith(end));
  return Object.fromEntries(
    files.map(file => [file.slice(0, -end.length), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  );
}
