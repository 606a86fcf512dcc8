// Keys at the provider that nobody holds: which are ended, and which are somebody else's.
import {
  isOlderThanSecret,
  keysOfVersion,
  strandedAfterMs,
  strandedKeys,
} from '../../../core/ending/orphans';
import { endDropped } from '../../../core/ending/retirement';
import { providerKeyName } from '../../../core/key/provider-key-name';
import type { SecretValue } from '../../../core/key/secret-value';
import { rotate } from '../support/run';
import type { Kind } from '../support/world';
import { World } from '../support/world';

const current = 'version-of-the-current-key-000000001';
const next = 'version-of-the-next-rotation-0000002';
const forgotten = 'version-that-has-no-label-any-more-3';
const madeAt = new Date('2026-11-23T03:00:00Z');

function seeded(kind: Kind = 'issue'): World {
  const world = new World(kind);
  world.seed(current, undefined);
  return world;
}

const named = (versionId: string, arn: string) => ({
  id: versionId,
  name: providerKeyName('keyturn-prod-bot', arn, versionId, madeAt, 100),
});

/** An attempt whose call is still under way. @returns the name that its key gets */
async function begin(world: World, versionId: string): Promise<string> {
  const at = world.clock.now();
  const name = providerKeyName('keyturn-prod-bot', world.arn, versionId, at, 100);
  const provider = world.provider();
  const listed = 'list' in provider ? await provider.list() : [];
  await world.attempts.begin(world.state, { name, versionId, at }, listed);
  return name;
}

test('a key looks as if it were of a version by the name of that version and of this secret alone', () => {
  const { state, arn } = seeded();
  const other = arn.replace('bot', 'bot-eu');
  const listed = [named(next, arn), named(current, arn), named(next, other), { id: 'x', name: 'by hand' }];
  expect(keysOfVersion(listed, state, next)).toEqual([listed[0]]);
});

test('an unlabelled key is stranded after an hour, and not a moment before', () => {
  const { state, arn } = seeded();
  const listed = [named(forgotten, arn), named(current, arn), named(forgotten, `${arn}x`)];
  const at = (ms: number) => strandedKeys(listed, state, new Date(madeAt.getTime() + ms));
  expect(strandedAfterMs).toBe(3_600_000);
  expect(at(strandedAfterMs - 1)).toEqual([]);
  expect(at(strandedAfterMs)).toEqual([listed[0]]);
});

test('a key that is older than the secret, or of which nobody tells, is somebody else’s', () => {
  const { state } = seeded();
  const at = (ms: number) => ({ id: 'x', createdAt: new Date(state.createdAt.getTime() + ms) });
  const keys = [at(-1), at(0), { id: 'x' }, { id: 'x', createdAt: new Date(Number.NaN) }];
  expect(keys.map(key => isOlderThanSecret(key, state))).toEqual([true, false, true, true]);
});

test('a rotation ends what its own lost attempt made', async () => {
  const world = seeded();
  world.loseAnswerTo('make');
  await expect(rotate(world, next)).rejects.toThrow('lost');
  await rotate(world, next);
  expect(world.live.sort()).toEqual([world.keyOf('AWSCURRENT'), world.keyOf('AWSPREVIOUS')].sort());
});

test('a key that came after the retry, in the name of what is current now, is ended by the next rotation', async () => {
  const world = seeded();
  const name = await begin(world, next);
  await rotate(world, next);
  const late = world.addKey({ name });
  await rotate(world, 'version-of-the-rotation-after-00004');
  expect(world.live).not.toContain(late);
});

test('a key whose version lost its label is ended by the next rotation', async () => {
  const world = seeded();
  const stranded = world.addKey({ name: await begin(world, forgotten) });
  world.nowMs += strandedAfterMs;
  await rotate(world, next);
  expect(world.live).not.toContain(stranded);
});

test.each(['exclusive', 'install'] as const)(
  'kind %s: what no version holds is ended, for the place is this key’s alone',
  async kind => {
    const world = seeded(kind);
    const unheld = world.addKey({});
    await rotate(world, next);
    expect(world.live).not.toContain(unheld);
  },
);

test('in such a place, a key that is older than the secret stops the rotation, and lives', async () => {
  const world = seeded('exclusive');
  const foreign = world.addKey({ createdAt: new Date(world.state.createdAt.getTime() - 1) });
  await expect(rotate(world, next)).rejects.toThrow(
    /holds the key foreign-\d+, which is older than prod\/acme\/bot; take it over with `npx keyturn adopt`/,
  );
  expect(world.live).toContain(foreign);
});

describe('a rotation that a person dropped', () => {
  const dropped = 'version-of-the-dropped-rotation-0005';

  async function drop(world: World): Promise<string> {
    const before = new Set(world.live);
    world.loseAnswerTo('put AWSPENDING');
    await rotate(world, dropped).catch(() => {});
    await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: dropped });
    await world.store.moveLabel(world.state, 'AWSPENDING', { from: dropped });
    return world.live.find(id => !before.has(id)) ?? '';
  }

  test.each(['issue', 'exclusive'] as const)('kind %s: its key is ended by the next one', async kind => {
    const world = seeded(kind);
    const key = await drop(world);
    await rotate(world, next);
    expect(key).not.toBe('');
    expect(world.live).not.toContain(key);
    expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
  });

  test('kind roll: its key may be the only one that works, and lives until the next is installed', async () => {
    const world = new World('roll');
    world.seed(current, undefined);
    world.loseAnswerTo('install');
    await rotate(world, dropped).catch(() => {});
    const key = world.keyOf('AWSPENDING');
    await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: dropped });
    await world.store.moveLabel(world.state, 'AWSPENDING', { from: dropped });
    expect(world.live).toEqual([key]);
    await rotate(world, next);
    expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
    expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
  });

  test('so is one that was made, and never stored', async () => {
    const world = seeded();
    world.beginRotation(dropped);
    const lost = world.addKey({ name: await begin(world, dropped) });
    await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: dropped });
    await world.store.moveLabel(world.state, 'AWSPENDING', { from: dropped });
    await rotate(world, next);
    expect(world.live).not.toContain(lost);
    expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
  });

  test('a list that still shows it for a while is no key that lives', async () => {
    const world = seeded();
    world.beginRotation(dropped);
    const lost = world.addKey({ name: await begin(world, dropped) });
    await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: dropped });
    const provider = world.provider();
    if (provider.kind !== 'issue') throw new Error('it lists none');
    const before = await provider.list();
    const lagsUntil = world.nowMs + 1_000;
    const list = async () => (world.nowMs < lagsUntil ? before : provider.list());
    await endDropped({ ...world.tools, provider: { ...provider, list } }, world.state, 'rotation');
    expect(world.live).not.toContain(lost);
    expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
  });

  describe('at a provider that has no words of its own for a dead key', () => {
    const denying = (world: World, list?: () => Promise<[]>) => {
      const provider = world.provider();
      if (provider.kind !== 'issue') throw new Error('it lists none');
      const verify = async (value: SecretValue) => {
        const verdict = await provider.verify(value);
        return verdict === 'rejected' ? 'denied' : verdict;
      };
      const control = async () => 'accepted' as const;
      return { ...world.tools, provider: { ...provider, verify, control, ...(list && { list }) } };
    };

    test('its key is ended though no other is there that the list could show', async () => {
      const world = new World('issue');
      const key = await drop(world);
      await endDropped(denying(world), world.state, 'rotation');
      expect(key).not.toBe('');
      expect(world.live).not.toContain(key);
      expect(world.holder('KEYTURN-DROPPED')).toBeUndefined();
    });

    test('where a key is current, a list that does not show it proves nothing', async () => {
      const world = seeded();
      await drop(world);
      const empty = async (): Promise<[]> => [];
      await expect(endDropped(denying(world, empty), world.state, 'rotation')).rejects.toThrow(
        'could not be asked for proof',
      );
      expect(world.holder('KEYTURN-DROPPED')).toBe(dropped);
    });
  });

  test('a dropped version that is current after all keeps its key', async () => {
    const world = seeded();
    await world.store.moveLabel(world.state, 'KEYTURN-DROPPED', { to: current });
    await rotate(world, next);
    expect(world.live).toContain(world.keyOf('AWSPREVIOUS'));
  });
});
