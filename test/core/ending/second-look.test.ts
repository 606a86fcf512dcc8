// The second look at a key that was rejected in a row.
import { deathState, type Look, secondLookAfterMs, secondLookDue } from '../../../core/ending/certificate';
import { endPrevious } from '../../../core/ending/retirement';
import { lookAgain } from '../../../core/ending/second-look';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Provider, Verdict } from '../../../core/provider';
import { World } from '../support/world';

const first = 'version-1';
const second = 'version-2';

/** A superseded key that was retired. */
async function retired() {
  const world = new World('issue');
  world.seed(first, undefined);
  world.seed(second, undefined);
  await endPrevious(world.tools, world.state, 'retirement');
  const [certified] = world.certified;
  if (!certified) throw new Error('it has no certificate');
  const { look, ...key } = certified;
  const again = (said?: Verdict | ((key: SecretValue) => Verdict)) => {
    const provider = world.provider();
    const verify = async (key: SecretValue) => (typeof said === 'function' ? said(key) : (said ?? 'unknown'));
    const flapping: Provider = said ? { ...provider, verify } : provider;
    return lookAgain(world.tools, async () => flapping, { ...key, looks: [look] });
  };
  const looks = () => world.certified.map(one => one.look);
  return { world, look, again, looks };
}

test('a key that is rejected again is dead', async () => {
  const { world, again, looks } = await retired();
  expect(deathState({ looks: looks() })).toBe('rejected');
  world.nowMs += secondLookAfterMs;
  expect(await again()).toBe('dead');
  expect(deathState({ looks: looks() })).toBe('dead');
  expect(looks().map(({ by, probes }) => [by, probes.length])).toEqual([
    ['retirement', 4],
    ['second look', 2],
  ]);
});

test.each(['rejected', 'denied', 'unknown'] as const)(
  'where the current key is %s as well, nothing is said of the old one, and the next look may',
  async said => {
    const { world, again, looks } = await retired();
    const held = world.versions.get(first)?.value;
    const refused = typeof held === 'object' ? held.secret : undefined;
    const asking = (toCurrent: Verdict) =>
      again(({ secret }) => (secret === refused ? 'rejected' : toCurrent));
    expect(await asking(said)).toBe('unknown');
    expect(deathState({ looks: looks() })).toBe('rejected');
    expect(looks().at(-1)).toMatchObject({ finding: 'unknown', live: said });
    expect(await asking('accepted')).toBe('dead');
    expect(looks().at(-1)).toMatchObject({ finding: 'rejected', live: 'accepted' });
    expect(world.made.filter(call => call === 'revoke')).toHaveLength(1);
  },
);

test('one that is accepted is revoked again before it is noted, and alive', async () => {
  const { world, again, looks } = await retired();
  const from = world.calls;
  expect(await again('accepted')).toBe('alive');
  expect(world.made.slice(from).filter(call => call === 'revoke' || call === 'certify')).toEqual([
    'revoke',
    'certify',
  ]);
  expect(deathState({ looks: looks() })).toBe('alive');
});

test('one that nobody can tell of stays as it was', async () => {
  const { again, looks } = await retired();
  expect(await again('unknown')).toBe('unknown');
  expect(deathState({ looks: looks() })).toBe('rejected');
});

test.each(['AWSPREVIOUS', 'AWSPENDING', 'KEYTURN-REVOKE'])(
  'one whose version has %s again is left to whoever ends that',
  async label => {
    const { world, again, looks } = await retired();
    world.labels = { ...world.labels, [first]: [label] };
    expect(await again('accepted')).toBe('over');
    expect(looks()).toHaveLength(1);
  },
);

test('one that a person made current again is not revoked', async () => {
  const { world, again } = await retired();
  world.labels = { [first]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] };
  const from = world.calls;
  expect(await again('accepted')).toBe('over');
  expect(world.made.slice(from)).not.toContain('revoke');
});

test('one that a person has stored once more is not revoked, also where it is superseded and in use', async () => {
  const { world, again } = await retired();
  const adopted = 'version-3';
  world.versions.set(adopted, world.versions.get(first)!);
  world.labels = { ...world.labels, [adopted]: ['AWSPREVIOUS'] };
  const from = world.calls;
  expect(await again('accepted')).toBe('over');
  expect(world.made.slice(from)).not.toContain('revoke');
});

test('one whose value AWS holds no more is over', async () => {
  const { world, again } = await retired();
  world.versions.delete(first);
  expect(await again('accepted')).toBe('over');
});

test('a certificate that cannot be written keeps the label, and the key is asked about again', async () => {
  const world = new World('issue');
  world.seed(first, undefined);
  world.seed(second, undefined);
  world.loseAnswerTo('certify');
  await expect(endPrevious(world.tools, world.state, 'retirement')).rejects.toThrow(
    'the answer to certify was lost',
  );
  expect(world.holder('AWSPREVIOUS')).toBe(first);
  await endPrevious(world.tools, world.state, 'retirement');
  expect(world.holder('AWSPREVIOUS')).toBeUndefined();
  expect(world.certified).toHaveLength(2);
});

describe('the state that a certificate tells', () => {
  const look = (order: Look['look'], finding: Look['finding']): Look => ({
    look: order,
    by: 'x',
    revokedAt: '2026-11-23T03:00:00.000Z',
    finding,
    probes: [],
  });
  test.each([
    ['unproven', [look('first', 'unknown')]],
    ['alive', [look('first', 'accepted')]],
    ['alive', [look('first', 'accepted'), look('first', 'unknown')]],
    ['rejected', [look('first', 'accepted'), look('first', 'rejected')]],
    ['rejected', [look('first', 'rejected'), look('second', 'unknown')]],
    ['alive', [look('first', 'rejected'), look('second', 'accepted')]],
    ['dead', [look('first', 'rejected'), look('second', 'accepted'), look('second', 'rejected')]],
    ['dead', [look('first', 'unlisted')]],
    ['dead', [look('first', 'label-removed')]],
    ['unproven', []],
  ] as [string, Look[]][])('%s: %j', (state, looks) => {
    expect(deathState({ looks })).toBe(state);
  });

  test('the second look is due two hours after the last probe of the first', () => {
    const probes = [
      { at: '2026-11-23T03:00:01.000Z', verdict: 'rejected' as const },
      { at: '2026-11-23T03:00:11.000Z', verdict: 'rejected' as const },
    ];
    expect(secondLookDue({ ...look('first', 'rejected'), probes }).toISOString()).toBe(
      '2026-11-23T05:00:11.000Z',
    );
  });
});
