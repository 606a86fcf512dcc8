// The local AWS on a virtual clock, and clients of it as one function has them.
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import type { Clock } from '../../core/provider';
import { createCertificates } from '../../lambda/aws/table/certificates';
import { createTable } from '../../lambda/aws/table/table';

export type FunctionSetup = Awaited<ReturnType<typeof openFunctionSetup>>;

/** @param role whose name the model sees behind every call */
export async function openFunctionSetup(role: string) {
  const aws = await openLocalAws();
  const settings = aws.as(role);
  const clients = {
    secretsManager: new SecretsManagerClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    dynamoDb: new DynamoDBClient(settings),
  };
  aws.model.dynamoDb.addTable({
    name: 'keyturn-prod',
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
  const clock: Clock = { now: () => aws.clock.now(), sleep: ms => aws.passMs(ms) };
  return {
    ...clients,
    certificates: createCertificates(createTable(clients.dynamoDb, 'prod'), clock),
    model: aws.model,
    clock,
    passMs: aws.passMs,
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}
