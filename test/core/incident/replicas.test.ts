// Servers in other regions read replicas: what a containment and a retirement do while one of these is behind.
import { requireReplicas } from '../../../core/ending/retirement';
import type { ContainmentStep } from '../../../core/incident/containment';
import type { SecretState } from '../../../core/rotation/secret-store';
import { hourMs } from '../../../core/time';
import { containOnce, order } from '../support/run';
import { World } from '../support/world';

const replicas = ['us-east-1', 'ap-southeast-2'];

/** @param behindForMs so long after the promotion one replica has not got the new key */
function worldWith(behindForMs: number, configured: readonly string[] | undefined = replicas): World {
  const world = new World('issue');
  world.seed('version-of-the-compromised-key-00001', undefined);
  const old = world.holder('AWSCURRENT');
  let promotedMs: number | undefined;
  const { store } = world;
  const describe = async (id: string): Promise<SecretState> => {
    const state = await store.describe(id);
    if (world.holder('AWSCURRENT') !== old) promotedMs ??= world.nowMs;
    const isBehind = promotedMs !== undefined && world.nowMs - promotedMs < behindForMs;
    const spec = { ...state.spec, replicas: configured };
    return { ...state, spec, replicasBehind: isBehind ? ['us-east-1'] : [] };
  };
  return Object.assign(world, { store: { ...store, describe } });
}

async function contained(world: World, mode: 'replace-first' | 'revoke-first' = 'replace-first') {
  const noted: ContainmentStep[] = [];
  const given = order(world, { mode, graceMs: 5_000 });
  let promotedMs = 0;
  let revokedMs = 0;
  await containOnce(world, {
    ...given,
    async note(step) {
      noted.push(step);
      if (step.what === 'promoted') promotedMs = world.nowMs;
      if (step.what === 'revoked') revokedMs = world.nowMs;
      return given.note(step);
    },
  });
  return { tookMs: revokedMs - promotedMs, behind: noted.filter(({ what }) => what === 'replica-behind') };
}

test.each([
  ['in sync at once', 0, 6_000],
  ['in sync within the grace', 4_000, 6_000],
  ['in sync after it', 21_000, 24_000],
])(
  'a replica %s: the old key ends no earlier than that, and no later than it has to',
  async (_, lagMs, atMost) => {
    const { tookMs, behind } = await contained(worldWith(lagMs));
    expect(tookMs).toBeGreaterThanOrEqual(Math.max(5_000, lagMs));
    expect(tookMs).toBeLessThanOrEqual(atMost);
    expect(behind).toEqual([]);
  },
);

test('one that stays behind is waited for a minute beyond the grace, and the incident says so', async () => {
  const { tookMs, behind } = await contained(worldWith(hourMs));
  expect(tookMs).toBeGreaterThanOrEqual(65_000);
  expect(tookMs).toBeLessThanOrEqual(68_000);
  expect(behind).toMatchObject([{ regions: ['us-east-1'] }]);
});

test('nobody waits for it where the key is revoked first, or has no replica', async () => {
  expect((await contained(worldWith(hourMs), 'revoke-first')).behind).toEqual([]);
  const { tookMs, behind } = await contained(worldWith(hourMs, []));
  expect(tookMs).toBeLessThanOrEqual(6_000);
  expect(behind).toEqual([]);
});

describe('a superseded key past its overlap', () => {
  const supersededAt = new Date('2026-11-23T12:00:00Z');
  const times = { supersededAt, overlapHours: 24 };
  const later = (ms: number) => new Date(supersededAt.getTime() + ms);
  const state = (replicasBehind?: string[]) =>
    ({ ...new World('issue').state, replicasBehind }) as unknown as SecretState;

  test('is kept while a replica is behind, with the place and what to look at', () => {
    expect(() => requireReplicas(state(['us-east-1']), times, later(48 * hourMs - 1))).toThrow(
      expect.objectContaining({
        code: 'replica-behind',
        message: expect.stringMatching(
          /in us-east-1 is not in sync.*2026-11-25T12:00:00.000Z; see ReplicationStatus/,
        ),
      }),
    );
  });

  test('ends where all have the new key, and at its hard limit', () => {
    requireReplicas(state([]), times, later(24 * hourMs));
    requireReplicas(state(), times, later(24 * hourMs));
    requireReplicas(state(['us-east-1']), times, later(48 * hourMs));
  });
});
