// What `npx cdk` runs: config/keys.ts becomes stacks.
import { keys } from '../config/keys';
import { hasCode } from '../core/errors';
import { buildApp } from '../lib/app';
import { validateConfig } from '../lib/validate-config';

try {
  buildApp({ config: validateConfig(keys), outdir: process.env.CDK_OUTDIR ?? 'cdk.out' }).synth();
} catch (error) {
  if (!hasCode(error, 'bad-config')) throw error;
  console.error(`config/keys.ts: ${error.message}`);
  process.exitCode = 2;
}
