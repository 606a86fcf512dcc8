import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { context as featureFlags } from '../../cdk.json';
import type { Config } from '../config/config';
import { addEnvironmentStacks } from './environment-stacks';

export interface KeyturnAppProps {
  /** As `validateConfig` gave it. */
  readonly config: Config;
  /** Where the cloud assembly goes. */
  readonly outdir: string;
  /** CDK context, besides the feature flags of cdk.json. @default - none */
  readonly context?: Record<string, unknown>;
}

/** The app that is deployed, tested and rehearsed. Its synth fails where cdk-nag finds something that has no written reason. */
export function buildApp({ config, outdir, context }: KeyturnAppProps): App {
  const app = new App({ outdir, analyticsReporting: false, context: { ...featureFlags, ...context } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  for (const environment of config.environments) addEnvironmentStacks(app, environment);
  return app;
}
