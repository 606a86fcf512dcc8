// What stands in for the SDK's configuration in the functions answers as the SDK does, as far as a Lambda can tell.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@smithy/core/config';
import * as ours from '../../../../lambda/aws/runtime/env-config';

const home = mkdtempSync(join(tmpdir(), 'keyturn-home-'));
const before = { ...process.env };
beforeAll(() => {
  // No profiles there, as in a Lambda; and no metadata service is asked.
  Object.assign(process.env, { HOME: home, AWS_EC2_METADATA_DISABLED: 'true' });
});
afterEach(() => {
  for (const name of names) {
    delete process.env[name];
    if (before[name] !== undefined) process.env[name] = before[name];
  }
});
afterAll(() => {
  Object.assign(process.env, { HOME: before.HOME });
  delete process.env.AWS_EC2_METADATA_DISABLED;
  rmSync(home, { recursive: true });
});

const names = [
  'AWS_REGION',
  'AWS_DEFAULTS_MODE',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_EXECUTION_ENV',
];

type Answers = Record<string, unknown>;

async function answersOf({
  loadConfig,
  resolveDefaultsModeConfig,
  resolveRegionConfig,
  ...options
}: typeof ours): Promise<Answers> {
  const told = async (ask: () => Promise<unknown>) =>
    ask().catch((error: Error) => `${error.constructor.name}: ${error.message.slice(0, 60)}`);
  const config = resolveRegionConfig({
    region: loadConfig(options.NODE_REGION_CONFIG_OPTIONS) as () => Promise<string>,
  });
  return {
    region: await told(config.region as () => Promise<string>),
    fips: await told(loadConfig(options.NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)),
    dualStack: await told(loadConfig(options.NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS)),
    mode: await told(resolveDefaultsModeConfig()),
    attempts: await told(
      loadConfig({ environmentVariableSelector: env => env.NOT_SET, default: async () => 'late' }),
    ),
  };
}

test.each<NodeJS.ProcessEnv>([
  { AWS_REGION: 'eu-central-1' },
  { AWS_REGION: 'eu-central-1', AWS_DEFAULTS_MODE: 'auto', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  { AWS_REGION: 'us-gov-west-1', AWS_USE_FIPS_ENDPOINT: 'true', AWS_DEFAULTS_MODE: 'standard' },
  { AWS_REGION: 'eu-west-1', AWS_USE_DUALSTACK_ENDPOINT: 'true', AWS_USE_FIPS_ENDPOINT: 'false' },
  { AWS_REGION: 'not a region' },
])('%j is read as the SDK reads it', async variables => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables);
  expect(await answersOf(ours)).toEqual(await answersOf(sdk as unknown as typeof ours));
});

test('a misspelt switch is refused, as by the SDK', () => {
  const wrong = { AWS_USE_FIPS_ENDPOINT: 'yes' };
  const ask =
    ({ booleanSelector }: Pick<typeof ours, 'booleanSelector'>) =>
    () =>
      booleanSelector(wrong, 'AWS_USE_FIPS_ENDPOINT', 'env');
  expect(ask(ours)).toThrow('Expected "true" or "false", got yes');
  expect(ask(sdk as unknown as typeof ours)).toThrow('Expected "true" or "false", got yes');
});

test('what is set is looked up once', async () => {
  let asked = 0;
  const load = ours.loadConfig({
    environmentVariableSelector: () => {
      asked++;
      return 'told';
    },
  });
  expect([await load(), await load(), asked]).toEqual(['told', 'told', 1]);
});
