// The end of a key while a rotation of it is under way: what that stores late ends, too, and it is waited for no longer than it can take.

import { endedLabel, isEnded } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import { heldKeys, setUpEnd, token } from '../support/end';
import { storeLate } from '../support/run';
import { kinds } from '../support/world';

describe.each(kinds)('the end of a key, %s', kind => {
  it('waits for a rotation under way also where an earlier run stopped while it waited', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    world.beginRotation(token);
    world.gate = async name => {
      if (name === 'clock.sleep') throw new Error('stopped');
      return undefined;
    };
    await setup.order();
    expect(await secondRunTakes(setup)).toBeGreaterThan(5 * minuteMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for a rotation that began after an earlier run had looked, and only as long as its step can take', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    world.gate = async name => {
      // The run stops once the end is stored.
      if (isEndStored(setup)) throw new Error('stopped');
      if (name === 'end') world.beginRotation(token);
      return undefined;
    };
    await setup.order();
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
    await setup.order('run-2');
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for a rotation that begins while keys end', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
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
    await setup.order();
    expect(slept).toBe(true);
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('does not wait once more for a rotation that it has waited for', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    world.beginRotation(token);
    let slept = false;
    world.gate = async name => {
      if (slept) throw new Error('stopped');
      slept ||= name === 'clock.sleep';
      return undefined;
    };
    await setup.order();
    world.nowMs += 5 * minuteMs;
    expect(await secondRunTakes(setup)).toBeLessThan(5 * minuteMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('ends a key that a rotation stores when all others have ended', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    world.beginRotation(token);
    // Later than any step takes.
    storeLate(world, token, 'end');
    await setup.order();
    expect(world.versions.get(token)?.value).toBeDefined();
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
    // Nor on what says that the key has ended, which was current when the second pass marked.
    expect([...world.marks]).toEqual([]);
  });

  it('waits for nothing where no rotation was under way, wherever an earlier run stopped', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    if (kind !== 'roll') world.seed('version-of-a-newer-key-0000000000002', undefined);
    world.gate = async () => {
      if (isEndStored(setup)) throw new Error('stopped');
      return undefined;
    };
    await setup.order();
    expect(await secondRunTakes(setup)).toBeLessThan(5 * minuteMs);
    expect(isEnded(world.state)).toBe(true);
  });

  it('waits for each of two rotations, the second of which begins while it waits for the first', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
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
    await setup.order();
    expect(slept).toBeGreaterThan(1);
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });
});

/** @returns milliseconds */
async function secondRunTakes({ world, order }: ReturnType<typeof setUpEnd>): Promise<number> {
  world.gate = async () => undefined;
  const before = world.clock.now().getTime();
  await order('run-2');
  return world.clock.now().getTime() - before;
}

function isEndStored({ world }: ReturnType<typeof setUpEnd>): boolean {
  return Object.values(world.labels).flat().includes(endedLabel);
}
