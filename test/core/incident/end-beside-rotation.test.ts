// The end of a key while a rotation of it is under way: what that stores late ends, too, and it is waited for no longer than it can take.
import { stepTakesAtMostMs } from '../../../core/rotation/rotation';
import { endedLabel, isEnded } from '../../../core/rotation/secret-store';
import { heldKeys, playEnd, token } from '../support/end';
import { storeLate } from '../support/run';
import { kinds } from '../support/world';

describe.each(kinds)('the end of a key, %s', kind => {
  it('waits for a rotation under way also where an earlier run stopped while it waited', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    world.beginRotation(token);
    world.gate = async name => {
      if (name === 'clock.sleep') throw new Error('stopped');
      return undefined;
    };
    await scene.order();
    expect(await secondRunTakes(scene)).toBeGreaterThan(stepTakesAtMostMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for a rotation that began after an earlier run had looked, and only as long as its step can take', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    world.gate = async name => {
      // The run stops once the end is stored.
      if (isEndStored(scene)) throw new Error('stopped');
      if (name === 'end') world.beginRotation(token);
      return undefined;
    };
    await scene.order();
    let isStored = false;
    world.gate = async name => {
      if (name === 'clock.sleep' && !isStored) {
        isStored = true;
        // Its step was past the look at the secret by then.
        if (kind === 'roll') world.keys = [];
        world.seed(token, ['AWSPENDING']);
      }
      return undefined;
    };
    await scene.order('run-2');
    expect(heldKeys(scene)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for a rotation that begins while keys end', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    let slept = false;
    world.gate = async name => {
      if (name === 'certify') world.beginRotation(token);
      if (name === 'clock.sleep' && !slept) {
        slept = true;
        if (kind === 'roll') world.keys = [];
        world.seed(token, ['AWSPENDING']);
      }
      return undefined;
    };
    await scene.order();
    expect(slept).toBe(true);
    expect(heldKeys(scene)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('does not wait once more for a rotation that it has waited for', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    world.beginRotation(token);
    let slept = false;
    world.gate = async name => {
      if (slept) throw new Error('stopped');
      slept ||= name === 'clock.sleep';
      return undefined;
    };
    await scene.order();
    world.nowMs += stepTakesAtMostMs;
    expect(await secondRunTakes(scene)).toBeLessThan(stepTakesAtMostMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('ends a key that a rotation stores when all others have ended', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    world.beginRotation(token);
    // Later than any step takes.
    storeLate(world, token, 'end');
    await scene.order();
    expect(world.versions.get(token)?.value).toBeDefined();
    expect(heldKeys(scene)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for nothing where no rotation was under way, wherever an earlier run stopped', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    if (kind !== 'roll') world.seed('version-of-a-newer-key-0000000000002', undefined);
    world.gate = async () => {
      if (isEndStored(scene)) throw new Error('stopped');
      return undefined;
    };
    await scene.order();
    expect(await secondRunTakes(scene)).toBeLessThan(stepTakesAtMostMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for each of two rotations, the second of which begins while it waits for the first', async () => {
    const scene = playEnd(kind);
    const { world } = scene;
    const second = 'version-of-another-rotation-0000000004';
    world.beginRotation(token);
    let slept = 0;
    world.gate = async name => {
      if (name !== 'clock.sleep') return undefined;
      if (++slept === 1) world.beginRotation(second);
      if (slept === 2) {
        if (kind === 'roll') world.keys = [];
        world.seed(second, ['AWSPENDING']);
      }
      return undefined;
    };
    await scene.order();
    expect(slept).toBeGreaterThan(1);
    expect(heldKeys(scene)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });
});

/** @returns milliseconds */
async function secondRunTakes({ world, order }: ReturnType<typeof playEnd>): Promise<number> {
  world.gate = async () => undefined;
  const before = world.clock.now().getTime();
  await order('run-2');
  return world.clock.now().getTime() - before;
}

function isEndStored({ world }: ReturnType<typeof playEnd>): boolean {
  return Object.values(world.labels).flat().includes(endedLabel);
}
