// Runs the rules over the world as their functions would: again and again until they come through, as AWS retries them.
import {
  type ContainmentJob,
  type ContainmentResult,
  type ContainmentStep,
  contain,
  isEndOf,
} from '../../../core/incident/containment';
import { createSharedListing } from '../../../core/incident/replacement/shared-listing';
import {
  createSecret,
  finishSecret,
  type RotationTools,
  setSecret,
  testSecret,
} from '../../../core/rotation/rotation';
import { minuteMs } from '../../../core/time';
import type { World } from './world';

export type Order = Pick<
  ContainmentJob,
  | 'incidentId'
  | 'arn'
  | 'mode'
  | 'graceMs'
  | 'compromised'
  | 'wasLeft'
  | 'wasEnded'
  | 'resumed'
  | 'note'
  | 'wasListed'
>;

/** One that is given now: whatever the secret holds is compromised. */
export function order(world: World, more: Partial<Order> = {}): Order {
  const noted = new Map<string, Date>();
  const steps = () => [...noted.keys()].map(text => JSON.parse(text) as ContainmentStep);
  return {
    incidentId: '20261123T030000Z-0123abcd',
    arn: world.arn,
    mode: 'replace-first',
    graceMs: 5_000,
    compromised: Object.keys(world.labels),
    wasLeft: versionId =>
      steps().some(step => step.what === 'left-to-rotation' && step.versionId === versionId),
    wasEnded: versionId => steps().some(step => isEndOf(step, versionId)),
    resumed: false,
    async note(step) {
      const text = JSON.stringify(step);
      const at = noted.get(text) ?? world.clock.now();
      noted.set(text, at);
      return at;
    },
    wasListed: keyId => steps().some(step => step.what === 'listed' && step.keyId === keyId),
    ...more,
  };
}

export type Contained = ContainmentResult & { replacement: { versionId: string; keyId: string } };

/** Of a key that can be replaced. */
export async function containOnce(world: World, given: Order): Promise<Contained> {
  const contained = await endOnce(world, given);
  const { replacement } = contained;
  if (replacement === 'none') throw new Error('nothing replaced the key');
  return { ...contained, replacement };
}

export async function endOnce(world: World, given: Order): Promise<ContainmentResult> {
  const contained = await contain({
    ...given,
    store: world.store,
    provider: world.provider(),
    attempts: world.attempts,
    listed: createSharedListing(world.clock),
    certificates: world.certificates,
    clock: world.clock,
    announce: async versionId => void world.announced.push(versionId),
  });
  await contained.release();
  return contained;
}

/** As Lambda and the hourly taking up run it again, until it came through. */
export async function containUntilDone(world: World, given: Order): Promise<Contained> {
  return untilDone(world, given, containOnce);
}

/** @param run one try */
export async function untilDone<Result>(
  world: World,
  given: Order,
  run: (world: World, given: Order) => Promise<Result>,
): Promise<Result> {
  for (let n = 1; ; n++) {
    try {
      return await run(world, { ...given, resumed: given.resumed || n > 1 });
    } catch (error) {
      if (n === 6) throw error;
      world.nowMs += minuteMs;
    }
  }
}

/** The second look that some providers need. */
export async function checkAgain(world: World, given: Order, done: ContainmentResult): Promise<void> {
  world.nowMs += 5 * minuteMs;
  if (done.checkAgain) await containUntilDone(world, { ...given, resumed: true });
}

export const rotationSteps = [createSecret, setSecret, testSecret, finishSecret];

export function rotationTools(world: World): RotationTools {
  return {
    store: world.secrets,
    provider: async () => world.provider(),
    installs: async () => world.kind === 'install' || world.kind === 'roll',
    publishRotated: async () => {},
    attempts: world.attempts,
    certificates: world.certificates,
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

/** A call of a rotation that was under way stores its key in this version once the secret is described after such a call. */
export function storeLate(world: World, versionId: string, after: string): void {
  let isAfter = false;
  world.gate = async name => {
    isAfter ||= name === after;
    if (name === 'describe' && isAfter && !world.versions.get(versionId)?.value)
      world.seed(versionId, ['AWSPENDING']);
    return undefined;
  };
}
