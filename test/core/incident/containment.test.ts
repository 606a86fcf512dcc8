import { KeyturnError } from '../../../core/errors';
import { replacementVersion } from '../../../core/incident/replacement/replacement-version';
import { containOnce, containUntilDone, order, rotate } from '../support/run';
import { type Kind, kinds, World } from '../support/world';

const first = 'version-of-the-compromised-key-00001';
const older = 'version-of-the-superseded-key-000002';
const stuck = 'version-of-the-stuck-rotation-000003';

function worldWith(kind: Kind, ...extra: ('previous' | 'pending' | 'empty-pending')[]): World {
  const world = new World(kind);
  if (extra.includes('previous') && kind !== 'roll') world.seed(older, undefined);
  if (kind === 'roll') world.keys = [];
  world.seed(first, undefined);
  if (extra.includes('pending')) world.seed(stuck, ['AWSPENDING']);
  if (extra.includes('empty-pending')) world.beginRotation(stuck);
  return world;
}

function mended(world: World): void {
  const current = world.keyOf('AWSCURRENT')!;
  if (world.kind !== 'self-issued') expect(world.live).toEqual([current]);
  expect(world.holder('AWSPREVIOUS')).toBeUndefined();
  expect(Object.values(world.labels).flat()).toEqual(['AWSCURRENT']);
}

describe.each(kinds)('a compromised key of kind %s', kind => {
  test('is replaced, promoted, announced, revoked and seen dead', async () => {
    const world = worldWith(kind);
    const compromised = world.keyOf('AWSCURRENT');
    const contained = await containOnce(world, order(world));
    expect(contained.ended).toEqual([
      { versionId: first, keyId: compromised, proof: kind === 'self-issued' ? 'label-removed' : 'rejected' },
    ]);
    expect(contained.replacement.keyId).toBe(world.keyOf('AWSCURRENT'));
    expect(world.announced).toEqual([contained.replacement.versionId]);
    mended(world);
  });

  test('takes with it a superseded key that still lived', async () => {
    const world = worldWith(kind, 'previous');
    await containOnce(world, order(world));
    mended(world);
  });

  test('is contained while a rotation is stuck before its key was stored', async () => {
    const world = worldWith(kind, 'previous', 'empty-pending');
    const { ended } = await containOnce(world, order(world));
    mended(world);
    // Where keys have no names, nobody can say of a key that got lost that it is dead.
    const lost = ended.filter(({ versionId }) => versionId === stuck);
    expect(lost).toEqual(kind === 'issue' ? [{ versionId: stuck, proof: 'unlisted' }] : []);
  });

  test('a second containment of another incident replaces the replacement', async () => {
    const world = worldWith(kind);
    const { replacement } = await containOnce(world, order(world));
    world.nowMs += 3_600_000;
    const again = await containOnce(world, order(world, { incidentId: '20261123T040000Z-0123abcd' }));
    expect(again.ended.map(key => key.keyId)).toEqual([replacement.keyId]);
    mended(world);
  });

  test('running a finished containment again changes nothing', async () => {
    const world = worldWith(kind, 'previous');
    const given = order(world);
    const done = await containOnce(world, given);
    const labels = world.labels;
    const again = await containOnce(world, { ...given, resumed: true });
    expect(again).toEqual({ ...done, ended: [], release: expect.any(Function) });
    expect(world.labels).toEqual(labels);
  });
});

describe.each(['issue', 'exclusive'] as const)('a compromised key of kind %s', kind => {
  test('a key that an interrupted rotation left pending is revoked, too', async () => {
    const world = worldWith(kind, 'pending');
    const pending = world.keyOf('AWSPENDING')!;
    expect(world.live).toContain(pending);
    const { ended } = await containOnce(world, order(world));
    expect(ended.map(key => key.versionId).sort()).toEqual([first, stuck].sort());
    mended(world);
  });

  test('revoke-first: it is dead before the replacement is made', async () => {
    const world = worldWith(kind);
    const calls: string[] = [];
    world.gate = async call => void calls.push(call);
    await containOnce(world, order(world, { mode: 'revoke-first' }));
    expect(calls.indexOf('revoke')).toBeLessThan(calls.indexOf('make'));
    expect(calls.slice(0, calls.indexOf('make'))).not.toContain('clock.sleep');
    mended(world);
  });

  test('revoke-first: run again, it never revokes its own replacement', async () => {
    const world = worldWith(kind);
    const given = order(world, { mode: 'revoke-first' });
    const { replacement } = await containOnce(world, given);
    await containOnce(world, { ...given, resumed: true });
    expect(world.live).toEqual([replacement.keyId]);
  });
});

test('replace-first: servers get their grace before the old key ends', async () => {
  const world = worldWith('issue');
  const compromised = world.keyOf('AWSCURRENT')!;
  let promotedAt = 0;
  let aliveUntil = 0;
  world.gate = async call => {
    if (call === 'put AWSCURRENT') promotedAt = world.nowMs;
    if (world.live.includes(compromised)) aliveUntil = world.nowMs;
    return undefined;
  };
  await containOnce(world, order(world, { graceMs: 90_000 }));
  expect(aliveUntil - promotedAt).toBeGreaterThanOrEqual(90_000);
});

test('the grace is not given twice: a run taken up later counts from the promotion', async () => {
  const world = worldWith('issue');
  const given = order(world, { graceMs: 90_000 });
  world.gate = async call => {
    if (call === 'revoke') throw new Error('stopped');
    return undefined;
  };
  await expect(containOnce(world, given)).rejects.toThrow('stopped');
  const calls: string[] = [];
  world.gate = async call => void calls.push(call);
  await containOnce(world, { ...given, resumed: true });
  expect(calls.slice(0, calls.indexOf('revoke'))).not.toContain('clock.sleep');
});

test('a provider that is down: nothing is revoked, and the same containment comes through later', async () => {
  const world = worldWith('issue', 'previous');
  const given = order(world);
  world.down = true;
  const before = [...world.live];
  await expect(containOnce(world, given)).rejects.toMatchObject({ code: 'provider-down' });
  expect(world.live).toEqual(before);
  world.down = false;
  await containOnce(world, { ...given, resumed: true });
  mended(world);
});

test('a key that is not seen rejected keeps its label, and the error says what to do', async () => {
  const world = worldWith('issue');
  const provider = world.provider();
  if (!('revoke' in provider)) throw new Error('it keeps no keys');
  world.provider = () => ({ ...provider, revoke: async () => {} });
  await expect(containOnce(world, order(world))).rejects.toThrow(
    /still accepted after it was revoked; Keyturn revokes and checks it again by itself. If it is still accepted in an hour, delete it/,
  );
  expect(world.holder('AWSPREVIOUS')).toBe(first);
});

test('a secret without a key has nothing to contain', async () => {
  const world = new World('issue');
  world.storeUnissued(first);
  await expect(containOnce(world, order(world))).rejects.toMatchObject({ code: 'unissued' });
});

test('exclusive: a fresh key that a rotation swept away is replaced by another', async () => {
  const world = worldWith('exclusive');
  let swept = false;
  world.gate = async call => {
    if (call === 'clock.sleep' && !swept) {
      swept = true;
      world.keys = world.keys.filter(key => key.id !== world.keyOf('AWSCURRENT'));
    }
    return undefined;
  };
  const given = order(world);
  const { replacement } = await containOnce(world, given);
  expect(replacement.versionId).toBe(replacementVersion({ incidentId: given.incidentId, arn: world.arn }, 1));
  expect(world.live).toEqual([replacement.keyId]);
});

test('a key that somebody keeps killing ends in an error, not in a loop', async () => {
  const world = worldWith('exclusive');
  world.gate = async call => {
    if (call === 'clock.sleep') world.keys = [];
    return undefined;
  };
  await expect(containOnce(world, order(world))).rejects.toBeInstanceOf(KeyturnError);
  expect(world.callsOf('put AWSCURRENT')).toHaveLength(3);
});

test('a provider that accepts and rejects a key in turns ends in an error, not in a loop', async () => {
  const world = worldWith('exclusive');
  const compromised = world.keyOf('AWSCURRENT');
  const provider = world.provider();
  const answers = new Map<string, number>();
  world.provider = () => ({
    ...provider,
    async verify(value) {
      if (value.keyId === compromised) return provider.verify(value);
      const asked = answers.get(value.keyId) ?? 0;
      if (asked > 20) throw new Error('asked without end');
      answers.set(value.keyId, asked + 1);
      // When it is made, and whenever it is looked for; not when everything else is done.
      return asked % 2 ? 'rejected' : 'accepted';
    },
  });
  const given = order(world);
  await expect(containOnce(world, given)).rejects.toThrow(/accepted the new key of \S+ and rejected it/);
  // What was compromised has ended all the same.
  expect(world.keys.map(({ id }) => id)).not.toContain(compromised);
  expect(world.callsOf('put AWSCURRENT').length).toBeLessThanOrEqual(3);
});

test('a replacement that a later rotation superseded keeps its overlap', async () => {
  const world = worldWith('issue');
  const given = order(world);
  const { replacement } = await containOnce(world, given);
  world.nowMs += 60_000;
  await rotate(world, 'a-rotation-after-the-containment-0001');
  await containUntilDone(world, { ...given, resumed: true });
  expect(world.live).toContain(replacement.keyId);
  expect(world.holder('AWSPREVIOUS')).toBe(replacement.versionId);
});

test('version ids follow from incident and key, and are of a length that AWS takes', () => {
  const of = (incidentId: string, arn: string, n = 0) => replacementVersion({ incidentId, arn }, n);
  expect(of('a', 'b')).toBe(of('a', 'b'));
  expect(new Set([of('a', 'b'), of('a', 'c'), of('c', 'b'), of('a', 'b', 1)]).size).toBe(4);
  expect(of('a', 'b')).toMatch(/^contain-[0-9a-f]{40}$/);
});

test('a displaced rotation that came back as current is replaced, too', async () => {
  const world = worldWith('issue');
  const given = order(world);
  const { replacement } = await containOnce(world, given);
  world.seed(stuck, undefined);
  await world.store.moveLabel(world.state, 'KEYTURN-REVOKE-1', { to: stuck });
  const again = await containOnce(world, { ...given, resumed: true });
  // The first replacement was pushed out of AWSPREVIOUS by the second, and must not be forgotten either.
  expect(again.ended.map(key => key.versionId).sort()).toEqual([replacement.versionId, stuck].sort());
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
});
