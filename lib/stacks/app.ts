import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { context as featureFlags } from '../../cdk.json';
import { hasCode, KeyturnError } from '../../core/errors';
import type { Config, KeysInput } from '../config/config';
import { suggestion } from '../config/problems/problem';
import { sourcePlaces } from '../config/problems/source-places';
import { validateConfig } from '../config/validate-config';
import { addEnvironmentStacks } from './environment-stacks';

export interface KeyturnAppProps {
  /** As `validateConfig` gave it. */
  readonly config: Config;
  /** Where the cloud assembly goes. */
  readonly outdir: string;
  /** CDK context, besides the feature flags of cdk.json. @default - none */
  readonly context?: Record<string, unknown>;
}

/**
 * What `npx cdk` runs: writes the cloud assembly where the CDK command line wants it, or to cdk.out. What is wrong with the
 * configuration is said on standard error, and the exit code is 2.
 */
export function synthesizeKeys(keys: KeysInput): void {
  const { CDK_OUTDIR } = process.env;
  const locate = sourcePlaces('config/keys.ts', 'config/keys.ts');
  try {
    const { stacks } = buildApp({
      config: validateConfig(keys, locate),
      outdir: CDK_OUTDIR ?? 'cdk.out',
    }).synth();
    // `npx cdk` has words of its own.
    if (!CDK_OUTDIR) console.log(`cdk.out: ${stacks.map(({ stackName }) => stackName).join(', ')}`);
  } catch (error) {
    if (!hasCode(error, 'bad-config')) throw error;
    console.error(`config/keys.ts: ${error.message}`);
    process.exitCode = 2;
  }
}

/**
 * The app that is deployed, tested and rehearsed. Its synth fails where cdk-nag finds something that has no written reason.
 * With the context `environment` (`npx cdk deploy --all -c environment=prod`) it has the stacks of that one alone: no pattern over
 * names can tell those of `prod` from those of `prod-eu`.
 * @throws {KeyturnError} bad-config, where there is no such environment
 */
export function buildApp({ config, outdir, context }: KeyturnAppProps): App {
  const app = new App({ outdir, analyticsReporting: false, context: { ...featureFlags, ...context } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const chosen = app.node.tryGetContext('environment') as unknown;
  for (const environment of config.environments)
    if (chosen === undefined || environment.name === chosen) addEnvironmentStacks(app, environment);
  if (chosen !== undefined && !config.environments.some(({ name }) => name === chosen)) {
    const names = config.environments.map(({ name }) => name);
    throw new KeyturnError(
      'bad-config',
      `-c environment=${String(chosen)} is not an environment; use ${suggestion(String(chosen), names)}`,
    );
  }
  return app;
}
