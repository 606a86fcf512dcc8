// A rotation's call that was under way when its secret is contained: it stores a key in a version that was seen empty.
import { moveLabel } from '@keyturn/aws-model/secrets-manager/labels';
import { begin } from '../../../../core/incident/incident';
import { ownVersions } from '../../../../core/incident/replacement/replacement-version';
import { respond } from '../../../../core/incident/response';
import { minuteMs } from '../../../../core/time';
import { outcomeOf, setUpResponse } from '../../support/response-setup';
import { containOnce, endOnce, order, rotate, storeLate } from '../../support/run';
import { type Kind, kinds, World } from '../../support/world';

const stuck = 'version-of-the-stuck-rotation-000003';

function worldWith(kind: Kind): World {
  const world = new World(kind);
  world.seed('version-of-the-compromised-key-00001', undefined);
  world.beginRotation(stuck);
  return world;
}

test.each(['issue', 'exclusive'] as const)(
  'kind %s: what a rotation stores after all else has ended stays labelled, and the rotation goes on with it',
  async kind => {
    const world = worldWith(kind);
    storeLate(world, stuck, 'certify');
    await containOnce(world, order(world));
    expect([world.labels[stuck], ...world.marks]).toEqual([['AWSPENDING']]);
    expect(world.live).toContain(world.keyOf('AWSPENDING'));
    await rotate(world, stuck);
    expect([world.holder('AWSCURRENT'), world.live.includes(world.keyOf('AWSCURRENT')!)]).toEqual([
      stuck,
      true,
    ]);
  },
);

test.each(['exclusive', 'install'] as const)(
  'kind %s: what a rotation promotes while a rejected replacement is replaced is replaced itself, and keeps no mark',
  async kind => {
    const world = worldWith(kind);
    let isRejected = false;
    const gate: typeof world.gate = async call => {
      if (call === 'verify' && world.certified.length && !isRejected) {
        isRejected = true;
        world.keys = world.keys.filter(({ id }) => id !== world.keyOf('AWSCURRENT'));
      }
      if (call === 'clock.sleep' && world.announced.length === 2 && !world.versions.get(stuck)?.value) {
        world.gate = async () => undefined;
        // By a call that was under way when its rotation was given up.
        world.seed(stuck, ['AWSPENDING']);
        await rotate(world, stuck);
        world.gate = gate;
      }
      return undefined;
    };
    world.gate = gate;
    const { replacement } = await containOnce(world, order(world));
    expect([world.holder('AWSCURRENT'), ...world.marks]).toEqual([replacement.versionId]);
    expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  },
);

test('where nothing can replace the compromised key, what AWS stores for its own rotation stays labelled', async () => {
  const world = worldWith('revoke-only');
  storeLate(world, stuck, 'moveLabel KEYTURN-DEAD');
  await endOnce(world, order(world));
  expect([world.labels[stuck], ...world.marks]).toEqual([['AWSPENDING']]);
});

/**
 * @param n at which of the containment's calls the key is stored
 * @param hasBegun whether the rotation was under way before the containment
 * @param isPromoted whether the rotation goes on there and then, or once all is over
 */
async function containedAround(kind: Kind, n: number, hasBegun: boolean, isPromoted: boolean) {
  const { world, tools, trigger, records } = setUpResponse({ kind });
  const leaked = world.keyOf('AWSCURRENT')!;
  if (hasBegun) world.beginRotation(stuck);
  const target = world.calls + n;
  let reached = false;
  const goOn = () => rotate(world, stuck).catch(() => {});
  world.gate = async () => {
    if (reached || world.calls !== target) return undefined;
    reached = true;
    if (kind === 'roll') world.keys = [];
    world.seed(stuck, ['AWSPENDING']);
    if (isPromoted) await goOn();
    return undefined;
  };
  const look = async (runId: string) => {
    const responded = await respond({ ...tools, runId }, trigger());
    if (responded.as === 'ended') await records.save(responded.incident);
    return outcomeOf(responded);
  };
  const outcomes = [];
  for (let run = 1; run < 4; run++) {
    outcomes.push(await look(`run-${run}`));
    // A call of a rotation is over long before the second look.
    world.gate = async () => undefined;
    if (run === 1 && reached) await goOn();
    world.nowMs += 5 * minuteMs;
  }
  return { world, leaked, reached, outcomes: outcomes.filter(outcome => outcome !== 'skipped') };
}

describe.each(kinds)('kind %s', kind => {
  test.each([
    { begun: 'before', hasBegun: true, promoted: 'at once', isPromoted: true },
    { begun: 'before', hasBegun: true, promoted: 'later', isPromoted: false },
    { begun: 'there', hasBegun: false, promoted: 'at once', isPromoted: true },
    { begun: 'there', hasBegun: false, promoted: 'later', isPromoted: false },
  ])(
    'a key that a rotation begun $begun stores inside any call, promoted $promoted: it works, unmarked, and nobody is said to have rolled back',
    async ({ hasBegun, isPromoted }) => {
      let explored = 0;
      for (let n = 1; ; n++) {
        const { world, leaked, reached, outcomes } = await containedAround(kind, n, hasBegun, isPromoted);
        if (!reached) break;
        explored++;
        const current = world.keyOf('AWSCURRENT')!;
        expect({
          n,
          outcomes: [...new Set(outcomes.filter(outcome => outcome !== 'unfinished'))],
          isCurrentMarked: world.marks.has(world.holder('AWSCURRENT')!),
          works: kind === 'self-issued' || world.live.includes(current),
          leakedLives: kind === 'self-issued' ? current === leaked : world.live.includes(leaked),
        }).toEqual({ n, outcomes: ['contained'], isCurrentMarked: false, works: true, leakedLives: false });
      }
      expect(explored).toBeGreaterThan(10);
    },
  );
});

describe.each(['issue', 'exclusive', 'install', 'self-issued'] as const)('kind %s', kind => {
  test('its own replacement counts as no key from before, also where it was noted among those', async () => {
    const { world, tools, trigger, records } = setUpResponse({ kind });
    const [own] = ownVersions({ incidentId: trigger().incidentId, arn: world.arn });
    const seen = [world.holder('AWSCURRENT')!, own!];
    await records.noteVersions(begin(trigger(), world.clock.now()), seen);
    expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
  });
});

test.each(['issue', 'exclusive', 'install'] as const)(
  'kind %s: a key of a rotation that somebody unmarks and makes current while it ends is replaced',
  async kind => {
    const { world, tools, trigger } = setUpResponse({ kind });
    world.seed(stuck, ['AWSPENDING']);
    const leaked = world.live;
    let isMoved = false;
    world.gate = async name => {
      if (name !== 'certify' || isMoved) return undefined;
      isMoved = true;
      world.labels = moveLabel(world.labels, 'AWSCURRENT', { from: world.holder('AWSCURRENT')!, to: stuck });
      world.marks.delete(stuck);
      return undefined;
    };
    expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
    expect([isMoved, world.holder('AWSCURRENT') === stuck]).toEqual([true, false]);
    for (const id of leaked) expect(world.live).not.toContain(id);
  },
);
