// The life of a key, from nothing to its end.
import { endPrevious } from '../../core/ending/retirement';
import { rotate } from './support/run';
import { World } from './support/world';

const world = new World('issue');
const first = 'version-of-the-first-rotation-000001';
const second = 'version-of-the-second-rotation-00002';

test('it is issued, promoted, superseded, ended; and an answer that gets lost leaves nothing behind', async () => {
  world.storeUnissued('version-of-the-template-0000000000000');

  // Issue and promote: servers read what carries AWSCURRENT.
  await rotate(world, first);
  const oldKey = world.keyOf('AWSCURRENT');
  expect(world.live).toEqual([oldKey]);

  // The next rotation loses the answer to its create: a key lives at the provider, and nobody stored it.
  world.loseAnswerTo('make');
  await expect(rotate(world, second)).rejects.toThrow('the answer to make was lost');
  expect(world.live).toHaveLength(2);
  expect(world.keyOf('AWSCURRENT')).toBe(oldKey);

  // AWS tries the same rotation again: it finds that key by its name, revokes it, and makes another.
  await rotate(world, second);
  const newKey = world.keyOf('AWSCURRENT');

  // Overlap: both work, so that servers have time to fetch the new one.
  expect(world.live).toEqual([oldKey, newKey]);
  expect(world.keyOf('AWSPREVIOUS')).toBe(oldKey);

  // End: revoked, seen rejected in a row, certified, and only then forgotten.
  await endPrevious(world.tools, world.state, 'retirement');
  expect(world.live).toEqual([newKey]);
  expect(world.labels).toEqual({ [second]: ['AWSCURRENT'] });
  expect(world.callsOf('revoke', 'verify', 'certify', 'moveLabel AWSPREVIOUS').slice(-7)).toEqual([
    'revoke',
    ...['verify', 'verify', 'verify', 'verify'],
    'certify',
    'moveLabel AWSPREVIOUS',
  ]);
});
