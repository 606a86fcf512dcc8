// DynamoDB, assembled: single items, queries, and a table's resource policy.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import type { Access } from '../wire/access';
import { type Call, operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { type Item, item } from './attribute-value';
import { createPlaceholders, invalid } from './placeholders';
import { projection } from './projection';
import { partitionAsked, queryInput, runQuery } from './query';
import { checkPolicySize, createTables, type Table, type Tables } from './tables';
import { deleteInput, deleteItem, putInput, putItem, updateInput, updateItem } from './writes';

export interface DynamoDb {
  readonly service: Service;
  addTable: Tables['add'];
  removeTable: Tables['remove'];
  /** @param policy JSON text */
  setPolicy(tableName: string, policy: string | undefined): void;
  /** Everything in it. */
  items(tableName: string): Item[];
}

const getInput = z.strictObject({
  TableName: z.string(),
  Key: item,
  ConsistentRead: z.boolean().optional(),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
});

export function createDynamoDb(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  ttlDelayMs: number;
}): DynamoDb {
  const { access, kms, region, account } = parts;
  const tables = createTables(parts);

  function permitted(call: Call, tableArn: string): Table {
    const table = tables.need(tableArn);
    const { arn, policy } = table;
    access.permit(call, { action: `dynamodb:${call.operation}`, resource: arn, policy });
    return table;
  }

  /** Lets the caller in, and has DynamoDB open the table's key as that caller. */
  function enter(call: Call, tableName: string, action: string, keys: Item[], index?: string): Table {
    const table = tables.need(tableName);
    const leading = keys.map(key => Object.values(key[table.partitionKey] ?? {}).join());
    access.permit(call, {
      action: `dynamodb:${action}`,
      resource: index ? `${table.arn}/index/${index}` : table.arn,
      context: { 'dynamodb:LeadingKeys': leading.length ? leading : undefined },
      policy: table.policy,
    });
    if (table.kmsKeyId) {
      const encryptionContext = {
        'aws:dynamodb:tableName': table.name,
        'aws:dynamodb:subscriberId': account,
      };
      kms.use(call.caller, {
        action: 'kms:Decrypt',
        keyId: table.kmsKeyId,
        via: `dynamodb.${region}.amazonaws.com`,
        encryptionContext,
      });
    }
    return table;
  }

  return {
    service: {
      name: 'dynamodb',
      protocol: awsJson('1.0'),
      // What a partition takes of items of a kilobyte. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
      quotas: [{ operations: ['PutItem', 'UpdateItem'], perSecond: 1000 }],
      operations: {
        GetItem: operation(getInput, (input, call) => {
          const table = enter(call, input.TableName, 'GetItem', [input.Key]);
          const placeholders = createPlaceholders(input.ExpressionAttributeNames);
          const project = projection(input.ProjectionExpression, placeholders);
          placeholders.checkAllUsed();
          const found = table.get(input.Key);
          return found ? { Item: project(found) } : {};
        }),
        PutItem: operation(putInput, (input, call) =>
          putItem(enter(call, input.TableName, 'PutItem', [input.Item]), input),
        ),
        UpdateItem: operation(updateInput, (input, call) =>
          updateItem(enter(call, input.TableName, 'UpdateItem', [input.Key]), input),
        ),
        DeleteItem: operation(deleteInput, (input, call) =>
          deleteItem(enter(call, input.TableName, 'DeleteItem', [input.Key]), input),
        ),
        PutResourcePolicy: operation(
          z.strictObject({
            ResourceArn: z.string(),
            Policy: z.string(),
            ConfirmRemoveSelfResourceAccess: z.boolean().default(false),
          }),
          ({ ResourceArn, Policy, ConfirmRemoveSelfResourceAccess }, call) => {
            const table = permitted(call, ResourceArn);
            checkPolicySize(Policy);
            const ask = { action: 'dynamodb:PutResourcePolicy', resource: table.arn, policy: Policy };
            if (!ConfirmRemoveSelfResourceAccess && !access.decide(call.caller, ask).allowed)
              throw invalid('The policy would keep you from changing it again; confirm that you want this');
            table.policy = Policy;
            return {};
          },
        ),
        DeleteResourcePolicy: operation(
          z.strictObject({ ResourceArn: z.string() }),
          ({ ResourceArn }, call) => {
            permitted(call, ResourceArn).policy = undefined;
            return {};
          },
        ),
        Query: operation(queryInput, (input, call) => {
          const asked = partitionAsked(tables.need(input.TableName), input);
          const table = enter(call, input.TableName, 'Query', [asked], input.IndexName);
          return runQuery(table, input);
        }),
      },
    },
    addTable: tables.add,
    removeTable: tables.remove,
    setPolicy(tableName, policy) {
      checkPolicySize(policy);
      tables.need(tableName).policy = policy;
    },
    items: name => tables.need(name).items(),
  };
}
