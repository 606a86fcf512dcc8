// A rotation that cannot go on is given up by itself, its key ended with proof, and the next one started.
import { isUnfinished, startAfresh, stuckAfterMs } from '../../../core/rotation/stuck';
import { hourMs, minuteMs } from '../../../core/time';
import { rotate } from '../support/run';
import { type Kind, World } from '../support/world';

const current = 'version-of-the-current-key-000000001';
const stuck = 'version-of-the-stuck-rotation-000002';
const next = 'version-of-the-next-rotation-0000003';

let world: World;
let started: number;
let scheduled: boolean;

function open(kind: Kind): void {
  world = new World(kind);
  world.seed(current, undefined);
  started = 0;
  scheduled = true;
}

/** It stops after this call, and AWS does not try again. */
async function stop(after: string): Promise<void> {
  world.loseAnswerTo(after);
  await expect(rotate(world, stuck)).rejects.toThrow();
}

const run = () =>
  startAfresh(
    {
      ...world.tools,
      store: {
        ...world.tools.store,
        describe: async () => ({ ...world.state, ...(scheduled && { rotationDueBy: new Date() }) }),
      },
      madeAt: async () =>
        new Map([...world.versions].map(([versionId, { createdAt }]) => [versionId, createdAt])),
      start: async () => void started++,
    },
    world.state,
  );

test.each([
  ['issue', 'make'],
  ['issue', 'put AWSPENDING'],
  ['exclusive', 'put AWSPENDING'],
  ['install', 'install'],
] as const)('%s, stopped after %s: its key is ended, and another rotation started', async (kind, call) => {
  open(kind);
  await stop(call);
  expect(world.live).toHaveLength(2);
  world.nowMs += stuckAfterMs;
  expect(await run()).toBe(true);
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  expect(world.labels).toEqual({ [current]: ['AWSCURRENT'] });
  expect(started).toBe(1);
  await rotate(world, next);
  expect(world.holder('AWSCURRENT')).toBe(next);
});

test('the key of a stuck roll may be the only one that works, and lives', async () => {
  open('roll');
  await stop('install');
  world.nowMs += stuckAfterMs;
  await run();
  expect(world.live).toHaveLength(1);
  expect(started).toBe(1);
});

test('one that began less than two hours ago is left alone', async () => {
  open('issue');
  await stop('put AWSPENDING');
  const begunAt = world.versions.get(stuck)!.createdAt.getTime();
  world.nowMs = begunAt + stuckAfterMs - 1;
  expect(await run()).toBe(false);
  expect(world.holder('AWSPENDING')).toBe(stuck);
  world.nowMs = begunAt + stuckAfterMs;
  expect(await run()).toBe(true);
});

test('each that fails after another gets twice as long, and at most a day', async () => {
  open('issue');
  const waits = [2, 4, 8, 16, 24, 24];
  for (const [n, hours] of waits.entries()) {
    const versionId = `version-of-a-stuck-rotation-00000${n}`;
    world.loseAnswerTo('put AWSPENDING');
    await expect(rotate(world, versionId)).rejects.toThrow();
    const begunAt = world.versions.get(versionId)!.createdAt.getTime();
    world.nowMs = begunAt + hours * hourMs - 1;
    expect(await run()).toBe(false);
    world.nowMs = begunAt + hours * hourMs;
    expect(await run()).toBe(true);
  }
});

test('while its provider is silent nothing is given up: the next rotation would fail, too', async () => {
  open('issue');
  await stop('put AWSPENDING');
  world.nowMs += stuckAfterMs;
  world.down = true;
  expect(await run()).toBe(false);
  expect(world.labels).toEqual({ [current]: ['AWSCURRENT'], [stuck]: ['AWSPENDING'] });
  expect(started).toBe(0);
  world.down = false;
  world.nowMs += minuteMs;
  expect(await run()).toBe(true);
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  expect(started).toBe(1);
});

test('where somebody has switched rotation off its key is ended, and none is started', async () => {
  open('issue');
  await stop('put AWSPENDING');
  world.nowMs += stuckAfterMs;
  scheduled = false;
  expect(await run()).toBe(true);
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  expect(started).toBe(0);
});

test('what has come through since is left alone', async () => {
  open('issue');
  await rotate(world, next);
  world.labels = { ...world.labels, [next]: ['AWSCURRENT', 'AWSPENDING'] };
  world.nowMs += stuckAfterMs;
  expect(isUnfinished(world.state)).toBe(false);
  expect(await run()).toBe(false);
  expect(world.holder('AWSCURRENT')).toBe(next);
});

test('a key that is gone at the provider gives its rotation up at once', async () => {
  open('issue');
  world.gate = async name => {
    if (name === 'verify') world.keys = world.keys.filter(({ id }) => id !== world.keyOf('AWSPENDING'));
    return undefined;
  };
  await expect(rotate(world, stuck)).rejects.toThrow('rejects the new key');
  world.gate = async () => undefined;
  expect(isUnfinished(world.state)).toBe(true);
  expect(await run()).toBe(true);
  expect(started).toBe(1);
});
