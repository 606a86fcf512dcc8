// How long the log of a trail is kept that the stack makes.
import { Template } from 'aws-cdk-lib/assertions';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from '../support/example-app';
import { prod } from '../support/prod';

test.each([
  ['prod', 400],
  ['non-prod', 30],
] as const)('%s: for %i days', (policy, days) => {
  const server = { team: 'a', roles: { prod: 'arn:aws:iam::333333333333:role/bot' } };
  const config = validateConfig({
    environments: { prod: { ...prod, policy, trail: 'create' } },
    servers: { bot: { ...server, keys: [{ provider: 'sendgrid', scopes: ['mail.send'] }] } },
  });
  const { template } = exampleApp(config).synth().getStackByName('keyturn-prod');
  Template.fromJSON(template).hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: [{ ExpirationInDays: days, Status: 'Enabled' }] },
  });
});
