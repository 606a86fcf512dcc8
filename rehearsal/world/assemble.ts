// Synthesizes the app that would be deployed, for one environment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, Environment } from '../../lib/config/config';
import { buildApp } from '../../lib/stacks/app';

export interface Synthesized {
  directory: string;
  environment: Environment;
  remove(): void;
}

/** @throws where the config has no such environment, or cdk-nag finds a fault */
export function synthesize(config: Config, environmentName: string): Synthesized {
  const environment = config.environments.find(({ name }) => name === environmentName);
  if (!environment) {
    const names = config.environments.map(({ name }) => name).join(', ');
    throw new Error(`the config has no environment "${environmentName}"; use one of ${names}`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-'));
  const before = process.env.CDK_VALIDATION;
  // CDK's own check of every property takes longer than all the rest, and `npx cdk` makes it before any deployment.
  process.env.CDK_VALIDATION = 'false';
  try {
    buildApp({ config: { environments: [environment] }, outdir: directory }).synth();
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
  return { directory, environment, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
