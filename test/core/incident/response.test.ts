// What is done about a trigger.
import type { Trigger } from '../../../core/incident/incident';
import { respond } from '../../../core/incident/response';
import { outcomeOf, setUpResponse } from '../support/response-setup';
import type { World } from '../support/world';

test('an alarm that calls for it has the key contained, and every step is recorded', async () => {
  const { world, records, tools, trigger, published } = setUpResponse();
  const compromised = world.keyOf('AWSCURRENT')!;
  const responded = await respond(tools, trigger());
  expect(outcomeOf(responded)).toBe('contained');
  expect(world.live).not.toContain(compromised);
  expect(published).toEqual(['Key Rotated', 'Key Contained']);
  expect([...records.incidents.values()][0]!.steps.map(({ what }) => what)).toEqual([
    'decided',
    'found',
    'promoted',
    'announced',
    'revoked',
    'rejected',
    'announced',
  ]);
});

test('the same notification twice is one containment', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  const ended = await respond(tools, trigger());
  if (ended.as === 'ended') await records.save(ended.incident);
  const after = [...world.live];
  expect(await respond({ ...tools, runId: 'run-2' }, trigger())).toEqual({ as: 'skipped' });
  expect(world.live).toEqual(after);
});

test('while one run has an incident, another passes it', async () => {
  const { tools, trigger, records } = setUpResponse();
  await records.open({ ...trigger(), openedAt: new Date(0), status: 'open', steps: [] }, 'run-1');
  expect(await respond({ ...tools, runId: 'run-2' }, trigger())).toEqual({ as: 'skipped' });
});

/** Labels and marks are read first, and every call takes 50 ms. */
const decidedAt = (world: World) => world.nowMs + 100;

describe('what is left alone', () => {
  const minutesAgo = (world: World, n: number) => new Date(world.nowMs - n * 60_000);
  const cases: [string, string, (s: ReturnType<typeof setUpResponse>) => Partial<Trigger>][] = [
    [
      'a signal that only tells',
      'told',
      () => ({ cause: { by: 'alarm', signal: 'volume-ceiling', alarmArn: 'arn' } }),
    ],
    [
      'a key that works, though it is refused',
      'key-works',
      () => ({ cause: { by: 'alarm', signal: 'auth-failures', alarmArn: 'arn' } }),
    ],
    [
      'a late notification about a key that was replaced since',
      'late',
      ({ world, records }) => {
        records.facts = { lastContainedAt: minutesAgo(world, 5) };
        return { at: minutesAgo(world, 10) };
      },
    ],
    [
      'a key that was contained within the hour',
      'cooling-down',
      ({ world, records }) => {
        records.facts = { lastContainedAt: new Date(decidedAt(world) - 3_600_000 + 1) };
        return {};
      },
    ],
    [
      'a silenced key',
      'silenced',
      ({ world, records }) => {
        records.facts = { silencedUntil: new Date(decidedAt(world) + 1) };
        return {};
      },
    ],
    [
      'a key that another incident has in hand',
      'covered',
      ({ records }) => {
        records.heldBy = '20261123T035959Z-00000000';
        return {};
      },
    ],
    ['a drill', 'drill', () => ({ drill: true })],
    ['a dry run', 'dry-run', () => ({ dryRun: true })],
  ];
  test.each(cases)('%s: %s', async (_, outcome, prepare) => {
    const s = setUpResponse();
    const before = [...s.world.live];
    const responded = await respond(s.tools, s.trigger(prepare(s)));
    expect(outcomeOf(responded)).toBe(outcome);
    expect(s.world.live).toEqual(before);
    expect(s.world.announced).toEqual([]);
  });

  test('everything, where the environment only watches', async () => {
    const { world, tools, trigger } = setUpResponse({ automatic: false });
    const before = [...world.live];
    expect(outcomeOf(await respond(tools, trigger()))).toBe('dry-run');
    expect(world.live).toEqual(before);
  });

  test('a notification of the very moment of the containment is late, the next one is not', async () => {
    const { world, records, tools, trigger } = setUpResponse();
    const lastContainedAt = minutesAgo(world, 5);
    records.facts = { lastContainedAt };
    expect(outcomeOf(await respond(tools, trigger({ at: lastContainedAt })))).toBe('late');
    const next = { at: new Date(lastContainedAt.getTime() + 1), incidentId: '20261123T040000Z-00000002' };
    expect(outcomeOf(await respond(tools, trigger(next)))).toBe('cooling-down');
  });

  test('a silence that is over silences nothing', async () => {
    const { world, records, tools, trigger } = setUpResponse();
    records.facts = { silencedUntil: new Date(decidedAt(world)) };
    expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
  });

  test('an alarm after the hour is acted on again', async () => {
    const { world, records, tools, trigger } = setUpResponse();
    records.facts = { lastContainedAt: new Date(decidedAt(world) - 60 * 60_000) };
    expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
  });
});

test('auth-failures: a key that the provider rejects is replaced', async () => {
  const { world, tools, trigger } = setUpResponse();
  world.keys = [];
  const cause = { by: 'alarm', signal: 'auth-failures', alarmArn: 'arn' } as const;
  expect(outcomeOf(await respond(tools, trigger({ cause })))).toBe('contained');
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
});

test('auth-failures: while the provider cannot say, nothing is done, and it is asked again', async () => {
  const { world, tools, trigger } = setUpResponse();
  world.down = true;
  const cause = { by: 'alarm', signal: 'auth-failures', alarmArn: 'arn' } as const;
  const before = [...world.live];
  expect((await respond(tools, trigger({ cause }))).as).toBe('unfinished');
  expect(world.live).toEqual(before);
});

test("a person's order passes cooldown, silence, breaker and the table of signals", async () => {
  const { world, records, tools, trigger } = setUpResponse({ automatic: false });
  records.facts = { lastContainedAt: new Date(world.nowMs - 1), silencedUntil: new Date(world.nowMs + 1e9) };
  records.countAutomatic = async () => ({ as: 'open', scope: 'environment' });
  const ordered = { response: 'revoke-first', graceSeconds: 0 } as const;
  const cause = { by: 'person', requestedBy: 'me', reason: 'leaked', ...ordered } as const;
  expect(outcomeOf(await respond(tools, trigger({ cause })))).toBe('contained');
});

test('the second look is taken, also where the note of the decision was lost', async () => {
  const { world, records, tools, trigger } = setUpResponse({ kind: 'exclusive' });
  const append = records.append.bind(records);
  records.append = async (incident, step) => {
    if (step.what !== 'decided') await append(incident, step);
  };
  const first = await respond(tools, trigger());
  if (first.as !== 'ended') throw new Error('not ended');
  await records.save(first.incident);
  // As the last call of a rotation can: it sweeps what it does not know.
  const swept = world.keyOf('AWSCURRENT');
  world.keys = [];
  expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
  expect(world.keyOf('AWSCURRENT')).not.toBe(swept);
  expect(world.live).toEqual([world.keyOf('AWSCURRENT')]);
});

test('an event bus that is away stops nothing, and is recorded', async () => {
  const { records, tools, trigger } = setUpResponse();
  const publish = async () => Promise.reject(new Error('EventBridge is away'));
  expect(outcomeOf(await respond({ ...tools, publish }, trigger()))).toBe('contained');
  const [incident] = records.incidents.values();
  expect(incident!.steps.filter(({ what }) => what === 'not-announced')).toHaveLength(2);
});

test('servers are told of a containment once, and not of a second look that finds all well', async () => {
  const { records, tools, trigger, published } = setUpResponse({ kind: 'exclusive' });
  const first = await respond(tools, trigger());
  if (first.as !== 'ended') throw new Error('not ended');
  expect([first.incident.status, ...published]).toEqual(['check-again', 'Key Rotated', 'Key Contained']);
  await records.save(first.incident);
  expect(outcomeOf(await respond(tools, trigger()))).toBe('contained');
  expect(published.filter(what => what === 'Key Contained')).toHaveLength(1);
});

test('what was compromised stays marked until the keys that go together with it have ended, too', async () => {
  const { world, tools, trigger } = setUpResponse();
  const compromised = world.holder('AWSCURRENT')!;
  let marksThen: string[] | undefined;
  const othersEnded = async () => {
    marksThen = [...world.marks];
  };
  expect(outcomeOf(await respond({ ...tools, othersEnded }, trigger()))).toBe('contained');
  expect([marksThen, [...world.marks]]).toEqual([[compromised], []]);
});
