// One write to one item: its condition is checked first, then it is carried out.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { attributeValue, type Item, item } from './attribute-value';
import { holds } from './conditions';
import { parseCondition, parseUpdate } from './expression-parser';
import { createPlaceholders, type Placeholders } from './placeholders';
import { checkItem, checkKey, type Table } from './tables';
import { updated } from './updates';

const writeFields = {
  TableName: z.string(),
  ConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), attributeValue).optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).optional(),
};

export const putInput = z.strictObject({
  ...writeFields,
  Item: item,
  ReturnValues: z.enum(['NONE', 'ALL_OLD']).default('NONE'),
});
export const updateInput = z.strictObject({
  ...writeFields,
  Key: item,
  UpdateExpression: z.string().optional(),
  ReturnValues: z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).default('NONE'),
});

export const deleteInput = z.strictObject({
  ...writeFields,
  Key: item,
  ReturnValues: z.enum(['NONE', 'ALL_OLD']).default('NONE'),
});

type Put = z.output<typeof putInput>;
type Update = z.output<typeof updateInput>;
type Delete = z.output<typeof deleteInput>;

export function putItem(table: Table, input: Put): { Attributes?: Item } {
  checkItem(input.Item, table.keyNames);
  const key = keyOf(input.Item, table.keyNames);
  const { before, placeholders } = checkCondition(table, key, input);
  placeholders.checkAllUsed();
  table.put(input.Item);
  return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {};
}

export function updateItem(table: Table, input: Update): { Attributes?: Item } {
  const { before, placeholders } = checkCondition(table, input.Key, input);
  const changes = input.UpdateExpression ? parseUpdate(input.UpdateExpression) : [];
  const after = updated(before ?? input.Key, changes, placeholders, table.keyNames);
  // UpdateItem alone counts its errors.
  placeholders.checkAllUsed('1 validation error detected: ');
  table.put(after.item);
  if (input.ReturnValues === 'NONE') return {};
  const shown = Object.entries((input.ReturnValues.endsWith('OLD') ? before : after.item) ?? {});
  const named = input.ReturnValues.startsWith('ALL')
    ? shown
    : shown.filter(([name]) => after.touched.includes(name));
  return named.length ? { Attributes: Object.fromEntries(named) } : {};
}

export function deleteItem(table: Table, input: Delete): { Attributes?: Item } {
  const { before, placeholders } = checkCondition(table, input.Key, input);
  placeholders.checkAllUsed();
  table.delete(input.Key);
  return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {};
}

/** @throws {AwsError} ConditionalCheckFailedException, or ValidationException */
function checkCondition(
  table: Table,
  key: Item,
  input: Put | Update | Delete,
): { before: Item | undefined; placeholders: Placeholders } {
  checkKey(key, table.keyNames);
  const placeholders = createPlaceholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const before = table.get(key);
  const condition = input.ConditionExpression && parseCondition(input.ConditionExpression);
  if (!condition || holds(condition, before ?? {}, placeholders)) return { before, placeholders };
  const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before;
  throw new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    shown ? { Item: shown } : {},
  );
}

function keyOf(whole: Item, keyNames: readonly string[]): Item {
  return Object.fromEntries(keyNames.flatMap(name => (whole[name] ? [[name, whole[name]]] : [])));
}
