// What tests of DynamoDB share: a table with one usual item, and a role that works on it.
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { hours, type LocalAws, openLocalAws } from './local-aws';

export type Item = Record<string, AttributeValue>;
export const TableName = 'keyturn-prod';
export const Key = { pk: { S: 'incident' }, sk: { S: '1' } };
export let aws: LocalAws;
export let client: DynamoDBClient;

beforeEach(async () => {
  aws = await openLocalAws({ knobs: { ttlDelayMs: hours(1) } });
  client = new DynamoDBClient(aws.as('revoke'));
  aws.model.dynamoDb.addTable({
    name: TableName,
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
});
afterEach(() => aws.close());

export const put = (item: Item, extra = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...Key, ...item }, ...extra }));
export const get = async () => (await client.send(new GetItemCommand({ TableName, Key }))).Item;
export const update = (input: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName, Key, ...input }));
export const refused = { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
