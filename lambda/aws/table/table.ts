// The environment's one table: what is kept under which key, and the few ways in which it is read and changed.
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { KeyturnError } from '../../../core/errors';
import type { EvidenceSource } from '../../../core/incident/signals';
import { type KeyAddress, shortName } from '../../../core/key/key-address';

export type Item = Record<string, AttributeValue>;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });

/** @throws {KeyturnError} bad-reply, where the item does not have it: nobody but Keyturn's functions should write here */
export function textAt(item: Item, attribute: string): string {
  const held = item[attribute]?.S;
  if (held !== undefined) return held;
  throw new KeyturnError(
    'bad-reply',
    `the item ${item.pk?.S} ${item.sk?.S} of the table has no "${attribute}"; check in CloudTrail who wrote it`,
  );
}

/** Incidents sort by time, since their ids begin with it. */
export const incidentKey = (incidentId: string, address: KeyAddress): Item => ({
  pk: text('incident'),
  sk: text(`${incidentId}#${shortName(address)}`),
});
/** What is known of one key: who is containing it, which versions must end, when it was last contained, until when it is silenced. */
export const keyKey = (address: KeyAddress): Item => ({ pk: text('key'), sk: text(shortName(address)) });
/** One for each kind of evidence. */
export const breakerKey = (evidence: EvidenceSource): Item => ({ pk: text('breaker'), sk: text(evidence) });
/** A signal of the watch function, or a reported leak: what makes one on the event bus believable. */
export const signalKey = (incidentId: string): Item => ({ pk: text('signal'), sk: text(incidentId) });
/** That one version of a key was reported as leaked, in this hour: when first, and which incident that is. */
export const leakKey = (address: KeyAddress, versionId: string, hour: string): Item => ({
  pk: text('leak'),
  sk: text(`${hour} ${shortName(address)} ${versionId}`),
});
/** A fire drill that a person has announced. */
export const drillKey = (alarmName: string): Item => ({ pk: text('drill'), sk: text(alarmName) });
/** That people were told of a refused call, in these ten minutes. */
export const refusalKey = (window: number): Item => ({ pk: text('refusal'), sk: text(String(window)) });
/** Somebody has read a key's secret from somewhere. */
export const sourceKey = (address: KeyAddress, principal: string, place: string) => ({
  pk: { S: `source#${shortName(address)}` },
  sk: { S: `${principal} ${place}`.slice(0, 500) },
});
/** When a key's server was first seen to read its secret. */
export const watchedKey = (address: KeyAddress): Item => ({
  pk: text('watched'),
  sk: text(shortName(address)),
});
/** Reads of keys by their servers that wait for a report, one item for each key. */
export const serverReads = text('server-read');
/** Reads of a key's secret that were refused, by the hour. */
export const refusedReadsKey = (address: KeyAddress, hour: string): Item => ({
  pk: text(`refused-reads#${shortName(address)}`),
  sk: text(hour),
});
/** People were told that somebody read an issuer credential, in this hour. */
export const issuerReadKey = (name: string, principal: string, hour: string): Item => ({
  pk: text('issuer-read'),
  sk: text(`${hour} ${name} ${principal}`.slice(0, 500)),
});
/** People were told of a secret that is not proven to be Keyturn's, on this day. */
export const unknownSecretKey = (name: string, day: string): Item => ({
  pk: text('unknown-secret'),
  sk: text(`${day} ${name}`),
});
export const problems = text('problem');
/** Whether people were told that something is wrong, and not yet that it is over. */
export const problemKey = (about: string): Item => ({ pk: problems, sk: text(about) });
/** Of many problems alike, those that are not over. */
export const problemGroupKey = (group: string): Item => ({ pk: text('problem-group'), sk: text(group) });
/** Keys behind an alarm that counts, as the function that counted them wrote down. */
export const foundKeys = text('found');
export const foundKey = (kind: string): Item => ({ pk: foundKeys, sk: text(kind) });
/** How far the way of each key to where its server runs is, one item for each key. */
export const deliveries = text('delivery');
export const deliveryKey = (address: KeyAddress): Item => ({ pk: deliveries, sk: text(shortName(address)) });

/** What people were told of by audits that ran by themselves. */
export const auditKey: Item = { pk: text('audit'), sk: text('told') };

export interface Table {
  get(key: Item): Promise<Item | undefined>;
  /** @returns false where there is one already */
  putNew(item: Item): Promise<boolean>;
  /** @returns false where `onlyIf` did not hold */
  change(key: Item, change: ItemChange): Promise<boolean>;
  /** Newest first, by sort key. @param from no older ones */
  query(pk: AttributeValue, from?: string, atMost?: number): Promise<Item[]>;
}

export interface ItemChange {
  set?: Item;
  /** To lists of this item. */
  append?: Item;
  /** To numbers of this item, which begin at 0, and to its sets. */
  add?: Record<string, number | string[]>;
  /** From sets of this item. */
  takeOut?: Record<string, string[]>;
  remove?: string[];
  /** What the item must still say; `undefined` where it must say nothing. @default - whatever it says */
  onlyIf?: Record<string, AttributeValue | undefined>;
}

export function createTable(client: DynamoDBClient, environment: string): Table {
  const TableName = `keyturn-${environment}`;
  return {
    async get(key) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }));
      return Item;
    },

    putNew: item =>
      unlessRefused(
        client.send(
          new PutItemCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      ),

    change: (key, change) =>
      unlessRefused(client.send(new UpdateItemCommand({ TableName, Key: key, ...expressions(change) }))),

    async query(pk, from = '', atMost = Number.POSITIVE_INFINITY) {
      const found: Item[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName,
          KeyConditionExpression: from ? 'pk = :pk AND sk >= :from' : 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk, ...(from && { ':from': text(from) }) },
          ScanIndexForward: false,
        },
      );
      for await (const { Items = [] } of pages) {
        found.push(...Items);
        if (found.length >= atMost) break;
      }
      return found.slice(0, atMost);
    },
  };
}

/** DynamoDB's update language. Every name is passed as a parameter: many words are reserved. */
function expressions({
  set = {},
  append = {},
  add = {},
  takeOut = {},
  remove = [],
  onlyIf = {},
}: ItemChange) {
  const names: Record<string, string> = {};
  const values: Item = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (parameter: string, held: AttributeValue) => {
    values[`:${parameter}`] = held;
    return `:${parameter}`;
  };
  const clauses: Record<string, string[]> = {
    SET: [
      ...Object.entries(set).map(([to, held]) => `${name(to)} = ${value(to, held)}`),
      ...Object.entries(append).map(
        ([to, held]) => `${name(to)} = list_append(${name(to)}, ${value(to, { L: [held] })})`,
      ),
    ],
    ADD: Object.entries(add).map(
      ([to, more]) => `${name(to)} ${value(to, typeof more === 'number' ? number(more) : { SS: more })}`,
    ),
    DELETE: Object.entries(takeOut).map(([from, gone]) => `${name(from)} ${value(from, { SS: gone })}`),
    REMOVE: remove.map(name),
  };
  const conditions = Object.entries(onlyIf).map(([at, held]) =>
    held ? `${name(at)} = ${value(`${at}Before`, held)}` : `attribute_not_exists(${name(at)})`,
  );
  return {
    UpdateExpression: Object.entries(clauses)
      .flatMap(([word, parts]) => (parts.length ? [`${word} ${parts.join(', ')}`] : []))
      .join(' '),
    ...(conditions.length && { ConditionExpression: conditions.join(' AND ') }),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length && { ExpressionAttributeValues: values }),
  };
}

async function unlessRefused(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
