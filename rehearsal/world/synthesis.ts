// Has the app synthesized by a process of its own: with it goes what CDK loads, some hundred megabytes.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { programArguments } from '../../bin/programs';
import { KeyturnError } from '../../core/errors';
import type { Config, Environment } from '../../lib/config/config';

export interface Synthesized {
  /** Of the cloud assembly. */
  directory: string;
  environment: Environment;
  remove(): void;
}

/** @throws where the config has no such environment, or cdk-nag finds a fault */
export async function synthesizeApart(
  config: Config,
  configFile: string,
  environmentName: string,
): Promise<Synthesized> {
  const environment = requireEnvironment(config, environmentName);
  const { stdout: directory } = await promisify(execFile)(process.execPath, [
    ...programArguments('assemble'),
    configFile,
    environmentName,
  ]);
  return { directory, environment, remove: () => removeAssembly(directory) };
}

export function requireEnvironment(config: Config, environmentName: string): Environment {
  const environment = config.environments.find(({ name }) => name === environmentName);
  if (environment) return environment;
  const names = config.environments.map(({ name }) => name).join(', ');
  throw new KeyturnError('usage', `the configuration has no environment "${environmentName}"; use ${names}`);
}

export function removeAssembly(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
