// Only a key that is stored, and that the provider accepts in this very step, becomes current: whoever asks, and in what order.
import { createSecret, finishSecret, setSecret, testSecret } from '../../../core/rotation/rotation';
import { rotate, rotationTools } from '../support/run';
import { type Kind, World } from '../support/world';

const current = 'version-of-the-current-key-000000001';
const next = 'version-of-the-next-rotation-0000002';

function rotating(kind: Kind): World {
  const world = new World(kind);
  world.seed(current, undefined);
  world.beginRotation(next);
  return world;
}

const run = (world: World, step: typeof finishSecret, token = next) =>
  step(rotationTools(world), { secretId: world.arn, token });

const asked: Kind[] = ['issue', 'exclusive', 'install', 'roll'];
const installed: Kind[] = ['install', 'roll'];

test.each([...asked, 'self-issued'] as const)(
  '%s: a version without a value is not promoted, however often',
  async kind => {
    const world = rotating(kind);
    for (let n = 0; n < 2; n++) await expect(run(world, finishSecret)).rejects.toThrow('has no value yet');
    expect(world.holder('AWSCURRENT')).toBe(current);
  },
);

test.each([...asked, 'self-issued'] as const)('%s: neither is the placeholder of a template', async kind => {
  const world = rotating(kind);
  world.versions.set(next, { createdAt: world.clock.now(), value: 'unissued' });
  await expect(run(world, finishSecret)).rejects.toThrow('has no value yet');
  expect(world.holder('AWSCURRENT')).toBe(current);
});

test.each(['issue', 'exclusive'] as const)(
  '%s: a key that died after its test is not promoted',
  async kind => {
    const world = rotating(kind);
    for (const step of [createSecret, setSecret, testSecret]) await run(world, step);
    world.keys = world.keys.filter(({ id }) => id !== world.keyOf('AWSPENDING'));
    await expect(run(world, finishSecret)).rejects.toThrow('rejects the new key');
    expect(world.holder('AWSCURRENT')).toBe(current);
  },
);

test.each(installed)('%s: a key that nobody has told the provider of is not promoted', async kind => {
  const world = rotating(kind);
  await run(world, createSecret);
  await expect(run(world, finishSecret)).rejects.toThrow('rejects the new key');
  expect(world.holder('AWSCURRENT')).toBe(current);
});

test.each(asked)('%s: nothing is promoted while the provider cannot say', async kind => {
  const world = rotating(kind);
  for (const step of [createSecret, setSecret, testSecret]) await run(world, step);
  world.down = true;
  await expect(run(world, finishSecret)).rejects.toThrow('cannot say');
  expect(world.holder('AWSCURRENT')).toBe(current);
  world.down = false;
  await run(world, finishSecret);
  expect(world.holder('AWSCURRENT')).toBe(next);
});

test.each([...asked, 'self-issued'] as const)(
  '%s: a key of another provider is neither told to one nor promoted',
  async kind => {
    const world = rotating(kind);
    await run(world, createSecret);
    const foreign = { ...world.valueOf(next), provider: 'other' };
    world.versions.set(next, { createdAt: world.clock.now(), value: foreign });
    if (installed.includes(kind)) await expect(run(world, setSecret)).rejects.toThrow('another provider');
    await expect(run(world, finishSecret)).rejects.toThrow('another provider');
    expect(world.holder('AWSCURRENT')).toBe(current);
  },
);

test('the superseded key stays as long as the new one is unproven', async () => {
  const world = rotating('issue');
  await rotate(world, next);
  const third = 'version-of-the-third-rotation-000003';
  world.beginRotation(third);
  await expect(run(world, finishSecret, third)).rejects.toThrow('has no value yet');
  expect(world.live).toEqual([world.keyOf('AWSPREVIOUS'), world.keyOf('AWSCURRENT')]);
});

test('the token of a version with another label, or of none, is refused', async () => {
  const world = rotating('issue');
  await rotate(world, next);
  await expect(run(world, finishSecret, current)).rejects.toThrow('was abandoned');
  await expect(run(world, finishSecret, 'version-that-nobody-has-seen-00000')).rejects.toThrow(
    'was abandoned',
  );
  expect(world.holder('AWSCURRENT')).toBe(next);
});

test.each(asked)(
  '%s: a rotation that is given up while its key is asked for promotes nothing',
  async kind => {
    const world = rotating(kind);
    for (const step of [createSecret, setSecret, testSecret]) await run(world, step);
    world.gate = async call => {
      // As a containment does first. Some providers accept a revoked key for minutes.
      if (call === 'verify') world.labels = { [current]: ['AWSCURRENT'] };
      return undefined;
    };
    await expect(run(world, finishSecret)).rejects.toThrow('was abandoned');
    expect(world.holder('AWSCURRENT')).toBe(current);
  },
);

test('a rotation that another try of it has finished meanwhile is finished', async () => {
  const world = rotating('issue');
  for (const step of [createSecret, setSecret, testSecret]) await run(world, step);
  let isOther = false;
  world.gate = async call => {
    if (call !== 'verify' || isOther) return undefined;
    isOther = true;
    await run(world, finishSecret);
    return undefined;
  };
  await run(world, finishSecret);
  expect(world.holder('AWSCURRENT')).toBe(next);
});
