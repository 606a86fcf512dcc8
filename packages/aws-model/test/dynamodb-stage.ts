// What tests of DynamoDB share: a table with one usual item, and a role that works on it.
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { hours, openRig, type Rig } from './rig';

export type Item = Record<string, AttributeValue>;
export const TableName = 'keyturn-prod';
export const Key = { pk: { S: 'incident' }, sk: { S: '1' } };
export let rig: Rig;
export let client: DynamoDBClient;

beforeEach(async () => {
  rig = await openRig({ knobs: { ttlDelayMs: hours(1) } });
  client = new DynamoDBClient(rig.as('revoke'));
  rig.model.dynamoDb.addTable({
    name: TableName,
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
});
afterEach(() => rig.close());

export const put = (item: Item, extra = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...Key, ...item }, ...extra }));
export const get = async () => (await client.send(new GetItemCommand({ TableName, Key }))).Item;
export const update = (input: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName, Key, ...input }));
export const refused = { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
