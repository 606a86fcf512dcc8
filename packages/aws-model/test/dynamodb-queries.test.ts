import { PutItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { aws, client, type Item, put, TableName } from './support/dynamodb';

describe('queries', () => {
  beforeEach(async () => {
    for (const sk of ['2026-03', '2026-01', '2026-02', '2025-12'])
      await put({ sk: { S: sk }, open: { BOOL: sk === '2026-02' } });
    await put({ pk: { S: 'other' } });
  });
  const query = async (input: Partial<QueryCommandInput> = {}) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ...input,
        ExpressionAttributeValues: { ':pk': { S: 'incident' }, ...input.ExpressionAttributeValues },
      }),
    );
  const order = (items: Item[] | undefined) => items!.map(({ sk }) => sk!.S);

  test('give one partition in the order of its sort key, or the other way round', async () => {
    expect(order((await query()).Items)).toEqual(['2025-12', '2026-01', '2026-02', '2026-03']);
    expect(order((await query({ ScanIndexForward: false, Limit: 1 })).Items)).toEqual(['2026-03']);
  });

  test.each<[string, Item, string[]]>([
    ['pk = :pk AND sk >= :from', { ':from': { S: '2026-02' } }, ['2026-02', '2026-03']],
    ['pk = :pk AND begins_with(sk, :year)', { ':year': { S: '2025' } }, ['2025-12']],
    [
      'pk = :pk AND sk BETWEEN :a AND :b',
      { ':a': { S: '2026-01' }, ':b': { S: '2026-02' } },
      ['2026-01', '2026-02'],
    ],
  ])('%s', async (KeyConditionExpression, ExpressionAttributeValues, expected) => {
    expect(order((await query({ KeyConditionExpression, ExpressionAttributeValues })).Items)).toEqual(
      expected,
    );
  });

  test('find nothing in a partition that is not there, and in no table that is empty', async () => {
    const values = { ':pk': { S: 'nobody' }, ':from': { S: '2026-02' } };
    const condition = {
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: values,
    };
    expect((await query(condition)).Items).toEqual([]);
    aws.model.dynamoDb.addTable({ name: 'empty', partitionKey: 'pk', sortKey: 'sk' });
    expect((await query({ ...condition, TableName: 'empty' })).Items).toEqual([]);
  });

  test('page by Limit, which counts before the filter', async () => {
    const filter = {
      FilterExpression: '#o = :yes',
      ExpressionAttributeNames: { '#o': 'open' },
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
    };
    const first = await query({ ...filter, Limit: 2 });
    expect(first).toMatchObject({
      Count: 0,
      ScannedCount: 2,
      LastEvaluatedKey: { pk: { S: 'incident' }, sk: { S: '2026-01' } },
    });
    const second = await query({ ...filter, Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(order(second.Items)).toEqual(['2026-02']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  test('project', async () => {
    const { Items } = await query({ ProjectionExpression: 'sk', Limit: 1 });
    expect(Items).toEqual([{ sk: { S: '2025-12' } }]);
  });

  test('without the partition key are refused', async () => {
    const call = query({ KeyConditionExpression: 'sk = :pk' });
    await expect(call).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Query condition missed key schema element: pk',
    });
  });

  test('of an index leave out items that are not in it', async () => {
    aws.model.dynamoDb.addTable({
      name: 'indexed',
      partitionKey: 'pk',
      indexes: [{ name: 'by-team', partitionKey: 'team', sortKey: 'at' }],
    });
    const add = (Item: Item) => client.send(new PutItemCommand({ TableName: 'indexed', Item }));
    await add({ pk: { S: '1' }, team: { S: 'a' }, at: { N: '10' } });
    await add({ pk: { S: '2' }, team: { S: 'a' }, at: { N: '9' } });
    await add({ pk: { S: '3' }, team: { S: 'a' } });
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'indexed',
        IndexName: 'by-team',
        KeyConditionExpression: 'team = :t',
        ExpressionAttributeValues: { ':t': { S: 'a' } },
      }),
    );
    expect(Items!.map(({ pk }) => pk!.S)).toEqual(['2', '1']);
    expect(aws.asked.at(-1)!.resource).toBe(
      'arn:aws:dynamodb:eu-west-1:111111111111:table/indexed/index/by-team',
    );
  });
});
