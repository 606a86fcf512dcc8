import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { get, type Item, Key, put, refused, update } from './support/dynamodb';

describe('conditions', () => {
  const item: Item = {
    n: { N: '5' },
    s: { S: 'hello' },
    entries: { L: [{ S: 'a' }] },
    letters: { SS: ['a', 'b'] },
    m: { M: { deep: { N: '1' } } },
  };
  const names = { '#n': 'n', '#m': 'm', '#deep': 'deep' };
  const values = {
    ':five': { N: '5.0' },
    ':four': { N: '4' },
    ':nine': { N: '9' },
    ':he': { S: 'he' },
    ':a': { S: 'a' },
    ':one': { N: '1' },
    ':type': { S: 'N' },
  };

  async function holds(ConditionExpression: string): Promise<boolean> {
    await put(item);
    const used = (all: object) =>
      Object.fromEntries(
        Object.entries(all).filter(([name]) => new RegExp(`${name}\\b`).test(ConditionExpression)),
      );
    const given = (all: object) => (Object.keys(used(all)).length ? used(all) : undefined);
    const check = {
      ConditionExpression,
      ExpressionAttributeNames: given(names),
      ExpressionAttributeValues: given(values),
    };
    return put(item, check).then(
      () => true,
      error => {
        expect(error).toMatchObject(refused);
        return false;
      },
    );
  }

  test.each<[string, boolean]>([
    ['attribute_exists(n)', true],
    ['attribute_exists(absent)', false],
    ['attribute_not_exists(pk)', false],
    ['attribute_not_exists(absent)', true],
    ['#n = :five', true],
    ['n <> :five', false],
    ['absent <> :five', true],
    ['absent = :five', false],
    ['n > :four AND n <= :five', true],
    ['n < :four OR s = :he', false],
    ['NOT n < :four', true],
    ['(n = :four OR n = :five) AND attribute_exists(s)', true],
    ['n BETWEEN :four AND :nine', true],
    ['n IN (:four, :nine)', false],
    ['begins_with(s, :he)', true],
    ['contains(s, :he)', true],
    ['contains(entries, :a)', true],
    ['contains(letters, :a)', true],
    ['size(letters) > :one', true],
    ['attribute_type(n, :type)', true],
    ['#m.#deep = :one', true],
    ['entries[0] = :a', true],
    ['n > :he', false],
  ])('%s: %s', async (expression, expected) => {
    expect(await holds(expression)).toBe(expected);
  });

  test('a refused write says what stands there, if asked', async () => {
    await put(item);
    const check = {
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    await expect(put({}, check)).rejects.toMatchObject({ ...refused, Item: { ...Key, n: { N: '5' } } });
  });

  test.each([
    ['n = :five AND', undefined, 'Syntax error'],
    ['n = :unknown', undefined, 'not defined; attribute value: :unknown'],
    ['#unknown = :five', undefined, 'not defined; attribute name: #unknown'],
    ['n = :five', { ':more': { N: '1' } }, 'unused in expressions: keys: {:more}'],
  ])('%s is refused as invalid', async (ConditionExpression, more: Item | undefined, text) => {
    await put(item);
    const check = { ConditionExpression, ExpressionAttributeValues: { ':five': { N: '5' }, ...more } };
    await expect(put(item, check)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(text),
    });
  });
});

describe('updates', () => {
  const before: Item = {
    n: { N: '5' },
    entries: { L: [{ S: 'a' }, { S: 'b' }] },
    letters: { NS: ['1', '2'] },
    m: { M: { x: { S: 'y' } } },
  };

  test.each<[string, Item, Item]>([
    ['SET a = :v', { ':v': { S: 'x' } }, { a: { S: 'x' } }],
    ['SET n = n + :v', { ':v': { N: '2' } }, { n: { N: '7' } }],
    ['SET n = n - :v, a = n', { ':v': { N: '2' } }, { n: { N: '3' }, a: { N: '5' } }],
    ['SET n = if_not_exists(n, :v)', { ':v': { N: '0' } }, { n: { N: '5' } }],
    ['SET c = if_not_exists(c, :v) + :v', { ':v': { N: '1' } }, { c: { N: '2' } }],
    [
      'SET entries = list_append(entries, :v)',
      { ':v': { L: [{ S: 'c' }] } },
      { entries: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] } },
    ],
    ['SET m.z = :v', { ':v': { S: 'w' } }, { m: { M: { x: { S: 'y' }, z: { S: 'w' } } } }],
    ['SET entries[0] = :v', { ':v': { S: 'z' } }, { entries: { L: [{ S: 'z' }, { S: 'b' }] } }],
    ['ADD n :v', { ':v': { N: '3' } }, { n: { N: '8' } }],
    ['ADD fresh :v', { ':v': { N: '3' } }, { fresh: { N: '3' } }],
    ['ADD letters :v', { ':v': { NS: ['2', '3'] } }, { letters: { NS: ['1', '2', '3'] } }],
    ['DELETE letters :v', { ':v': { NS: ['2'] } }, { letters: { NS: ['1'] } }],
    [
      'REMOVE m.x, entries[1] ADD n :v',
      { ':v': { N: '1' } },
      { m: { M: {} }, entries: { L: [{ S: 'a' }] }, n: { N: '6' } },
    ],
  ])('%s', async (UpdateExpression, ExpressionAttributeValues, changed) => {
    await put(before);
    await update({ UpdateExpression, ExpressionAttributeValues });
    expect(await get()).toEqual({ ...Key, ...before, ...changed });
  });

  test('a set without elements does not exist', async () => {
    await put(before);
    await update({
      UpdateExpression: 'DELETE letters :v',
      ExpressionAttributeValues: { ':v': { NS: ['1', '2'] } },
    });
    expect(await get()).not.toHaveProperty('letters');
  });

  test('of an item that is not there make it', async () => {
    await update({
      UpdateExpression: 'SET #s = :v',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':v': { S: 'open' } },
    });
    expect(await get()).toEqual({ ...Key, status: { S: 'open' } });
  });

  test('answer the values that were asked for', async () => {
    await put(before);
    const change = { UpdateExpression: 'ADD n :v', ExpressionAttributeValues: { ':v': { N: '1' } } };
    const answered = async (ReturnValues: UpdateItemCommandInput['ReturnValues']) =>
      (await update({ ...change, ReturnValues })).Attributes;
    expect(await answered('UPDATED_NEW')).toEqual({ n: { N: '6' } });
    expect(await answered('UPDATED_OLD')).toEqual({ n: { N: '6' } });
    expect(await answered('ALL_NEW')).toMatchObject({ ...Key, n: { N: '8' } });
    expect(await answered('NONE')).toBeUndefined();
  });

  test.each<[string, Item, string]>([
    ['SET pk = :v', { ':v': { S: 'x' } }, 'part of the key'],
    ['SET a = absent + :v', { ':v': { N: '1' } }, 'does not exist in the item'],
    ['SET entries = list_append(absent, :v)', { ':v': { L: [] } }, 'does not exist in the item'],
    ['SET a = if_not_exists(:v)', { ':v': { N: '1' } }, 'Incorrect number of operands'],
    ['ADD entries :v', { ':v': { S: 'x' } }, 'incorrect data type'],
    ['SET a.b = :v', { ':v': { S: 'x' } }, 'document path'],
    ['SET n = :v, n = :v', { ':v': { S: 'x' } }, 'overlap'],
  ])('%s is refused', async (UpdateExpression, ExpressionAttributeValues, text) => {
    await put(before);
    await expect(update({ UpdateExpression, ExpressionAttributeValues })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(text),
    });
    expect(await get()).toEqual({ ...Key, ...before });
  });

  test('of two at once, only one meets the condition', async () => {
    await put({ lease: { S: 'none' } });
    const take = (by: string) =>
      update({
        UpdateExpression: 'SET lease = :by',
        ConditionExpression: 'lease = :none',
        ExpressionAttributeValues: { ':by': { S: by }, ':none': { S: 'none' } },
      }).then(
        () => 'taken',
        error => error.name,
      );
    expect((await Promise.all([take('a'), take('b')])).sort()).toEqual([
      'ConditionalCheckFailedException',
      'taken',
    ]);
  });
});
