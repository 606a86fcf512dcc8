// Whoever may store values puts something else in the place of a key, to keep a containment from its work: the key ends all the same.
import { labelNewValue } from '@keyturn/aws-model/secrets-manager/labels';
import { KeyturnError } from '../../../../core/errors';
import { respond } from '../../../../core/incident/response';
import { outcomeOf, setUpResponse } from '../../support/response-setup';
import { handMadeKinds, kinds, type World } from '../../support/world';

const stuck = 'version-of-the-stuck-rotation-000003';
const theirs = 'version-of-what-somebody-stored-00004';

function storeTheirs(world: World, value: 'unissued' | 'ended'): void {
  world.versions.set(theirs, { createdAt: world.clock.now(), value });
  world.labels = labelNewValue(world.labels, theirs, undefined);
}

describe.each(['issue', 'exclusive', 'install', 'self-issued'] as const)('kind %s', kind => {
  test('where a version cannot be read, the compromised key ends, and people hear that something is left', async () => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.keyOf('AWSCURRENT')!;
    const leakedVersion = world.holder('AWSCURRENT')!;
    world.beginRotation(stuck);
    // By whoever may store values: to keep a containment from its work.
    const store = unreadable(world, stuck);
    const responded = await respond({ ...tools, store }, trigger());
    expect(outcomeOf(responded)).toBe('unfinished');
    expect(responded).toMatchObject({ error: { message: 'AWSPENDING holds no key' } });
    expect(world.holder('AWSCURRENT')).not.toBe(leakedVersion);
    if (kind === 'self-issued') expect(world.keyOf('AWSPREVIOUS')).toBeUndefined();
    else expect(world.live).not.toContain(leaked);
    world.labels = Object.fromEntries(Object.entries(world.labels).filter(([id]) => id !== stuck));
    world.marks.delete(stuck);
    expect(outcomeOf(await respond({ ...tools, runId: 'run-2' }, trigger()))).toBe('contained');
  });

  test('where something else was stored in the place of the compromised key, that is replaced, and the key ends', async () => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.keyOf('AWSCURRENT')!;
    world.seed(theirs, undefined);
    world.keys = world.keys.filter(({ id }) => id === leaked);
    const responded = await respond({ ...tools, store: unreadable(world, theirs) }, trigger());
    expect(responded).toMatchObject({ error: { message: 'AWSPENDING holds no key' } });
    expect(world.holder('AWSCURRENT')).not.toBe(theirs);
    if (kind !== 'self-issued') expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
  });

  test('where something else is stored in the place of the replacement, that is replaced, and the key ends', async () => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.keyOf('AWSCURRENT')!;
    world.gate = async name => {
      if (name === 'clock.sleep' && !world.versions.has(theirs)) {
        world.versions.set(theirs, { createdAt: world.clock.now(), value: 'unissued' });
        world.labels = labelNewValue(world.labels, theirs, undefined);
      }
      return undefined;
    };
    const responded = await respond({ ...tools, store: unreadable(world, theirs) }, trigger());
    expect(responded).toMatchObject({ error: { message: 'AWSPENDING holds no key' } });
    expect(world.holder('AWSCURRENT')).not.toBe(theirs);
    if (kind !== 'self-issued') expect(world.live).not.toContain(leaked);
  });

  test('a version that could not be asked for ends no other key, and no containment', async () => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.holder('AWSCURRENT')!;
    world.seed(stuck, ['AWSPENDING']);
    const store = unreadable(world, leaked, new KeyturnError('no-answer', 'AWS throttles'));
    const before = world.live;
    expect(outcomeOf(await respond({ ...tools, store }, trigger()))).toBe('unfinished');
    for (const id of before) expect(world.live).toContain(id);
    expect(outcomeOf(await respond({ ...tools, runId: 'run-2' }, trigger()))).toBe('contained');
  });
});

const byPerson = (response: 'replace-first' | 'revoke-first') => ({
  cause: { by: 'person', requestedBy: 'a', reason: 'leaked', graceSeconds: 5, response } as const,
});

describe.each(kinds)('kind %s', kind => {
  const ways = (['unissued', 'ended'] as const).flatMap(text =>
    (['replace-first', 'revoke-first'] as const).map(response => [text, response] as const),
  );
  test.each(ways)(
    'stored over a key, the text of one that is %s hides it from no order: %s',
    async (text, response) => {
      const { world, tools, trigger } = setUpResponse({ kind });
      const leaked = world.keyOf('AWSCURRENT')!;
      const leakedVersion = world.holder('AWSCURRENT')!;
      storeTheirs(world, text);
      expect(outcomeOf(await respond(tools, trigger(byPerson(response))))).toBe('contained');
      expect(world.keyOf('AWSCURRENT')).toBeDefined();
      expect(world.live).not.toContain(leaked);
      expect(Object.keys(world.labels)).not.toContain(leakedVersion);
    },
  );

  test.each([
    ['that a first rotation has stored is one', true],
    ['that a first rotation has not stored yet is none', false],
  ])('a key %s', async (_, isStored) => {
    const { world, tools, trigger } = setUpResponse({ kind });
    world.storeUnissued('version-of-the-secret-as-it-was-made');
    world.keys = [];
    world.beginRotation(stuck);
    if (isStored) world.seed(stuck, ['AWSPENDING']);
    expect(outcomeOf(await respond(tools, trigger()))).toBe(isStored ? 'contained' : 'unissued');
    expect(world.holder('AWSCURRENT')).not.toBe(stuck);
    expect(world.keyOf('AWSCURRENT') !== undefined).toBe(isStored);
  });
});

test('a label of a team keeps no key in a secret that has ended: none is made in its place', async () => {
  const { world, tools, trigger } = setUpResponse();
  const before = world.holder('AWSCURRENT')!;
  await world.secrets.end(world.state, 'version-that-says-that-it-has-ended-0001');
  const current = world.holder('AWSCURRENT')!;
  world.labels = { [current]: world.labels[current]!, [before]: ['before-the-move'] };
  expect(outcomeOf(await respond(tools, trigger()))).toBe('unissued');
  expect(world.callsOf('make')).toEqual([]);
});

test.each(handMadeKinds)(
  'kind %s: stored over a key, the text of a secret without one hides none',
  async kind => {
    const { world, tools, trigger } = setUpResponse({ kind });
    const leaked = world.keyOf('AWSCURRENT')!;
    storeTheirs(world, 'unissued');
    // As the person does who gives the order: no API ends such a key.
    if (kind === 'manual') world.keys = [];
    expect(outcomeOf(await respond(tools, trigger(byPerson('revoke-first'))))).toBe('not-replaced');
    expect(world.live).not.toContain(leaked);
    expect(world.certified.map(({ keyId }) => keyId)).toContain(leaked);
  },
);

function unreadable(
  world: World,
  versionId: string,
  error = new KeyturnError('bad-secret', 'AWSPENDING holds no key'),
): World['store'] {
  const refuse = () => {
    throw error;
  };
  return {
    ...world.store,
    read: async (state, label) =>
      world.holder(label) === versionId ? refuse() : world.store.read(state, label),
    readVersion: async (state, id) => (id === versionId ? refuse() : world.store.readVersion(state, id)),
  };
}
