import type { KeysInput } from '../../../../lib/config/config';
import { validateConfig } from '../../../../lib/config/validate-config';
import { prod } from '../../support/prod';

const admin = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:datadog-admin-AbCdEf';

function problemsOf(key: object): string | undefined {
  const input = {
    environments: { prod },
    servers: {
      bot: { team: 'support', roles: { prod: 'arn:aws:iam::333333333333:role/bot' }, keys: [key] },
    },
  } as unknown as KeysInput;
  try {
    validateConfig(input);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const confluent = { provider: 'confluent', settings: { serviceAccount: 'sa-abc123' } };
const datadog = { provider: 'datadog', settings: {} };
const snowflake = {
  provider: 'snowflake',
  settings: { account: 'example-prod', user: 'BOT', role: 'READER' },
  reason: 'rotates by its key pair',
};

test.each([
  [{ ...confluent, rotatedBy: 'aws' }],
  [{ ...confluent, rotatedBy: 'aws-once-adopted' }],
  [{ ...datadog, rotatedBy: 'aws', rotationMetadata: { adminSecretArn: admin } }],
  [{ ...snowflake, rotatedBy: 'aws', rotationMetadata: { daysToExpiry: '120' } }],
])('a key that AWS can rotate: %j', key => {
  expect(problemsOf(key)).toBeUndefined();
});

test.each([
  [
    'a provider that is no partner of AWS',
    { provider: 'sendgrid', scopes: ['mail.send'], rotatedBy: 'aws' },
    'rotatedBy "aws" has no effect for sendgrid',
  ],
  ['somebody else', { ...confluent, rotatedBy: 'azure' }, 'rotatedBy "azure"'],
  [
    'metadata for nobody',
    { ...confluent, rotationMetadata: { adminSecretArn: admin } },
    "add rotatedBy: 'aws'",
  ],
  [
    'metadata that AWS does not know',
    { ...confluent, rotatedBy: 'aws', rotationMetadata: { adminSecretARN: admin } },
    'rotationMetadata.adminSecretARN is not a field of AWS\'s ConfluentCloudApiKey; use "adminSecretArn"',
  ],
  ['metadata that AWS needs', { ...datadog, rotatedBy: 'aws' }, 'rotationMetadata has no adminSecretArn'],
  [
    'a secret by its name',
    { ...datadog, rotatedBy: 'aws', rotationMetadata: { adminSecretArn: 'datadog-admin' } },
    'is not the full ARN of a secret',
  ],
  [
    'numbers without quotes',
    { ...snowflake, rotatedBy: 'aws', rotationMetadata: { daysToExpiry: 30 } },
    'write numbers in quotes',
  ],
  [
    'keys that end before AWS rotates them',
    { ...snowflake, rotatedBy: 'aws' },
    'AWS makes keys of Snowflake for 15; set rotationMetadata.daysToExpiry to more',
  ],
  [
    'more power for its server, without a reason',
    { ...snowflake, reason: undefined, rotatedBy: 'aws', rotationMetadata: { daysToExpiry: '120' } },
    'its server could read the private key',
  ],
])('refuses %s', (_, key, said) => {
  expect(problemsOf(key)).toContain(said);
});
