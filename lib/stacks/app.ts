import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { context as featureFlags } from '../../cdk.json';
import { KeyturnError } from '../../core/errors';
import type { Config } from '../config/config';
import { suggestion } from '../config/config-shape';
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
