// Keys that only a person makes: nothing takes the place of a compromised one, so it ends at once, and whatever stops a run, the next
// one comes to the same end.

import { endPrevious } from '../../../core/ending/retirement';
import type { ContainmentStep } from '../../../core/incident/containment';
import type { RevokeOnlyProvider } from '../../../core/provider';
import { deadLabel } from '../../../core/rotation/secret-store';
import { endOnce, order, rotate, untilDone } from '../support/run';
import { handMadeKinds, World } from '../support/world';

const compromised = 'version-of-the-compromised-key-00001';
const superseded = 'version-of-the-superseded-key-000002';
const adopted = 'version-of-the-key-that-was-adopted-3';
const modes = ['replace-first', 'revoke-first'] as const;

/** @param hasPrevious false where a person may adopt another meanwhile: `adopt` waits for the end of an overlap */
function leaked(kind: World['kind'], hasPrevious = true): World {
  const world = new World(kind);
  if (hasPrevious) world.seed(superseded, undefined);
  world.seed(compromised, undefined);
  return world;
}

/** A person does it in the provider's console. */
function endByHand(world: World): void {
  world.keys = world.keys.filter(({ id }) => id === world.keyOf('AWSCURRENT') && adoptedIsCurrent(world));
}

function adoptedIsCurrent(world: World): boolean {
  return world.holder('AWSCURRENT') === adopted;
}

test('revoke-only: it is revoked and seen dead, nothing replaces it, and what a person does is noted', async () => {
  const world = leaked('revoke-only');
  const steps: ContainmentStep[] = [];
  const given = order(world);
  const note = (step: ContainmentStep) => {
    steps.push(step);
    return given.note(step);
  };
  const done = await endOnce(world, { ...given, note });
  expect(done).toMatchObject({ replacement: 'none', checkAgain: false, rolledBack: false });
  expect(done.ended.map(({ versionId }) => versionId).sort()).toEqual([compromised, superseded]);
  expect(done.ended.every(({ proof }) => proof === 'rejected')).toBe(true);
  expect(world.live).toEqual([]);
  expect(world.labels).toEqual({ [compromised]: ['AWSCURRENT', deadLabel] });
  expect(world.announced).toEqual([]);
  expect(steps.at(-1)).toEqual({
    what: 'not-replaced',
    versionId: compromised,
    make: 'press Create in the console of acme',
  });
});

test('manual: it stays open until a person has ended the key, says what to do, and then proves it', async () => {
  const world = leaked('manual');
  const given = order(world);
  await expect(endOnce(world, given)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('press Delete in the console of acme'),
  });
  expect(world.labels[compromised]).toEqual(['AWSCURRENT']);
  expect(world.certified).toEqual([]);
  endByHand(world);
  const done = await endOnce(world, { ...given, resumed: true });
  expect(done.replacement).toBe('none');
  expect(done.ended).toHaveLength(2);
  expect(world.callsOf('make', 'revoke', 'list')).toEqual([]);
});

test('manual: a key that is only not answered for is not taken for dead', async () => {
  const world = leaked('manual');
  world.down = true;
  await expect(endOnce(world, order(world))).rejects.toMatchObject({ code: 'refused' });
  expect(world.certified).toEqual([]);
});

test('where dead and live keys can get the same answer, a run that stopped after the revocation is taken up', async () => {
  const world = leaked('revoke-only');
  const real = world.provider() as RevokeOnlyProvider;
  world.provider = () => ({
    ...real,
    verify: async value => ((await real.verify(value)) === 'rejected' ? 'denied' : 'accepted'),
    control: async () => 'accepted',
  });
  const given = order(world);
  world.loseAnswerTo('revoke');
  await expect(endOnce(world, given)).rejects.toThrow();
  expect(world.live).toHaveLength(1);
  const done = await untilDone(world, { ...given, resumed: true }, endOnce);
  expect(done.ended.map(({ versionId }) => versionId).sort()).toEqual([compromised, superseded]);
  expect(world.live).toEqual([]);
});

describe.each(handMadeKinds)('kind %s', kind => {
  test('what a person adopted since is left alone, and only what was compromised ends', async () => {
    const world = leaked(kind, false);
    const given = order(world);
    world.seed(adopted, undefined);
    const mine = world.keyOf('AWSCURRENT');
    if (kind === 'manual') endByHand(world);
    const done = await endOnce(world, given);
    expect(done.replacement).toEqual({ versionId: adopted, keyId: mine });
    expect(world.live).toEqual([mine]);
    expect(Object.values(world.labels).flat()).toEqual(['AWSCURRENT']);
  });

  test('no rotation makes a key, and none is ended for one', async () => {
    const world = leaked(kind);
    const live = [...world.live];
    await expect(rotate(world, 'version-of-a-rotation-00000000000004')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('press Create in the console of acme'),
    });
    expect(world.live).toEqual(live);
  });

  test.each(modes)('%s: stopped before and after every call, then run again', async mode => {
    let explored = 0;
    for (const adopts of [false, true])
      for (const how of ['before', 'after'] as const)
        for (let n = 1; ; n++) {
          const world = leaked(kind, !adopts);
          if (kind === 'manual') world.keys = [];
          const given = order(world, { mode });
          const target = world.calls + n;
          world.gate = async () => {
            if (how === 'before' && world.calls >= target) throw new Error('stopped');
            return world.calls === target ? 'after' : undefined;
          };
          await endOnce(world, given).catch(() => {});
          world.gate = async () => undefined;
          if (world.calls < target) break;
          explored++;
          // Whenever a person stores another, that one lives, and the label that says there is none goes with the old one.
          if (adopts) world.seed(adopted, undefined);
          await untilDone(world, { ...given, resumed: true }, endOnce);
          if (adopts) await endPrevious(world.tools, world.state, 'retirement');
          const left = adopts
            ? { live: [world.keyOf('AWSCURRENT')], labels: { [adopted]: ['AWSCURRENT'] } }
            : { live: [], labels: { [compromised]: ['AWSCURRENT', deadLabel] } };
          const { live, labels } = world;
          expect({ adopts, how, n, live, labels, marks: [...world.marks] }).toEqual({
            ...{ adopts, how, n, marks: [] },
            ...left,
          });
        }
    expect(explored).toBeGreaterThan(20);
  });
});
