// Tables: items by key, gone some time after their time to live.

import { dayMs } from '../clock/time';
import type { Virtual } from '../clock/virtual';
import { arnIn } from '../shared/arn';
import { AwsError } from '../wire/aws-error';
import { type AttributeValue, compare, type Item, typeOf } from './attribute-value';
import { invalid } from './placeholders';

export interface KeySchema {
  partitionKey: string;
  sortKey?: string;
}

export interface TableFromTemplate extends KeySchema {
  name: string;
  indexes?: (KeySchema & { name: string })[];
  /** Holds seconds since 1970. */
  ttlAttribute?: string;
  /** A customer-managed key: callers need its use. */
  kmsKeyId?: string;
  /** Resource policy as JSON text. @default - none */
  policy?: string;
}

export interface Table extends TableFromTemplate {
  arn: string;
  keyNames: string[];
  get(key: Item): Item | undefined;
  put(item: Item): void;
  delete(key: Item): void;
  /** @param partition those of that one alone: a query takes no longer for what else the table holds */
  items(partition?: string): Item[];
}

export interface Tables {
  add(template: TableFromTemplate): string;
  remove(name: string): void;
  /** By name or ARN. @throws {AwsError} ResourceNotFoundException */
  need(nameOrArn: string): Table;
}

/** Items that nobody asks for go, too, when their time is over. */
const sweptEveryMs = dayMs;
const maxItemBytes = 400 * 1024;
const maxPolicyBytes = 20 * 1024;

export function createTables(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  /** How long an item outlives its time to live: AWS says within a few days. Milliseconds. */
  ttlDelayMs: number;
}): Tables {
  const { virtual } = parts;
  const tables = new Map<string, Table>();

  function create(template: TableFromTemplate): Table {
    const partitions = new Map<string, Map<string, Item>>();
    let sweptAt = virtual.now().getTime();
    const keyNames = keyNamesOf(template);
    const partitionOf = (key: Item) => partitions.get(partitionId(key, template));
    const isGone = (item: Item) => {
      const until = template.ttlAttribute && item[template.ttlAttribute]?.N;
      return (
        until !== undefined &&
        until !== '' &&
        Number(until) * 1000 + parts.ttlDelayMs <= virtual.now().getTime()
      );
    };
    const sweep = () => {
      if (virtual.now().getTime() - sweptAt < sweptEveryMs) return;
      sweptAt = virtual.now().getTime();
      for (const items of partitions.values()) deleteThose(items, isGone);
      deleteThose(partitions, ({ size }) => !size);
    };
    return {
      ...template,
      arn: arnIn(parts, 'dynamodb', `table/${template.name}`),
      keyNames,
      get(key) {
        checkKey(key, keyNames);
        const item = partitionOf(key)?.get(idOf(key, keyNames));
        return item && !isGone(item) ? item : undefined;
      },
      put(item) {
        if (Buffer.byteLength(JSON.stringify(item)) > maxItemBytes)
          throw invalid('Item size has exceeded the maximum allowed size');
        sweep();
        const items = partitionOf(item) ?? new Map<string, Item>();
        partitions.set(partitionId(item, template), items.set(idOf(item, keyNames), item));
      },
      delete: key => void partitionOf(key)?.delete(idOf(key, keyNames)),
      items(partition) {
        const asked =
          partition === undefined
            ? [...partitions.values()]
            : [partitions.get(partition) ?? new Map<string, Item>()];
        return asked.flatMap(items => [...items.values()]).filter(item => !isGone(item));
      },
    };
  }

  return {
    add(template) {
      checkPolicySize(template.policy);
      const table = create(template);
      tables.set(template.name, table);
      return table.arn;
    },
    remove: name => void tables.delete(name),
    need(nameOrArn) {
      const table = tables.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
      if (table) return table;
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    },
  };
}

/** @throws {AwsError} ValidationException */
export function checkPolicySize(policy = ''): void {
  if (Buffer.byteLength(policy) > maxPolicyBytes)
    throw invalid(`Resource policy size exceeds the maximum of ${maxPolicyBytes} bytes`);
}

export function keyNamesOf({ partitionKey, sortKey }: KeySchema): string[] {
  return sortKey ? [partitionKey, sortKey] : [partitionKey];
}

/** Exactly the table's key. */
export function checkKey(key: Item, keyNames: readonly string[]): void {
  checkEmptyKey(key, keyNames);
  const fits = Object.keys(key).length === keyNames.length && keyNames.every(name => isKeyValue(key[name]));
  if (!fits) throw invalid('The provided key element does not match the schema');
}

export function checkItem(item: Item, keyNames: readonly string[]): void {
  checkEmptyKey(item, keyNames);
  const missing = keyNames.find(name => !isKeyValue(item[name]));
  if (missing)
    throw invalid(`One or more parameter values were invalid: Missing the key ${missing} in the item`);
}

function checkEmptyKey(item: Item, keyNames: readonly string[]): void {
  const empty = keyNames.find(name => item[name]?.S === '');
  if (empty)
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${empty}`,
    );
}

/** By sort key; items that have none are not in the index. */
export function inKeyOrder(items: Item[], { partitionKey, sortKey }: KeySchema): Item[] {
  const indexed = items.filter(item => item[partitionKey]);
  if (!sortKey) return indexed;
  return indexed
    .flatMap(item => {
      const sortValue = item[sortKey];
      return sortValue ? [{ item, sortValue }] : [];
    })
    .sort((a, b) => compare(a.sortValue, b.sortValue) ?? 0)
    .map(({ item }) => item);
}

function deleteThose<Held>(map: Map<string, Held>, which: (held: Held) => boolean): void {
  for (const [id, held] of map) if (which(held)) map.delete(id);
}

/** As `items` of a table takes it. */
export function partitionId(key: Item, { partitionKey }: KeySchema): string {
  return JSON.stringify(key[partitionKey]);
}

export function idOf(item: Item, keyNames: readonly string[]): string {
  return JSON.stringify(keyNames.map(name => item[name]));
}

function isKeyValue(value: AttributeValue | undefined): boolean {
  if (!value || !['S', 'N', 'B'].includes(typeOf(value))) return false;
  return value.S !== '' && value.B !== '';
}
