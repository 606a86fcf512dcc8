// The app of the example's environments, or of another configuration, for those who look at how it is synthesized.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { buildApp } from '../../../lib/stacks/app';
import { runFolder } from '../../support/run-folder';
import { exampleConfig } from './example-config';

/** Templates need no code, so none is bundled. */
export const withoutCode = { 'aws:cdk:bundling-stacks': [] };
/** CDK's own check of every property takes seconds for each test file; app.test.ts has it done. */
const unchecked = { ...withoutCode, '@aws-cdk/core:validateAgainstDefaultRules': false };

export function exampleApp(config = exampleConfig): App {
  return buildApp({ config, outdir: mkdtempSync(join(runFolder(), 'app-')), context: unchecked });
}
