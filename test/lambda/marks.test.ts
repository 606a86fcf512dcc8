// Marks of containments in the table, laid over the labels of AWS; and the order of `keyturn rollback` to take one away.
import { isMarked, markLabel } from '../../core/incident/marks';
import { arrange } from '../../lambda/aws/emergency/arrangements';
import { withMarks } from '../../lambda/aws/table/marks';
import { World } from '../core/support/world';

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
