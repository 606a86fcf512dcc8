// Containment stopped at every call, alone and around every step of a rotation, then run again: what must hold, holds.

import { endPrevious } from '../../../core/ending/retirement';
import type { ContainmentResult } from '../../../core/incident/containment';
import { fc } from '../../support/fast-check';
import {
  checkAgain,
  containOnce,
  containUntilDone,
  endRotation,
  order,
  rotate,
  rotationSteps,
  rotationTools,
} from '../support/run';
import { type CallGate, type Kind, kinds, World } from '../support/world';

const compromised = 'version-of-the-compromised-key-00001';
const superseded = 'version-of-the-superseded-key-000002';
const rotating = 'version-of-the-rotation-under-way-003';
const modes = ['replace-first', 'revoke-first'] as const;

class Stopped extends Error {}

function leaked(kind: Kind, awsClock?: World['awsClock']): World {
  const world = new World(kind);
  if (awsClock) world.awsClock = awsClock;
  if (kind !== 'roll') world.seed(superseded, undefined);
  if (kind === 'roll') world.keys = [];
  world.seed(compromised, undefined);
  return world;
}

/** Stops at the n-th call from now: before it, or with its answer lost. */
function stopAt(world: World, n: number, how: 'before' | 'after'): CallGate {
  const target = world.calls + n;
  return async () => {
    // What has stopped makes no other call; what has lost an answer may.
    if (how === 'before' && world.calls >= target) throw new Stopped('stopped');
    return world.calls === target ? 'after' : undefined;
  };
}

/** @returns what is broken, in words; nothing where the world is as a containment must leave it */
async function broken(world: World, leakedKeys: string[]): Promise<string[]> {
  const faults: string[] = [];
  const current = world.keyOf('AWSCURRENT');
  // Of a call that came after all: the next containment takes those.
  const marked = [...world.marks].filter(id => world.labels[id]?.includes('AWSCURRENT'));
  if (marked.length) faults.push(`the current ${marked} is marked`);
  const accepted = (id: string | undefined) => id !== undefined && world.live.includes(id);
  if (world.kind === 'self-issued') {
    const held = ['AWSCURRENT', 'AWSPREVIOUS'].map(label => world.keyOf(label));
    if (!current || leakedKeys.some(id => held.includes(id))) faults.push('a leaked key is still honoured');
    return faults;
  }
  if (!accepted(current)) faults.push(`AWSCURRENT holds ${current}, which is dead`);
  for (const id of leakedKeys) if (accepted(id)) faults.push(`the leaked ${id} lives`);
  // Whatever was left over may be found by the next rotation, an hour later; then nothing may be.
  world.nowMs += 7_200_000;
  const pending = world.holder('AWSPENDING');
  // AWS tries a rotation again by itself, and gives it up where the containment has ended its key.
  if (pending) await rotate(world, pending).catch(() => {});
  try {
    await rotate(world, 'version-of-the-rotation-afterwards-04');
    await endPrevious(world.tools, world.state, 'retirement');
  } catch (error) {
    faults.push(`the next rotation fails: ${error}`);
  }
  const left = world.live.filter(id => id !== world.keyOf('AWSCURRENT'));
  if (left.length) faults.push(`orphans: ${left}`);
  return faults;
}

async function leakedKeysOf(world: World): Promise<string[]> {
  return [world.keyOf('AWSCURRENT')!, world.keyOf('AWSPREVIOUS')!].filter(Boolean);
}

describe.each(kinds)('kind %s', kind => {
  test.each(modes)('%s: stopped before and after every call, then run again', async mode => {
    let explored = 0;
    for (const how of ['before', 'after'] as const) {
      for (let n = 1; ; n++) {
        const world = leaked(kind);
        const keys = await leakedKeysOf(world);
        const given = order(world, { mode });
        const before = world.calls;
        world.gate = stopAt(world, n, how);
        await containOnce(world, given).catch(() => {});
        world.gate = async () => undefined;
        if (world.calls < before + n) break;
        explored++;
        await containUntilDone(world, { ...given, resumed: true });
        expect({ n, how, faults: await broken(world, keys) }).toEqual({ n, how, faults: [] });
      }
    }
    expect(explored).toBeGreaterThan(20);
  });

  test.each(modes)('%s: run whole inside every call of every step of a rotation', async mode => {
    for (let step = 0; step < rotationSteps.length; step++) {
      for (let n = 1; ; n++) {
        const world = leaked(kind);
        const keys = await leakedKeysOf(world);
        const tools = rotationTools(world);
        const rotation = { secretId: world.arn, token: rotating };
        world.beginRotation(rotating);
        for (const earlier of rotationSteps.slice(0, step)) await earlier(tools, rotation);
        const target = world.calls + n;
        let reached = false;
        let done: ContainmentResult | undefined;
        const given = order(world, { mode });
        world.gate = async () => {
          if (reached || world.calls !== target) return undefined;
          reached = true;
          done = await containUntilDone(world, given);
          return undefined;
        };
        try {
          for (const later of rotationSteps.slice(step)) await later(tools, rotation);
          endRotation(world, rotating);
        } catch {
          // The rotation was abandoned under its feet: AWS reports it failed.
        }
        if (!reached) break;
        world.gate = async () => undefined;
        await checkAgain(world, given, done!);
        expect({ step, n, faults: await broken(world, keys) }).toEqual({ step, n, faults: [] });
      }
    }
  });

  test.each(modes)('%s: every rotation step run inside every call of a containment', async mode => {
    for (let step = 0; step < rotationSteps.length; step++) {
      for (let n = 1; ; n++) {
        const world = leaked(kind);
        const keys = await leakedKeysOf(world);
        const tools = rotationTools(world);
        const rotation = { secretId: world.arn, token: rotating };
        world.beginRotation(rotating);
        for (const earlier of rotationSteps.slice(0, step)) await earlier(tools, rotation);
        const given = order(world, { mode });
        const target = world.calls + n;
        let reached = false;
        world.gate = async () => {
          if (reached || world.calls !== target) return undefined;
          reached = true;
          await rotationSteps[step]!(tools, rotation).catch(() => {});
          return undefined;
        };
        const done = await containUntilDone(world, given);
        world.gate = async () => undefined;
        try {
          for (const later of rotationSteps.slice(step + 1)) await later(tools, rotation);
          endRotation(world, rotating);
        } catch {
          // As above.
        }
        if (!reached) break;
        await checkAgain(world, given, done);
        expect({ step, n, faults: await broken(world, keys) }).toEqual({ step, n, faults: [] });
      }
    }
  });

  test('random schedules of a containment, its duplicate, a rotation and a retirement', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(...modes),
        fc.boolean(),
        fc.constantFrom(-5_000, 0, 5_000),
        fc.boolean(),
        async (scheduler, mode, twice, aheadMs, wholeSeconds) => {
          const world = leaked(kind, { aheadMs, wholeSeconds });
          const keys = await leakedKeysOf(world);
          const given = order(world, { mode });
          world.gate = async call => {
            await scheduler.schedule(Promise.resolve(), call);
            return undefined;
          };
          const running = [
            containOnce(world, given),
            ...(twice ? [containOnce(world, { ...given, resumed: true })] : []),
            rotate(world, rotating),
            endPrevious(world.tools, world.state, 'retirement'),
          ].map(work => work.catch(() => {}));
          await scheduler.waitFor(Promise.all(running));
          world.gate = async () => undefined;
          await containUntilDone(world, { ...given, resumed: true });
          const faults = await broken(world, keys);
          if (faults.length) throw new Error(faults.join('; '));
        },
      ),
      { numRuns: 60, seed: Number(process.env.KEYTURN_FAULTS_SEED ?? 1) },
    );
  });
});
