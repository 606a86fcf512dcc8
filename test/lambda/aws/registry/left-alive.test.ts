// Which secrets count as left, and how those of many keys are asked for.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { findLeftAlive } from '../../../../lambda/aws/registry/left-alive';
import { createRegistry } from '../../../../lambda/aws/registry/registry';
import { addEnvironmentKey, environmentKey } from '../../../support/deployed-keys';

test('many keys are asked for side by side, and never all at once', async () => {
  const aws = await openLocalAws();
  addEnvironmentKey(aws.model);
  for (let n = 100; n < 150; n++)
    aws.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/sendgrid/bot${n}/main`,
      secretString: '{}',
      kmsKeyId: environmentKey,
    });
  const client = new SecretsManagerClient(aws.as('keyturn-prod-removal-guard'));
  let underWay = 0;
  let most = 0;
  client.middlewareStack.add(next => async args => {
    most = Math.max(most, ++underWay);
    return next(args).finally(() => underWay--);
  });
  const found = await aws.clock.runWhile(() =>
    findLeftAlive(
      client,
      'prod',
      createRegistry(() => ({}), environmentKey),
    ),
  );
  expect(found).toHaveLength(50);
  expect(most).toBe(10);
  await aws.close();
});

test('keys of an environment whose name begins the same are not its own, though it shares the KMS key', async () => {
  const aws = await openLocalAws();
  addEnvironmentKey(aws.model);
  for (const name of ['keyturn/prod/sendgrid/bot/main', 'keyturn/prod-eu/sendgrid/bot/main'])
    aws.model.secretsManager.createFromTemplate({ name, secretString: '{}', kmsKeyId: environmentKey });
  const client = new SecretsManagerClient(aws.as('keyturn-prod-removal-guard'));
  const registry = createRegistry(() => ({}), environmentKey);
  const found = await aws.clock.runWhile(() => findLeftAlive(client, 'prod', registry));
  expect(found.map(({ key }) => key)).toEqual(['prod/sendgrid/bot']);
  await aws.close();
});
