// Runs the rules over the world as their functions would: again and again until they come through, as AWS retries them.
import { type Containment, type ContainmentOrder, contain } from '../../../core/incident/containment';
import {
  createSecret,
  finishSecret,
  type RotationTools,
  setSecret,
  testSecret,
} from '../../../core/rotation/rotation';
import type { World } from './world';

export function order(world: World, more: Partial<ContainmentOrder> = {}): ContainmentOrder {
  return {
    incidentId: '20261123T030000Z-0123abcd',
    secretId: world.arn,
    mode: 'replace-first',
    graceMs: 5_000,
    openedAt: world.clock.now(),
    resumed: false,
    ...more,
  };
}

export function containOnce(world: World, given: ContainmentOrder): Promise<Containment> {
  return contain(
    {
      store: world.store,
      provider: () => world.provider(),
      announce: async (_, { versionId }) => void world.announced.push(versionId),
      note: async () => {},
      clock: world.clock,
    },
    given,
  );
}

/** As Lambda and the five-minute sweep take it up again, until it came through. */
export async function containUntilDone(world: World, given: ContainmentOrder): Promise<Containment> {
  for (let n = 1; ; n++) {
    try {
      return await containOnce(world, { ...given, resumed: given.resumed || n > 1 });
    } catch (error) {
      if (n === 6) throw error;
      world.nowMs += 60_000;
    }
  }
}

/** The second look that some providers need. */
export async function checkAgain(world: World, given: ContainmentOrder, done: Containment): Promise<void> {
  world.nowMs += 5 * 60_000;
  if (done.checkAgain) await containUntilDone(world, { ...given, resumed: true });
}

export const rotationSteps = [createSecret, setSecret, testSecret, finishSecret];

export function rotationTools(world: World): RotationTools {
  return {
    store: world.store,
    provider: () => world.provider(),
    installs: world.kind === 'install' || world.kind === 'roll',
    publishRotated: async () => {},
    clock: world.clock,
  };
}

/** A whole rotation; it throws where a step fails, as it would end there. */
export async function rotate(world: World, token: string): Promise<void> {
  world.beginRotation(token);
  for (const step of rotationSteps) await step(rotationTools(world), { secretId: world.arn, token });
  endRotation(world, token);
}

/** What Secrets Manager does after a rotation came through. */
export function endRotation(world: World, token: string): void {
  if (world.holder('AWSPENDING') !== token) return;
  const rest = world.labels[token]!.filter(label => label !== 'AWSPENDING');
  world.labels = { ...world.labels, [token]: rest };
}
