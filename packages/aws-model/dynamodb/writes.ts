// One write to one item, checked first and carried out second: a transaction checks all before it carries out any.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type AttributeValue, attributeValue, type Item, item } from './attribute-value';
import { holds } from './conditions';
import { parseCondition, parseUpdate } from './expression-parser';
import { createPlaceholders } from './placeholders';
import { checkItem, checkKey, type Table } from './tables';
import { updated } from './updates';

export const writeFields = {
  TableName: z.string(),
  ConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), attributeValue).optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).optional(),
};

export const putFields = { ...writeFields, Item: item };
export const keyFields = { ...writeFields, Key: item };
export const updateFields = { ...keyFields, UpdateExpression: z.string().optional() };

export interface WriteInput {
  Item?: Item | undefined;
  Key?: Item | undefined;
  UpdateExpression?: string | undefined;
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  ReturnValuesOnConditionCheckFailure?: 'NONE' | 'ALL_OLD' | undefined;
}

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

export interface CheckedWrite {
  before: Item | undefined;
  after: Item | undefined;
  /** Top-level attributes that an update names. */
  touched: string[];
  carryOut(): void;
}

/** @throws {AwsError} ConditionalCheckFailedException, or ValidationException */
export function checkWrite(table: Table, kind: WriteKind, input: WriteInput): CheckedWrite {
  const { keyNames } = table;
  const key = input.Key ?? keyOf(input.Item!, keyNames);
  if (input.Item) checkItem(input.Item, keyNames);
  checkKey(key, keyNames);
  const placeholders = createPlaceholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const before = table.get(key);
  const meets =
    !input.ConditionExpression ||
    holds(parseCondition(input.ConditionExpression), before ?? {}, placeholders);
  const changes = input.UpdateExpression ? parseUpdate(input.UpdateExpression) : [];
  const update = () => updated(before ?? key, changes, placeholders, keyNames);
  const { item: after, touched } = meets && kind === 'Update' ? update() : { item: input.Item, touched: [] };
  if (meets) placeholders.checkAllUsed();
  else throw conditionFailed(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined);
  return {
    before,
    after: kind === 'Delete' ? undefined : after,
    touched,
    carryOut() {
      if (kind === 'Delete') table.remove(key);
      else if (kind !== 'ConditionCheck') table.put(after!);
    },
  };
}

function conditionFailed(old: Item | undefined): AwsError {
  return new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    old ? { Item: old } : {},
  );
}

function keyOf(whole: Item, keyNames: readonly string[]): Item {
  return Object.fromEntries(keyNames.flatMap(name => (whole[name] ? [[name, whole[name]]] : [])));
}
