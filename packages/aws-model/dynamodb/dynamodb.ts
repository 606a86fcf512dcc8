// DynamoDB, assembled: GetItem, PutItem, UpdateItem, DeleteItem, Query and TransactWriteItems.
import * as z from 'zod';
import { minuteMs } from '../clock/time';
import type { Kms } from '../identity/kms';
import type { Virtual } from '../shared/handed-in';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { type Item, item } from './attribute-value';
import { createPlaceholders, invalid } from './placeholders';
import { projection } from './projection';
import { queryInput, runQuery } from './query';
import { createTables, idOf, type Table, type Tables } from './tables';
import {
  type CheckedWrite,
  checkWrite,
  keyFields,
  putFields,
  updateFields,
  type WriteInput,
  type WriteKind,
} from './writes';

export interface DynamoDb {
  readonly service: Service;
  addTable: Tables['add'];
  /** Everything in it. */
  items(tableName: string): Item[];
}

const returnValues = z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).default('NONE');
const onlyOld = z.enum(['NONE', 'ALL_OLD']).default('NONE');

const getInput = z.strictObject({
  TableName: z.string(),
  Key: item,
  ConsistentRead: z.boolean().optional(),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
});

const transactInput = z.strictObject({
  TransactItems: z
    .array(
      z.strictObject({
        Put: z.strictObject(putFields).optional(),
        Update: z.strictObject(updateFields).optional(),
        Delete: z.strictObject(keyFields).optional(),
        ConditionCheck: z.strictObject(keyFields).optional(),
      }),
    )
    .min(1)
    .max(100),
  ClientRequestToken: z.string().min(1).max(36).optional(),
});

/** For so long a transaction is recognised by its token. */
const tokenLifeMs = 10 * minuteMs;

export function createDynamoDb(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  ttlDelayMs: number;
}): DynamoDb {
  const { access, kms, region, account, virtual } = parts;
  const tables = createTables(parts);
  const transactions = new Map<string, { at: number; content: string }>();

  /** Lets the caller in, and has DynamoDB open the table's key as that caller. */
  function enter(call: Call, tableName: string, action: string, keys: Item[], index?: string): Table {
    const table = tables.need(tableName);
    const leading = keys.map(key => Object.values(key[table.partitionKey] ?? {}).join());
    access.permit(call, {
      action: `dynamodb:${action}`,
      resource: index ? `${table.arn}/index/${index}` : table.arn,
      context: { 'dynamodb:LeadingKeys': leading.length ? leading : undefined },
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

  function write(call: Call, kind: WriteKind, input: WriteInput & { TableName: string }): CheckedWrite {
    const table = enter(call, input.TableName, call.operation, [(input.Key ?? input.Item)!]);
    const checked = checkWrite(table, kind, input);
    checked.carryOut();
    return checked;
  }

  function transact({ TransactItems, ClientRequestToken }: z.output<typeof transactInput>, call: Call) {
    const writes = TransactItems.map(one => {
      const [kind, input] = Object.entries(one)[0] as [WriteKind, WriteInput & { TableName: string }];
      const action = kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`;
      return { kind, input, table: enter(call, input.TableName, action, [(input.Key ?? input.Item)!]) };
    });
    const places = writes.map(
      ({ table, input }) => table.arn + idOf((input.Key ?? input.Item)!, table.keyNames),
    );
    if (new Set(places).size < places.length) {
      throw invalid('Transaction request cannot include multiple operations on one item');
    }
    if (ClientRequestToken && isRepeated(ClientRequestToken, JSON.stringify(TransactItems))) return {};
    const outcomes = writes.map(({ kind, input, table }) => attempt(() => checkWrite(table, kind, input)));
    const reasons = outcomes.map(({ failure }) =>
      failure
        ? { Code: 'ConditionalCheckFailed', Message: failure.message, ...failure.details }
        : { Code: 'None' },
    );
    if (outcomes.some(({ failure }) => failure)) {
      const codes = reasons.map(({ Code }) => Code).join(', ');
      throw new AwsError(
        'TransactionCanceledException',
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
        400,
        { CancellationReasons: reasons },
      );
    }
    for (const { checked } of outcomes) checked!.carryOut();
    return {};
  }

  function isRepeated(token: string, content: string): boolean {
    const now = virtual.now().getTime();
    const before = transactions.get(token);
    if (before && now - before.at < tokenLifeMs) {
      if (before.content === content) return true;
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    }
    transactions.set(token, { at: now, content });
    return false;
  }

  return {
    service: {
      name: 'dynamodb',
      protocol: awsJson('1.0'),
      // What a partition takes of items of a kilobyte. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
      quotas: [{ operations: ['PutItem', 'UpdateItem', 'DeleteItem'], perSecond: 1000 }],
      operations: {
        GetItem: operation(getInput, (input, call) => {
          const table = enter(call, input.TableName, 'GetItem', [input.Key]);
          const placeholders = createPlaceholders(input.ExpressionAttributeNames);
          const project = projection(input.ProjectionExpression, placeholders);
          placeholders.checkAllUsed();
          const found = table.get(input.Key);
          return found ? { Item: project(found) } : {};
        }),
        PutItem: operation(z.strictObject({ ...putFields, ReturnValues: onlyOld }), (input, call) => {
          const { before } = write(call, 'Put', input);
          return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {};
        }),
        DeleteItem: operation(z.strictObject({ ...keyFields, ReturnValues: onlyOld }), (input, call) => {
          const { before } = write(call, 'Delete', input);
          return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {};
        }),
        UpdateItem: operation(
          z.strictObject({ ...updateFields, ReturnValues: returnValues }),
          (input, call) => {
            const { before, after, touched } = write(call, 'Update', input);
            if (input.ReturnValues === 'NONE') return {};
            const shown = input.ReturnValues.endsWith('OLD') ? before : after;
            const all = Object.entries(shown ?? {});
            const named = input.ReturnValues.startsWith('ALL')
              ? all
              : all.filter(([name]) => touched.includes(name));
            return named.length ? { Attributes: Object.fromEntries(named) } : {};
          },
        ),
        Query: operation(queryInput, (input, call) => {
          const table = enter(call, input.TableName, 'Query', [], input.IndexName);
          return runQuery(table, input);
        }),
        TransactWriteItems: operation(transactInput, transact),
      },
    },
    addTable: tables.add,
    items: name => tables.need(name).items(),
  };
}

function attempt(check: () => CheckedWrite): { checked?: CheckedWrite; failure?: AwsError } {
  try {
    return { checked: check() };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException')
      return { failure: error };
    throw error;
  }
}
