// Query: the items of one partition, in the order of the sort key, page by page.
import * as z from 'zod';
import { NotModelled } from '../wire/aws-error';
import { attributeValue, type Item, isEqual, item } from './attribute-value';
import { holds, operandValue } from './conditions';
import { type ConditionExpression, parseCondition } from './expression-parser';
import { createPlaceholders, invalid, type Placeholders } from './placeholders';
import { projection } from './projection';
import { idOf, inKeyOrder, type KeySchema, keyNamesOf, partitionId, type Table } from './tables';

export const queryInput = z.strictObject({
  TableName: z.string(),
  IndexName: z.string().optional(),
  KeyConditionExpression: z.string(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), attributeValue).optional(),
  ScanIndexForward: z.boolean().default(true),
  Limit: z.int().min(1).optional(),
  ExclusiveStartKey: item.optional(),
  ConsistentRead: z.boolean().optional(),
  Select: z.enum(['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT']).optional(),
});

type Query = z.output<typeof queryInput>;

/** A page ends after so much, filtered or not. */
const pageBytes = 1024 * 1024;

export function runQuery(table: Table, query: Query) {
  const schema = schemaOf(table, query.IndexName);
  const placeholders = createPlaceholders(query.ExpressionAttributeNames, query.ExpressionAttributeValues);
  const keyCondition = parseCondition(query.KeyConditionExpression, 'KeyConditionExpression');
  const partition = checkKeyCondition(keyCondition, schema, placeholders);
  // An index has partitions of its own.
  const items = query.IndexName ? table.items() : table.items(partitionId(partition, table));
  const asked = items.filter(one => holds(keyCondition, one, placeholders));
  const ordered = inKeyOrder(asked, schema);
  if (!query.ScanIndexForward) ordered.reverse();
  const rest = afterKey(ordered, query.ExclusiveStartKey, table.keyNames);
  const page = rest.slice(0, pageLength(rest, query.Limit));
  const filter = query.FilterExpression && parseCondition(query.FilterExpression, 'FilterExpression');
  const project = projection(query.ProjectionExpression, placeholders);
  // Worked out once over nothing, as key conditions are, so that what it names counts as used in an empty partition, too.
  if (filter) holds(filter, {}, placeholders);
  placeholders.checkAllUsed();
  const found = filter ? page.filter(one => holds(filter, one, placeholders)) : page;
  const last = page.at(-1);
  const lastNames = [...new Set([...table.keyNames, ...keyNamesOf(schema)])];
  return {
    Count: found.length,
    ScannedCount: page.length,
    ...(query.Select !== 'COUNT' && {
      Items: found.map(project),
    }),
    ...(last &&
      page.length < rest.length && {
        LastEvaluatedKey: Object.fromEntries(lastNames.map(name => [name, last[name]])),
      }),
  };
}

function schemaOf(table: Table, indexName: string | undefined): KeySchema {
  if (!indexName) return table;
  const index = table.indexes?.find(({ name }) => name === indexName);
  if (!index) throw invalid(`The table does not have the specified index: ${indexName}`);
  return index;
}

/** The partition that is asked for, which IAM calls a leading key. */
export function partitionAsked(table: Table, query: Query): Item {
  const schema = schemaOf(table, query.IndexName);
  const placeholders = createPlaceholders(query.ExpressionAttributeNames, query.ExpressionAttributeValues);
  const keyCondition = parseCondition(query.KeyConditionExpression, 'KeyConditionExpression');
  const value = partitionIn(partsOf(keyCondition), schema, placeholders);
  return value ? { [table.partitionKey]: value } : {};
}

function partsOf(condition: ConditionExpression): ConditionExpression[] {
  return condition.kind === 'and' ? [condition.left, condition.right] : [condition];
}

/** By equality. */
function partitionIn(parts: ConditionExpression[], { partitionKey }: KeySchema, placeholders: Placeholders) {
  for (const part of parts) {
    if (part.kind !== 'comparison' || part.operator !== '=' || part.left.kind !== 'path') continue;
    const value = operandValue(part.right, {}, placeholders);
    if (placeholders.path(part.left.path)[0] === partitionKey && value && isEqual(value, value)) return value;
  }
  return undefined;
}

/** @returns the one partition that is asked for */
function checkKeyCondition(
  condition: ConditionExpression,
  schema: KeySchema,
  placeholders: Placeholders,
): Item {
  const { partitionKey } = schema;
  const parts = partsOf(condition);
  const value = partitionIn(parts, schema, placeholders);
  if (!value) throw invalid(`Query condition missed key schema element: ${partitionKey}`);
  if (parts.some(part => !['comparison', 'between', 'test'].includes(part.kind))) {
    throw new NotModelled('a key condition of more than two parts was given; DynamoDB has none');
  }
  for (const part of parts) holds(part, {}, placeholders);
  return { [partitionKey]: value };
}

function afterKey(ordered: Item[], start: Item | undefined, keyNames: readonly string[]): Item[] {
  if (!start) return ordered;
  const id = idOf(start, keyNames);
  return ordered.slice(ordered.findIndex(one => idOf(one, keyNames) === id) + 1);
}

function pageLength(items: Item[], limit = items.length): number {
  let bytes = 0;
  const full = items.findIndex(one => {
    bytes += JSON.stringify(one).length;
    return bytes > pageBytes;
  });
  return Math.min(limit, full < 0 ? items.length : Math.max(1, full));
}
