// A secret for roots in the local model of Secrets Manager, and the product's own store on it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { type KeyAddress, secretName } from '../../../core/key/key-address';
import type { KeySpec } from '../../../core/key/key-spec';
import { type SecretValue, unissuedPlaceholder } from '../../../core/key/secret-value';
import { createTable } from '../../../lambda/aws/table/table';
import { addEnvironmentKey, deployedKeys, environmentKey } from '../../support/deployed-keys';

export interface RootSecret {
  address: KeyAddress;
  spec: KeySpec;
  /** @default - unissued */
  value?: SecretValue;
}

/** @param role whose name the model sees behind every call */
export async function openRoots(secrets: RootSecret[], role = 'keyturn-prod-token-support-bot') {
  const aws = await openLocalAws();
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: role,
    AWS_SECRET_ACCESS_KEY: 'not-checked',
  });
  addEnvironmentKey(aws.model);
  aws.model.dynamoDb.addTable({ name: 'keyturn-prod', partitionKey: 'pk', sortKey: 'sk' });
  const dynamoDb = new DynamoDBClient(aws.as(role));
  const { registry, register } = deployedKeys(...secrets);
  const client = new SecretsManagerClient({});
  for (const { address, value } of secrets) {
    await client.send(
      new CreateSecretCommand({
        Name: secretName(address),
        KmsKeyId: environmentKey,
        SecretString: value ? JSON.stringify(value) : unissuedPlaceholder,
      }),
    );
  }
  return {
    aws,
    client,
    table: createTable(dynamoDb, 'prod'),
    registry,
    register,
    async close() {
      client.destroy();
      dynamoDb.destroy();
      process.env = before;
      await aws.close();
    },
  };
}
