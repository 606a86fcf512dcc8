// What each step of a rotation does with what its provider and AWS answer, one answer at a time.
import type { Provider, Verdict } from '../../../core/provider';
import { createSecret, type RotationTools, setSecret, testSecret } from '../../../core/rotation/rotation';
import { rotationTools } from '../support/run';
import { World } from '../support/world';

const current = 'version-of-the-current-key-000000001';
const next = 'version-of-the-next-rotation-0000002';

function rotating(): World {
  const world = new World('issue');
  world.seed(current, undefined);
  world.beginRotation(next);
  return world;
}
const run = (world: World, step: typeof testSecret, change: Partial<RotationTools> = {}) =>
  step({ ...rotationTools(world), ...change }, { secretId: world.arn, token: next });
const saying = (world: World, verdict: Verdict) => ({
  provider: async () => ({ ...world.provider(), verify: async () => verdict }) as Provider,
});

test('a key that another run has stored meanwhile is kept, and the one that was made in vain is revoked', async () => {
  const world = rotating();
  const store = { ...world.secrets, put: async () => 'taken' as const };
  await run(world, createSecret, { store });
  expect(world.callsOf('make', 'revoke')).toEqual(['make', 'revoke']);
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
});

test('a key that was stored before is not made again', async () => {
  const world = rotating();
  await run(world, createSecret);
  await run(world, createSecret);
  expect(world.callsOf('make')).toHaveLength(1);
});

test.each<[Verdict, string]>([
  ['unknown', 'cannot say'],
  ['rejected', 'rejects the new key'],
])('a key of which the provider says "%s" is not tested, and stays as it is', async (verdict, said) => {
  const world = rotating();
  await run(world, createSecret);
  const made = world.keyOf('AWSPENDING');
  await expect(run(world, testSecret, saying(world, verdict))).rejects.toThrow(said);
  expect(world.live).toContain(made);
  expect(world.holder('AWSPENDING')).toBe(next);
  expect(world.callsOf('revoke')).toEqual([]);
});

test('only one that is rejected, and that the provider lists no more, is given up: the next rotation begins', async () => {
  const world = rotating();
  await run(world, createSecret);
  world.keys = world.keys.filter(({ id }) => id !== world.keyOf('AWSPENDING'));
  await expect(run(world, testSecret, saying(world, 'unknown'))).rejects.toThrow('cannot say');
  expect(world.holder('AWSPENDING')).toBe(next);
  await expect(run(world, testSecret)).rejects.toThrow('rejects the new key');
  expect(world.holder('AWSPENDING')).toBeUndefined();
});

test('what needs no installing asks for nothing', async () => {
  const world = rotating();
  await run(world, setSecret);
  expect(world.calls).toBe(0);
});
