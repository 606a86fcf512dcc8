// The limits of AWS that the templates of a configuration meet. Loads the CDK, so it is loaded where it is asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { context } from '../../cdk.json';
import type { Environment } from '../config/config';
import { addEnvironmentStacks } from './environment-stacks';
import { type LimitUse, limitUses, nearestUses, type StackTemplate } from './limits';

/** Sizes do not depend on the functions' code, and the checks of a real synth are for that. */
const quick = { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:validateAgainstDefaultRules': false };

/**
 * Of each limit the place that is nearest to it, nearest first.
 * @throws {KeyturnError} bad-config, where one is passed
 */
export function nearestLimits(environments: readonly Environment[]): LimitUse[] {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-limits-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, context: { ...context, ...quick } });
    for (const environment of environments) addEnvironmentStacks(app, environment);
    const { stacks } = app.synth();
    return nearestUses(
      stacks.flatMap(({ stackName, template }) => limitUses(stackName, template as StackTemplate)),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
