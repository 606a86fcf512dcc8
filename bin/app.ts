// What `npx cdk` runs: config/keys.ts becomes stacks.
import { keys } from '../config/keys';
import { hasCode } from '../core/errors';
import { validateConfig } from '../lib/config/validate-config';
import { buildApp } from '../lib/stacks/app';

const { CDK_OUTDIR } = process.env;

try {
  const { stacks } = buildApp({ config: validateConfig(keys), outdir: CDK_OUTDIR ?? 'cdk.out' }).synth();
  // `npx cdk` has words of its own.
  if (!CDK_OUTDIR) console.log(`cdk.out: ${stacks.map(({ stackName }) => stackName).join(', ')}`);
} catch (error) {
  if (!hasCode(error, 'bad-config')) throw error;
  console.error(`config/keys.ts: ${error.message}`);
  process.exitCode = 2;
}
