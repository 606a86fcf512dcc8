// A compromised key that is made current again. A person may decide that it stays: the emergency function then takes its mark away, and
// on-call hears it. Labels alone decide nothing: whoever may move them keeps no compromised key alive.
import { moveLabel } from '@keyturn/aws-model/secrets-manager/labels';
import { respond } from '../../../../core/incident/response';
import { minuteMs } from '../../../../core/time';
import { outcomeOf, setUpResponse } from '../../support/response-setup';
import { rotate } from '../../support/run';
import { type Kind, kinds, type World } from '../../support/world';

const leakedVersion = 'version-of-the-compromised-key-00001';
const rotated = 'version-of-a-rotation-000000000000003';

type Way = 'by label' | 'by order';
type Setup = ReturnType<typeof setUpResponse>;

/** As the console does, or as `keyturn rollback` does: only while the provider accepts the key, and with its mark taken away first. */
function goBack(world: World, versionId: string, way: Way): boolean {
  const current = world.holder('AWSCURRENT')!;
  if (current === versionId) return false;
  if (way === 'by order') {
    if (world.holder('AWSPREVIOUS') !== versionId || !isAccepted(world, world.valueOf(versionId).keyId))
      return false;
    world.marks.delete(versionId);
  }
  world.labels = moveLabel(world.labels, 'AWSCURRENT', { from: current, to: versionId });
  return true;
}

function isAccepted(world: World, keyId: string): boolean {
  if (world.kind !== 'self-issued') return world.live.includes(keyId);
  return [world.keyOf('AWSCURRENT'), world.keyOf('AWSPREVIOUS')].includes(keyId);
}

/** As often as it is taken up, with the second look. @returns what it came to */
async function respondUntilClosed({ tools, records, trigger }: Setup, world: World, changes = {}) {
  const outcomes = new Set<string | undefined>();
  for (let run = 1; run <= 6; run++) {
    const responded = await respond({ ...tools, runId: `run-${run}` }, trigger(changes));
    if (responded.as === 'ended') await records.save(responded.incident);
    if (responded.as === 'skipped') break;
    // A label that moves under the hands of a run stops it; the next one goes on.
    if (responded.as === 'ended') outcomes.add(outcomeOf(responded));
    world.nowMs += 5 * minuteMs;
  }
  return [...outcomes];
}

const byPerson = (response: 'replace-first' | 'revoke-first') => ({
  cause: { by: 'person', requestedBy: 'a', reason: '', graceSeconds: 5, response } as const,
});

describe.each(kinds)('kind %s', kind => {
  test('made current again whenever it was replaced, it dies in the first run, and the incident stays open until that stops', async () => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.keyOf('AWSCURRENT')!;
    world.gate = async name => {
      if (name === 'clock.sleep' || name === 'certify') goBack(world, leakedVersion, 'by label');
      return undefined;
    };
    const run = async (n: number) => {
      const responded = await respond({ ...tools, runId: `run-${n}` }, trigger());
      world.nowMs += minuteMs;
      return responded;
    };
    for (let n = 1; n <= 10; n++) {
      const responded = await run(n);
      expect([n, outcomeOf(responded)]).toEqual([n, 'unfinished']);
      expect(responded).toMatchObject({ error: { message: expect.stringContaining('in CloudTrail who') } });
      const isRevoked = kind !== 'roll' && kind !== 'self-issued';
      const said = `in CloudTrail who did it. ${isRevoked ? 'It is revoked. ' : ''}Keyturn tries again`;
      if (n === 1) expect(responded).toMatchObject({ error: { message: expect.stringContaining(said) } });
      // A server of the team's own accepts whatever carries the label: whoever may move it decides.
      if (kind !== 'self-issued') expect(world.live).not.toContain(leaked);
    }
  });
});

/** What is made current again inside the n-th call. */
async function takenBackAt(kind: Kind, n: number, response: 'replace-first' | 'revoke-first', way: Way) {
  const setup = setUpResponse({ kind });
  const { world } = setup;
  const leaked = world.keyOf('AWSCURRENT')!;
  let reached = false;
  world.gate = async () => {
    if (world.calls !== n) return undefined;
    reached = true;
    goBack(world, leakedVersion, way);
    return undefined;
  };
  const outcomes = await respondUntilClosed(setup, world, byPerson(response));
  return { world, leaked, reached, outcomes };
}

describe.each(kinds)('kind %s', kind => {
  test.each(['replace-first', 'revoke-first'] as const)(
    '%s: made current again by its label inside any call, it is replaced once more, and dead in the end',
    async response => {
      let explored = 0;
      for (let n = 1; ; n++) {
        const { world, leaked, reached, outcomes } = await takenBackAt(kind, n, response, 'by label');
        if (!reached) break;
        explored++;
        // Once all is over, whoever may move labels can still point servers at a dead key.
        const looksAfter = world.made.slice(n).filter(call => call === 'describe').length;
        const isOver = looksAfter <= 1 && world.holder('AWSCURRENT') === leakedVersion;
        expect({
          n,
          outcomes,
          isCurrentMarked: world.marks.has(world.holder('AWSCURRENT')!),
          works: isOver || isAccepted(world, world.keyOf('AWSCURRENT')!),
          leakedLives: kind !== 'self-issued' && isAccepted(world, leaked),
        }).toEqual({ n, outcomes: ['contained'], isCurrentMarked: false, works: true, leakedLives: false });
      }
      expect(explored).toBeGreaterThan(10);
    },
  );

  test.each(['replace-first', 'revoke-first'] as const)(
    '%s: by the order of a person inside any call, it lives and that is said, or it is dead and another works',
    async response => {
      const said = new Set<string>();
      for (let n = 1; ; n++) {
        const { world, leaked, reached, outcomes } = await takenBackAt(kind, n, response, 'by order');
        if (!reached) break;
        const current = world.keyOf('AWSCURRENT')!;
        const isKept = current === leaked;
        said.add(outcomes.join());
        expect({
          n,
          outcomes,
          works: isAccepted(world, current),
          leakedLives: isAccepted(world, leaked),
          marks: [...world.marks],
        }).toEqual({
          n,
          outcomes: [isKept ? 'rolled-back' : 'contained'],
          works: true,
          leakedLives: isKept,
          marks: [],
        });
      }
      const canBeKept = kind === 'self-issued' || (kind !== 'roll' && response === 'replace-first');
      expect([...said].sort()).toEqual(canBeKept ? ['contained', 'rolled-back'] : ['contained']);
    },
  );
});

describe.each(['issue', 'exclusive', 'install', 'self-issued'] as const)('kind %s', kind => {
  test('a person goes back to a key that a rotation promoted inside any call before its replacement: that is told', async () => {
    for (let n = 1; ; n++) {
      const setup = setUpResponse({ kind });
      const { world } = setup;
      world.seed(rotated, ['AWSPENDING']);
      let isReplaced = false;
      let isKept = false;
      world.gate = async name => {
        if (world.calls === n)
          world.labels = moveLabel(world.labels, 'AWSCURRENT', { from: leakedVersion, to: rotated });
        isReplaced ||= world.holder('AWSPREVIOUS') === rotated;
        if (isReplaced && name === 'clock.sleep') isKept ||= goBack(world, rotated, 'by order');
        return undefined;
      };
      const outcomes = await respondUntilClosed(setup, world);
      // By the containment, before the rotation could promote it.
      if (!isReplaced) break;
      // A place that holds two keys had to end it.
      if (kind === 'issue' || kind === 'self-issued') expect(isKept).toBe(true);
      expect({ n, outcomes, isCurrent: world.holder('AWSCURRENT') === rotated }).toEqual({
        n,
        outcomes: [isKept ? 'rolled-back' : 'contained'],
        isCurrent: isKept,
      });
    }
  });

  test('a rotation has replaced it before us: by its label inside any call after that, it still comes to its end', async () => {
    let explored = 0;
    for (let n = 1; ; n++) {
      const setup = setUpResponse({ kind });
      const { world } = setup;
      const leaked = world.keyOf('AWSCURRENT')!;
      let rotatedAt: number | undefined;
      let reached = false;
      world.gate = async name => {
        if (name === 'read AWSCURRENT' && rotatedAt === undefined) {
          rotatedAt = 0;
          await rotate(world, rotated);
          rotatedAt = world.calls;
        } else if (rotatedAt && world.calls === rotatedAt + n) {
          reached = true;
          goBack(world, leakedVersion, 'by label');
        }
        return undefined;
      };
      const outcomes = await respondUntilClosed(setup, world);
      if (!reached) break;
      explored++;
      const isHonoured = world.keyOf('AWSPREVIOUS') === leaked;
      expect({
        n,
        outcomes,
        lives: kind === 'self-issued' ? isHonoured : world.live.includes(leaked),
      }).toEqual({
        n,
        outcomes: ['contained'],
        lives: false,
      });
    }
    expect(explored).toBeGreaterThan(10);
  });

  test('a version that only a label of a team holds ends with the others: it can be made current again, too', async () => {
    const setup = setUpResponse({ kind });
    const { world } = setup;
    world.seed(rotated, undefined);
    world.labels = { [rotated]: ['AWSCURRENT'], [leakedVersion]: ['before-the-move'] };
    let isMoved = false;
    world.gate = async name => {
      if (name === 'clock.sleep' && world.holder('AWSCURRENT') !== rotated && !isMoved) {
        isMoved = true;
        goBack(world, leakedVersion, 'by label');
      }
      return undefined;
    };
    expect(await respondUntilClosed(setup, world)).toEqual(['contained']);
    expect([isMoved, ...world.marks]).toEqual([true]);
    if (kind !== 'self-issued') expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  });
});

test('a fresh key that a rotation promotes each time is not said to be revoked: it works until it is replaced', async () => {
  const { world, tools, trigger } = setUpResponse();
  let count = 0;
  world.gate = async name => {
    if (name === 'make') world.seed(`version-of-a-rotation-00000000000000${++count}`, ['AWSPENDING']);
    if (name === 'clock.sleep') goBack(world, `version-of-a-rotation-00000000000000${count}`, 'by label');
    return undefined;
  };
  expect(await respond(tools, trigger())).toMatchObject({
    as: 'unfinished',
    error: { message: expect.stringContaining('in CloudTrail who did it. Keyturn tries again') },
  });
  expect([count, world.live.includes(world.keyOf('AWSCURRENT')!)]).toEqual([3, true]);
});
