// A rotation's call that was under way when its secret is contained: it stores a key in a version that was seen empty.
import { containOnce, endOnce, order, rotate, storeLate } from '../support/run';
import { type Kind, World } from '../support/world';

const stuck = 'version-of-the-stuck-rotation-000003';

function worldWith(kind: Kind): World {
  const world = new World(kind);
  world.seed('version-of-the-compromised-key-00001', undefined);
  world.beginRotation(stuck);
  return world;
}

test.each(['issue', 'exclusive'] as const)(
  'kind %s: what a rotation stores after all else has ended stays labelled, and the rotation goes on with it',
  async kind => {
    const world = worldWith(kind);
    storeLate(world, stuck, 'certify');
    await containOnce(world, order(world));
    expect([world.labels[stuck], ...world.marks]).toEqual([['AWSPENDING']]);
    expect(world.live).toContain(world.keyOf('AWSPENDING'));
    await rotate(world, stuck);
    expect([world.holder('AWSCURRENT'), world.live.includes(world.keyOf('AWSCURRENT')!)]).toEqual([
      stuck,
      true,
    ]);
  },
);

test.each(['exclusive', 'install'] as const)(
  'kind %s: what a rotation promotes while a rejected replacement is replaced keeps no mark',
  async kind => {
    const world = worldWith(kind);
    let isRejected = false;
    const gate: typeof world.gate = async call => {
      if (call === 'verify' && world.certified.length && !isRejected) {
        isRejected = true;
        world.keys = world.keys.filter(({ id }) => id !== world.keyOf('AWSCURRENT'));
      }
      if (call === 'clock.sleep' && world.announced.length === 2 && !world.versions.get(stuck)?.value) {
        world.gate = async () => undefined;
        // By a call that was under way when its rotation was given up.
        world.seed(stuck, ['AWSPENDING']);
        await rotate(world, stuck);
        world.gate = gate;
      }
      return undefined;
    };
    world.gate = gate;
    await containOnce(world, order(world));
    expect([world.holder('AWSCURRENT'), ...world.marks]).toEqual([stuck]);
  },
);

test('where nothing can replace the compromised key, what AWS stores for its own rotation stays labelled', async () => {
  const world = worldWith('revoke-only');
  storeLate(world, stuck, 'moveLabel KEYTURN-DEAD');
  await endOnce(world, order(world));
  expect([world.labels[stuck], ...world.marks]).toEqual([['AWSPENDING']]);
});
