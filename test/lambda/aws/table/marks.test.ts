// Marks of containments in the table, laid over the labels of AWS; and the orders to take one away.
import { KeyturnError } from '../../../../core/errors';
import { isMarked, markLabel } from '../../../../core/incident/marks';
import { arrange } from '../../../../lambda/aws/emergency/arrangements';
import { withMarks } from '../../../../lambda/aws/table/marks';
import { World } from '../../../core/support/world';

const current = 'version-of-the-compromised-key-00001';
const older = 'version-of-the-superseded-key-000002';

const noTable = {
  get: async () => undefined,
  change: async () => true,
  putNew: async () => true,
  query: async () => [],
};

function twoKeys(): World {
  const world = new World('issue');
  world.seed(older, undefined);
  world.seed(current, undefined);
  return world;
}

test('any number of versions is marked, labelled or not, and unmarked', async () => {
  const { store, state, arn } = twoKeys();
  const unlabelled = 'version-that-has-no-label-left-00003';
  for (const to of [current, older, unlabelled]) await store.moveLabel(state, markLabel, { to });
  const marked = await store.describe(arn);
  expect([current, older, unlabelled].map(id => isMarked(marked, id))).toEqual([true, true, true]);
  expect(marked.versions[older]).toEqual(['AWSPREVIOUS', markLabel]);
  await store.moveLabel(state, markLabel, { from: older });
  expect((await store.describe(arn)).versions).toEqual({
    [current]: ['AWSCURRENT', markLabel],
    [older]: ['AWSPREVIOUS'],
    [unlabelled]: [markLabel],
  });
});

test('what is marked and then loses its label while it is described is seen', async () => {
  const world = twoKeys();
  // Another run marks the key and takes its label away, between the two reads, whichever comes first.
  let isBetween = true;
  async function read<T>(look: () => Promise<T>): Promise<T> {
    const seen = await look();
    if (isBetween) {
      isBetween = false;
      await world.store.moveLabel(world.state, markLabel, { to: older });
      await world.secrets.moveLabel(world.state, 'AWSPREVIOUS', { from: older });
    }
    return seen;
  }
  const secrets = { ...world.secrets, describe: (id: string) => read(() => world.secrets.describe(id)) };
  const table = { ...noTable, get: () => read(async () => ({ marks: { SS: [...world.marks] } })) };
  const store = withMarks(secrets, table);
  expect(isMarked(await store.describe(world.arn), older)).toBe(true);
});

test('a table that takes no mark: a label of AWS stands in for each, and is read', async () => {
  const world = twoKeys();
  const down = async () => {
    throw new Error('the table is down');
  };
  const store = withMarks(world.secrets, { get: async () => undefined, change: down });
  for (const to of [current, older]) await store.moveLabel(world.state, markLabel, { to });
  expect(world.labels).toEqual({
    [current]: ['AWSCURRENT', `KEYTURN-REVOKE-${current}`],
    [older]: ['AWSPREVIOUS', `KEYTURN-REVOKE-${older}`],
  });
  const described = await store.describe(world.arn);
  expect([current, older].map(id => isMarked(described, id))).toEqual([true, true]);
  await expect(store.moveLabel(world.state, markLabel, { from: older })).rejects.toThrow('the table is down');
});

describe('an order to take marks away', () => {
  const place = (world: World) => ({
    table: noTable,
    store: world.store,
    clock: world.clock,
  });
  const order = (world: World, versionId: string) => ({
    kind: 'unmark' as const,
    key: world.state.address,
    versionId,
    requestedBy: 'somebody',
  });

  test('takes all that mark the version, and tells on-call', async () => {
    const world = twoKeys();
    await world.store.moveLabel(world.state, markLabel, { to: older });
    await world.store.moveLabel(world.state, 'KEYTURN-REVOKE-1', { to: older });
    const notice = await arrange(order(world, older), undefined, 'prod', place(world));
    expect((await world.store.describe(world.arn)).versions[older]).toEqual(['AWSPREVIOUS']);
    expect(notice).toMatchObject({ headline: 'a compromised key of prod/acme/bot is kept' });
  });

  test.each([
    ['a version that its mark alone leads to', 'prod', 'version-that-has-no-label-left-00003'],
    ['another environment', 'dev', older],
  ])('%s: refused, and the mark stays', async (_, environment, versionId) => {
    const world = twoKeys();
    await world.store.moveLabel(world.state, markLabel, { to: versionId });
    await expect(
      arrange(order(world, versionId), undefined, environment, place(world)),
    ).rejects.toMatchObject({
      code: 'bad-event',
    });
    expect(isMarked(await world.store.describe(world.arn), versionId)).toBe(true);
  });
});

describe('an order to forget a version', () => {
  const theirs = 'version-of-what-somebody-stored-00004';
  const abandoned = 'version-of-a-rotation-given-up-000006';
  const order = { kind: 'forget-version' as const, requestedBy: 'somebody' };
  const forget = (world: World, versionId: string, environment = 'prod', store = world.store) =>
    arrange({ ...order, key: world.state.address, versionId }, undefined, environment, {
      table: noTable,
      store,
      clock: world.clock,
    });
  /** As the store reads what is no key, wherever it stands. */
  const withNoKeyIn = (world: World, versionId: string): World['store'] => ({
    ...world.store,
    readVersion: async (state, id) => {
      if (id === versionId) throw new KeyturnError('bad-secret', 'holds no key');
      return world.store.readVersion(state, id);
    },
  });
  const marked = async (...labels: string[]) => {
    const world = twoKeys();
    const others = Object.entries(world.labels).map(([id, all]) => [
      id,
      all.filter(one => !labels.includes(one)),
    ]);
    world.labels = { ...Object.fromEntries(others), [theirs]: labels };
    await world.store.moveLabel(world.state, markLabel, { to: theirs });
    return world;
  };

  test.each([
    ['AWSPREVIOUS', 'before-the-move'],
    ['AWSPENDING', 'before-the-move'],
    ['KEYTURN-NEXT', 'before-the-move'],
    ['KEYTURN-REVOKE-1', 'before-the-move'],
    ['before-the-move'],
  ])('takes off what Keyturn waits for, and tells on-call: %j', async (...labels) => {
    const world = await marked(...labels);
    const notice = await forget(world, theirs, 'prod', withNoKeyIn(world, theirs));
    expect((await world.store.describe(world.arn)).versions[theirs]).toEqual(['before-the-move']);
    expect(notice).toMatchObject({ headline: 'a version of prod/acme/bot that holds no key is forgotten' });
  });

  test.each(['unissued', 'ended'] as const)('also of the text of a secret that is %s', async text => {
    const world = await marked('AWSPREVIOUS');
    world.versions.set(theirs, { createdAt: world.clock.now(), value: text });
    await forget(world, theirs);
    expect((await world.store.describe(world.arn)).versions[theirs] ?? []).toEqual([]);
  });

  test.each([
    ['one that holds a key', older],
    ['the current one', 'AWSCURRENT'],
    ['one that nothing leads to', 'version-that-was-never-there-000001'],
    ['one in which a rotation may store its key yet', 'AWSPENDING'],
    ['one of an abandoned rotation, which may have lost its key', abandoned],
    ['one of another environment', older, 'dev'],
  ])('%s is refused, and keeps all it has', async (_, which, environment = 'prod') => {
    const world = twoKeys();
    world.beginRotation('version-of-a-rotation-under-way-000005');
    const versionId = which.startsWith('AWS') ? world.holder(which)! : which;
    for (const to of [older, abandoned]) await world.store.moveLabel(world.state, markLabel, { to });
    const before = await world.store.describe(world.arn);
    const store = which === 'AWSCURRENT' ? withNoKeyIn(world, versionId) : world.store;
    await expect(forget(world, versionId, environment, store)).rejects.toMatchObject({ code: 'bad-event' });
    expect((await world.store.describe(world.arn)).versions).toEqual(before.versions);
  });
});
