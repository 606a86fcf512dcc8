// Synthesizes the app that would be deployed, for one environment; as a program, see synthesis.ts.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import type { Config } from '../../lib/config/config';
import { buildApp } from '../../lib/stacks/app';
import { grantsOf } from '../../lib/stacks/grants';
import { grantsFile } from './account/others';
import { removeAssembly, requireEnvironment, type Synthesized } from './synthesis';

/** @throws where the config has no such environment, or cdk-nag finds a fault */
export function synthesize(config: Config, environmentName: string): Synthesized {
  const environment = requireEnvironment(config, environmentName);
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-'));
  const before = process.env.CDK_VALIDATION;
  // CDK's own check of every property takes longer than all the rest, and `npx cdk` makes it before any deployment.
  process.env.CDK_VALIDATION = 'false';
  try {
    buildApp({ config: { environments: [environment] }, outdir: directory }).synth();
    writeFileSync(join(directory, grantsFile), JSON.stringify(grantsOf(environment)));
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
  return { directory, environment, remove: () => removeAssembly(directory) };
}

/** Prints where the assembly is. */
async function main([configFile = '', environmentName = '']: string[]): Promise<void> {
  process.stdout.write(synthesize(await loadConfig(configFile), environmentName).directory);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch(error => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 1;
  });
}
