import { respond } from '../../../core/incident/response';
import type { SecretValue } from '../../../core/key/secret-value';
import type { IssueProvider } from '../../../core/provider';
import { createSecret } from '../../../core/rotation/rotation';
import { endedLabel, isEnded } from '../../../core/rotation/secret-store';
import { hourMs } from '../../../core/time';
import { end, heldKeys, setUpEnd, token } from '../support/end';
import { outcomeOf, setUpResponse } from '../support/response-setup';
import { kinds } from '../support/world';

describe.each(kinds)('the end of a key, %s', kind => {
  it('leaves no live key, and a secret that says so', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    expect(outcomeOf(await setup.order())).toBe('ended');
    expect(heldKeys(setup)).toEqual([]);
    expect(Object.values(world.labels)).toEqual([['AWSCURRENT', endedLabel]]);
    expect(isEnded(world.state)).toBe(true);
    expect(world.certified.map(({ of }) => of)).toEqual(['ended']);
    expect([...world.marks]).toEqual([]);
  });

  it('ends the previous key, and one of a rotation that is under way', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    if (kind !== 'roll') world.seed('version-of-a-newer-key-0000000000002', undefined);
    world.beginRotation(token);
    // The step stops after the provider was called.
    if (kind === 'issue') world.loseAnswerTo('make');
    await createSecret(setup.rotationTools, { secretId: world.arn, token }).catch(() => {});
    await setup.order();
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('ends a key that a rotation stores while it waits', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    world.beginRotation(token);
    let slept = false;
    world.gate = async name => {
      if (name === 'clock.sleep' && !slept) {
        slept = true;
        world.labels = { ...world.labels, [token]: ['AWSPENDING'] };
        await createSecret(setup.rotationTools, { secretId: world.arn, token });
      }
      return undefined;
    };
    await setup.order();
    expect(slept).toBe(true);
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('is finished by later runs, wherever a run stops', async () => {
    const whole = setUpEnd(kind);
    await whole.order();
    const { calls } = whole.world;
    expect(calls).toBeGreaterThan(5);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= calls; at++) {
        const setup = setUpEnd(kind);
        const { world } = setup;
        let n = 0;
        world.gate = async name => {
          if (++n !== at) return undefined;
          if (mode === 'after') return 'after';
          throw new Error(`stopped before ${name}`);
        };
        await setup.order().catch(() => {});
        for (let run = 2; run < 5; run++) await setup.order(`run-${run}`);
        expect({ at, mode, live: heldKeys(setup), ended: isEnded(world.state) }).toEqual({
          at,
          mode,
          live: [],
          ended: true,
        });
      }
    }
  });

  it('refuses a rotation afterwards, and leaves a containment nothing to do', async () => {
    const setup = setUpEnd(kind);
    const { world, tools } = setup;
    await setup.order();
    world.beginRotation(token);
    const before = [...world.everAlive];
    await expect(createSecret(setup.rotationTools, { secretId: world.arn, token })).rejects.toThrow(
      'prod/acme/bot was ended, so no key is made for it; to use it again, take it out of the configuration, deploy, run `npx keyturn end --forget prod/acme/bot`, and add it again',
    );
    const revoke = { ...end, response: 'replace-first' } as const;
    const { address } = world.state;
    const trigger = {
      incidentId: '20261123T040000Z-00000002',
      address,
      cause: revoke,
      at: world.clock.now(),
    };
    const contained = await respond(tools, { ...trigger, drill: false, dryRun: false });
    expect(outcomeOf(contained)).toBe('unissued');
    expect([...world.everAlive]).toEqual(before);
    expect(heldKeys(setup)).toEqual([]);
  });

  it('ends a key that somebody stores just before it is said to have ended', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    let stored = 0;
    world.gate = async name => {
      if (name === 'end' && !stored++) {
        if (kind === 'roll') world.keys = [];
        world.seed('version-of-somebody-elses-key-000000005', undefined);
      }
      return undefined;
    };
    await setup.order();
    expect(stored).toBeGreaterThan(0);
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });

  it('is not ended any more where a rotation left something behind; ends it once more', async () => {
    const setup = setUpEnd(kind);
    const { world } = setup;
    await setup.order();
    world.seed('version-of-a-late-key-00000000000004', ['AWSPENDING']);
    expect(isEnded(world.state)).toBe(false);
    await setup.order('run-9', '20261123T050000Z-00000009');
    expect(heldKeys(setup)).toEqual([]);
    expect(isEnded(world.state)).toBe(true);
  });
});

it('waits for an incident that replaces the key, and then ends it with its replacement', async () => {
  const { world, tools, trigger, records } = setUpResponse();
  const order = async (changes: Parameters<typeof trigger>[0], runId: string) => {
    const responded = await respond({ ...tools, runId }, trigger(changes));
    if (responded.as === 'ended') await records.save(responded.incident);
    return responded;
  };
  const theEnd = { incidentId: '20261123T040001Z-00000002', cause: end };
  let beside: ReturnType<typeof order> | undefined;
  world.gate = async name => {
    if (name === 'clock.sleep') beside ??= order(theEnd, 'run-2');
    return undefined;
  };
  expect(outcomeOf(await order({}, 'run-1'))).toBe('contained');
  expect(await beside).toMatchObject({ incident: { status: 'waiting', outcome: 'covered' } });
  expect(outcomeOf(await order(theEnd, 'run-3'))).toBe('ended');
  expect([world.live, isEnded(world.state)]).toEqual([[], true]);
});

it('does not say that a key has ended that the provider still accepts', async () => {
  const { world, tools, trigger } = setUpResponse();
  const provider = { ...world.provider(), revoke: async () => {} };
  const accepting = { ...tools, provider: async () => provider as ReturnType<typeof world.provider> };
  const responded = await respond(accepting, trigger({ cause: end }));
  expect(outcomeOf(responded)).toBe('unfinished');
  expect(isEnded(world.state)).toBe(false);
});

it('leaves it to the next run where somebody stores a value each time: three times in one', async () => {
  const setup = setUpEnd('issue');
  const { world } = setup;
  let stored = 0;
  world.gate = async name => {
    if (name === 'list')
      world.seed(`version-of-somebody-elses-key-${String(++stored).padStart(8, '0')}`, undefined);
    return undefined;
  };
  expect(outcomeOf(await setup.order())).toBe('unfinished');
  // A pass lists the provider's keys three times.
  expect(stored).toBe(9);
});

it('ends a secret that never had a key', async () => {
  const setup = setUpEnd('issue');
  setup.world.keys = [];
  setup.world.storeUnissued('version-of-the-template-0000000000001');
  expect(outcomeOf(await setup.order())).toBe('ended');
  expect(isEnded(setup.world.state)).toBe(true);
});

describe('where dead and live keys can get the same answer', () => {
  function denying(isListed: boolean) {
    const { world, tools, trigger } = setUpResponse();
    const real = world.provider() as IssueProvider;
    const provider = {
      ...real,
      verify: async (value: SecretValue) => {
        const verdict = await real.verify(value);
        return verdict === 'rejected' ? ('denied' as const) : verdict;
      },
      control: async () => 'accepted' as const,
      list: async () => (isListed ? real.list() : []),
    };
    return {
      world,
      order: () => respond({ ...tools, provider: async () => provider }, trigger({ cause: end })),
    };
  }

  it('believes the list that showed the key before its end, also of a run that stopped after the revocation', async () => {
    const { world, order } = denying(true);
    world.loseAnswerTo('revoke');
    expect(outcomeOf(await order())).toBe('unfinished');
    expect(world.live).toEqual([]);
    expect(outcomeOf(await order())).toBe('ended');
  });

  it('does not believe a list that never showed it', async () => {
    const { world, order } = denying(false);
    expect(outcomeOf(await order())).toBe('unfinished');
    expect(isEnded(world.state)).toBe(false);
  });
});

test('a key that a rotation made and lost hours ago ends with the others', async () => {
  const setup = setUpEnd('issue');
  const { world } = setup;
  world.beginRotation(token);
  world.loseAnswerTo('make');
  await createSecret(setup.rotationTools, { secretId: world.arn, token }).catch(() => {});
  const { [token]: _, ...labels } = world.labels;
  world.labels = labels;
  world.nowMs += 2 * hourMs;
  expect(world.live).toHaveLength(2);
  expect(outcomeOf(await setup.order())).toBe('ended');
  expect(world.live).toEqual([]);
});

test.each(kinds)('the current and the previous key get a certificate, %s', async kind => {
  const setup = setUpEnd(kind);
  const { world } = setup;
  if (kind === 'roll') world.keys = [];
  world.seed('version-of-a-newer-key-0000000000002', undefined);
  await setup.order();
  expect(new Set(world.certified.map(({ versionId }) => versionId)).size).toBe(2);
});
