// A name is no proof: what nothing shows to be this secret's own lost key lives, and people are told of it.
import { endDropped } from '../../../core/ending/retirement';
import { parseProviderKeyName } from '../../../core/key/provider-key-name';
import { hourMs, minuteMs } from '../../../core/time';
import { containUntilDone, order, rotate } from '../support/run';
import { World } from '../support/world';

const current = 'version-of-the-current-key-000000001';
const next = 'version-of-the-next-rotation-0000002';
const after = 'version-of-the-rotation-after-000003';

let world: World;

beforeEach(() => {
  world = new World('issue');
  world.seed(current, undefined);
});

const keyOf = (id: string) => world.keys.find(key => key.id === id)!;

/** The rotation makes a key and never stores it. @returns the key's id */
async function loseKey(token = next): Promise<string> {
  const before = new Set(world.live);
  world.loseAnswerTo('make');
  await expect(rotate(world, token)).rejects.toThrow('lost');
  return world.live.find(id => !before.has(id))!;
}

async function rename(id: string, name: string | undefined): Promise<void> {
  world.keys = world.keys.map(key => (key.id === id ? { ...key, ...(name && { name }) } : key));
}

async function expectSpared(id: string): Promise<void> {
  expect(world.live).toContain(id);
  expect(world.attempts.told).toContain(id);
}

test('what was lost is swept, and nobody is bothered', async () => {
  const lost = await loseKey();
  await rotate(world, next);
  expect(world.live).not.toContain(lost);
  expect(world.attempts.told).toEqual([]);
});

test('a name that nobody wrote down is swept by none, and told once', async () => {
  await rotate(world, next);
  const copied = world.addKey({
    name: keyOf(world.keyOf('AWSCURRENT')!).name!.replace(/\.\d+\./, '.2601010300.'),
  });
  for (const token of [after, `${after}-b`, `${after}-c`]) await rotate(world, token);
  await expectSpared(copied);
  expect(world.attempts.told).toEqual([copied]);
});

test('what lived before the attempt began is spared, also with the very name of the attempt', async () => {
  const foreign = world.addKey({ name: 'somebody-elses' });
  const lost = await loseKey();
  const { name } = keyOf(lost);
  world.keys = world.keys.filter(({ id }) => id !== lost);
  await rename(foreign, name);
  await rotate(world, next);
  await expectSpared(foreign);
});

test('so is a key of Keyturn’s own, of another secret or of this one', async () => {
  await rotate(world, next);
  const [previous, held] = [world.keyOf('AWSPREVIOUS')!, world.keyOf('AWSCURRENT')!];
  world.labels = { [next]: ['AWSCURRENT'] };
  const lost = await loseKey(after);
  const { name } = keyOf(lost);
  world.keys = world.keys.filter(({ id }) => id !== lost);
  await rename(held, name);
  await rename(previous, name);
  await rotate(world, after);
  await expectSpared(held);
  await expectSpared(previous);
});

test('of two keys of the same name none is swept', async () => {
  const lost = await loseKey();
  world.nowMs += minuteMs;
  const copy = world.addKey({ name: keyOf(lost).name! });
  await rotate(world, next);
  await expectSpared(lost);
  await expectSpared(copy);
});

test.each([
  ['long before the attempt', -6 * minuteMs],
  ['long after it', 2 * hourMs],
])('a key that was made %s is spared, where the provider tells', async (_, ms) => {
  const lost = await loseKey();
  const { name, createdAt } = keyOf(lost);
  world.keys = world.keys.filter(({ id }) => id !== lost);
  const other = world.addKey({ name: name!, createdAt: new Date(createdAt.getTime() + ms) });
  await rotate(world, next);
  await expectSpared(other);
});

test.each([
  ['five minutes before its attempt, by a clock that is behind', -5 * minuteMs, 'swept'],
  ['a moment earlier than that', -5 * minuteMs - 1, 'spared'],
  ['an hour after it, by a clock that is five minutes ahead', hourMs + 5 * minuteMs, 'swept'],
  ['a moment later than that', hourMs + 5 * minuteMs + 1, 'spared'],
])('a lost key that was made %s (%i ms) is %s', async (_, ms, expected) => {
  const lost = await loseKey();
  const { name } = keyOf(lost);
  const at = parseProviderKeyName(name)!.madeAt.getTime();
  world.keys = world.keys.map(key => (key.id === lost ? { ...key, createdAt: new Date(at + ms) } : key));
  await rotate(world, next);
  if (expected === 'swept') expect(world.live).not.toContain(lost);
  else await expectSpared(lost);
});

test('once the key of an attempt is swept, no other is taken for it', async () => {
  const lost = await loseKey();
  const { name } = keyOf(lost);
  await rotate(world, next);
  const later = world.addKey({ name: name! });
  await rotate(world, after);
  await expectSpared(later);
});

test('the name of a key that was stored is no lost one’s', async () => {
  await rotate(world, next);
  const { id, name } = keyOf(world.keyOf('AWSCURRENT')!);
  await rename(id, 'by-hand');
  const copy = world.addKey({ name: name! });
  await rotate(world, after);
  world.nowMs += hourMs;
  for (const token of [`${after}-b`, `${after}-c`]) await rotate(world, token);
  await expectSpared(copy);
});

test('two attempts of the same moment have names of their own', async () => {
  const { nowMs } = world;
  const first = await loseKey();
  const { name } = keyOf(first);
  const at = parseProviderKeyName(name)!.madeAt;
  expect(at.getTime()).toBeGreaterThanOrEqual(nowMs);
  const again = await world.attempts.begin(world.state, { name: name!, versionId: next, at }, []);
  expect(again).toBe(false);
});

test('a stop between the record and the call leaves nothing, and sweeps nothing', async () => {
  world.loseAnswerTo('begin');
  await expect(rotate(world, next)).rejects.toThrow('lost');
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  await rotate(world, next);
  expect(world.live).toHaveLength(2);
});

test('renamed, the key of a dropped rotation is told; and another that took its name is not taken for it', async () => {
  const foreign = world.addKey({ name: 'somebody-elses' });
  const lost = await loseKey();
  const { name } = keyOf(lost);
  await rename(lost, 'by-hand');
  await rename(foreign, name);
  await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: next });
  await world.store.moveLabel(world.state, 'AWSPENDING', { from: next });
  await endDropped(world.tools, world.state, 'rotation');
  await expectSpared(foreign);
  expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
});

test('a containment that lost its key sweeps that, and no other that has its name', async () => {
  const foreign = world.addKey({ name: 'somebody-elses' });
  const given = order(world);
  world.loseAnswerTo('make');
  const before = new Set(world.live);
  await containUntilDone(world, given);
  expect(world.live).toEqual([foreign, world.keyOf('AWSCURRENT')]);
  expect([...before]).toContain(foreign);
});

test('a containment spares what took the name of the key that it lost', async () => {
  const foreign = world.addKey({ name: 'somebody-elses' });
  const before = new Set(world.live);
  let lost: string | undefined;
  world.gate = async name => {
    if (lost === undefined && name !== 'make') {
      lost = world.live.find(id => !before.has(id));
      if (lost) {
        const stolen = keyOf(lost).name;
        await rename(lost, 'by-hand');
        await rename(foreign, stolen);
      }
    }
    if (name !== 'make' || lost) return undefined;
    return 'after';
  };
  await containUntilDone(world, order(world));
  expect(lost).toBeDefined();
  await expectSpared(foreign);
});
