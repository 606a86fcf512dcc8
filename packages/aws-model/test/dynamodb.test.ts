import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { aws, client, get, type Item, Key, put, TableName } from './support/dynamodb';
import { hours } from './support/local-aws';

test('an item is put and read', async () => {
  await put({ status: { S: 'open' } });
  expect(await get()).toEqual({ ...Key, status: { S: 'open' } });
});

test('an item is gone some time after its time to live, not at once', async () => {
  await put({ expiresAt: { N: String(Date.parse('2026-11-23T01:00:00Z') / 1000) } });
  await aws.passMs(hours(1));
  expect(await get()).toBeDefined();
  await aws.passMs(hours(1));
  expect(await get()).toBeUndefined();
});

test('a caller needs the right to the table, with the partition keys as a condition, and the use of its key', async () => {
  const keyArn = 'arn:aws:kms:eu-west-1:111111111111:key/1';
  aws.model.kms.add({ arn: keyArn, policy: '{"Statement":[]}' });
  aws.model.dynamoDb.addTable({ name: 'locked', partitionKey: 'pk', kmsKeyId: keyArn });
  await client.send(new GetItemCommand({ TableName: 'locked', Key: { pk: { S: 'x' } } }));
  expect(aws.asked).toMatchObject([
    {
      action: 'dynamodb:GetItem',
      resource: 'arn:aws:dynamodb:eu-west-1:111111111111:table/locked',
      context: { 'dynamodb:LeadingKeys': ['x'] },
    },
    {
      action: 'kms:Decrypt',
      resource: keyArn,
      context: {
        'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com',
        'kms:EncryptionContext:aws:dynamodb:tableName': 'locked',
      },
    },
  ]);
});

test('a query asks for its partition as the leading key', async () => {
  await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'sk >= :from AND #pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':pk': { S: 'x' }, ':from': { S: 'a' } },
    }),
  );
  expect(aws.asked).toMatchObject([{ action: 'dynamodb:Query', context: { 'dynamodb:LeadingKeys': ['x'] } }]);
});

test.each<[string, Item]>([
  ["a key that is not the table's", { pk: { S: 'x' } }],
  ['an empty key', { pk: { S: '' }, sk: { S: '1' } }],
  ['a key of another type', { pk: { BOOL: true }, sk: { S: '1' } }],
])('%s is refused', async (_fact, wrong) => {
  await expect(client.send(new GetItemCommand({ TableName, Key: wrong }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('an unknown table is ResourceNotFoundException', async () => {
  await expect(client.send(new GetItemCommand({ TableName: 'gone', Key }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
