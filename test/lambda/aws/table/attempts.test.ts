// What is written down before a key is made, as the table keeps it.
import type { ListedKey } from '../../../../core/provider';
import type { Attempts } from '../../../../core/rotation/attempts';
import type { SecretState } from '../../../../core/rotation/secret-store';
import { dayMs, minuteMs } from '../../../../core/time';
import { createAttempts, idsPerItem, readUnproven } from '../../../../lambda/aws/table/attempts';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { World } from '../../../core/support/world';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const { state } = new World('issue');
const other: SecretState = { ...state, address: { ...state.address, server: 'other-bot' } };
let setup: FunctionSetup;
let table: Table;
let attempts: Attempts;
let told: string[];
let tellFails = false;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-rotate-acme');
  setup.model.dynamoDb.addTable({
    name: 'keyturn-prod',
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
  table = createTable(setup.dynamoDb, 'prod');
  told = [];
  tellFails = false;
  attempts = createAttempts(table, setup.clock, async (_, { id }) => {
    if (tellFails) throw new Error('no event bus');
    told.push(id);
  });
});
afterEach(() => setup.close());

const attemptOf = (name: string) => ({ name, versionId: 'version-1', at: setup.clock.now() });
const keys = (count: number): ListedKey[] => Array.from({ length: count }, (_, n) => ({ id: `key-${n}` }));

test('an attempt is found by its exact name, for its own secret', async () => {
  const attempt = attemptOf('bot-1');
  expect(await attempts.begin(state, attempt, keys(2))).toBe(true);
  const found = await attempts.find(state, 'bot-1');
  expect(found).toMatchObject(attempt);
  expect(['key-0', 'key-1', 'key-2'].map(id => found!.wasListed(id))).toEqual([true, true, false]);
  expect(await attempts.find(state, 'bot-')).toBeUndefined();
  expect(await attempts.find(other, 'bot-1')).toBeUndefined();
});

test('a second one of the same name is none, and changes nothing', async () => {
  await attempts.begin(state, attemptOf('bot-1'), keys(1));
  expect(await attempts.begin(state, attemptOf('bot-1'), keys(3))).toBe(false);
  expect((await attempts.find(state, 'bot-1'))!.wasListed('key-2')).toBe(false);
});

test.each([0, idsPerItem, idsPerItem + 1, 2 * idsPerItem + 1])('it knows all of %i keys', async count => {
  await attempts.begin(state, attemptOf('bot-1'), keys(count));
  const found = (await attempts.find(state, 'bot-1'))!;
  expect(keys(count).filter(({ id }) => !found.wasListed(id))).toEqual([]);
  expect(found.wasListed(`key-${count}`)).toBe(false);
});

test('where a part of its list is missing, it proves nothing', async () => {
  const wholeOf = table.get;
  await attempts.begin(state, attemptOf('bot-1'), keys(idsPerItem + 1));
  table.get = async key => (key.sk?.S === 'bot-1#1' ? undefined : wholeOf(key));
  expect(await attempts.find(state, 'bot-1')).toBeUndefined();
});

test('it proves until its time is over, and not a moment longer', async () => {
  await attempts.begin(state, attemptOf('bot-1'), []);
  const began = setup.clock.now().getTime();
  const at = (ms: number) => {
    const clock = { ...setup.clock, now: () => new Date(began + ms) };
    return createAttempts(table, clock, async () => {}).find(state, 'bot-1');
  };
  expect(await at(100 * dayMs - 1)).toBeDefined();
  expect(await at(100 * dayMs)).toBeUndefined();
});

test('it made one key: whichever is claimed first', async () => {
  await attempts.begin(state, attemptOf('bot-1'), []);
  expect(await attempts.claim(state, 'bot-1', 'key-1')).toBe(true);
  expect(await attempts.claim(state, 'bot-1', 'key-1')).toBe(true);
  expect(await attempts.claim(state, 'bot-1', 'key-2')).toBe(false);
});

test('people are told of an unproven key once, and find it listed', async () => {
  await attempts.tellUnproven(state, { id: 'key-1\u001b[31m' });
  await setup.passMs(minuteMs);
  await attempts.tellUnproven(state, { id: 'key-1\u001b[31m' });
  expect(told).toHaveLength(1);
  expect(await readUnproven(table)).toEqual([
    { key: 'prod/acme/bot', keyId: 'key-1 [31m', seenAt: expect.any(Date) },
  ]);
});

test('where they cannot be told, the next sweep tells them, and this one goes on', async () => {
  const log = jest.spyOn(console, 'error').mockImplementation();
  tellFails = true;
  await attempts.tellUnproven(state, { id: 'key-1' });
  expect(told).toEqual([]);
  expect(await readUnproven(table)).toHaveLength(1);
  tellFails = false;
  await attempts.tellUnproven(state, { id: 'key-1' });
  await attempts.tellUnproven(state, { id: 'key-1' });
  expect(told).toEqual(['key-1']);
  log.mockRestore();
});
