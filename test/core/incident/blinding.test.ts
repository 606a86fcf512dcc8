// What somebody who can set off cheap signals may delay, and what he never hides: what CloudTrail saw.
import { respond } from '../../../core/incident/response';
import { outcomeOf, setUpResponse } from '../support/response-setup';
import type { World } from '../support/world';

const read = (signal: 'new-reader' | 'new-address' | 'failed-reads' = 'new-reader') =>
  ({
    by: 'watch',
    signal,
    principal: 'arn:aws:iam::111111111111:user/mallory',
    source: '198.51.100.23',
  }) as const;

describe('the breaker', () => {
  /** One key each of seven servers, or of one; what became of them. */
  async function storm(server?: string) {
    const s = setUpResponse();
    const outcomes: string[] = [];
    for (let n = 1; n <= 7; n++) {
      s.records.facts = {};
      const address = { ...s.world.state.address, server: server ?? `server-${n}` };
      const incidentId = `20261123T040000Z-0000000${n}`;
      const responded = await respond(s.tools, s.trigger({ incidentId, address }));
      if (responded.as !== 'ended') throw new Error('not ended');
      await s.records.save(responded.incident);
      const { incident, tripped = '' } = responded;
      outcomes.push(`${incident.status} ${incident.outcome} ${tripped}`.trim());
      s.world.nowMs += 1000;
    }
    return { ...s, outcomes };
  }

  test('the sixth key within a quarter of an hour trips it once, and waits', async () => {
    const { outcomes } = await storm();
    expect(new Set(outcomes.slice(0, 5))).toEqual(new Set(['closed contained']));
    expect(outcomes.slice(5)).toEqual(['waiting breaker-open environment', 'waiting breaker-open']);
  });

  test("one server's fourth key trips that server's", async () => {
    const { outcomes } = await storm('evil');
    expect(outcomes.slice(3)).toEqual([
      'waiting breaker-open server',
      ...Array(3).fill('waiting breaker-open'),
    ]);
  });

  test('what CloudTrail saw passes while metrics have it open', async () => {
    const { tools, trigger, records } = await storm();
    records.facts = {};
    const incidentId = '20261123T050000Z-00000001';
    expect(outcomeOf(await respond(tools, trigger({ incidentId, cause: read() })))).toBe('contained');
  });

  test('what it stopped is taken up after the hour, and not told of again before', async () => {
    const { world, tools, trigger, records } = await storm();
    records.facts = {};
    const stopped = trigger({ incidentId: '20261123T040000Z-00000007' });
    world.nowMs += 50 * 60_000;
    const again = await respond({ ...tools, runId: 'run-1' }, stopped);
    expect(again).toMatchObject({ as: 'ended', isNews: false, incident: { status: 'waiting' } });
    if (again.as === 'ended') await records.save(again.incident);
    world.nowMs += 10 * 60_000;
    const live = [...world.live];
    expect(await respond(tools, stopped)).toMatchObject({ isNews: true, incident: { outcome: 'contained' } });
    expect(world.live).not.toEqual(live);
  });
});

describe('what CloudTrail saw is not hidden by what others can set off', () => {
  const minutes = (world: World, n: number) => new Date(world.nowMs + n * 60_000);

  test('a containment within the hour cools nothing down', async () => {
    const { world, tools, trigger, records } = setUpResponse();
    records.facts = { lastContainedAt: minutes(world, -1), noKeyBefore: minutes(world, -2) };
    expect(outcomeOf(await respond(tools, trigger({ cause: read() })))).toBe('contained');
  });

  test('a read while the replacement was under way is not late: it may have been of the replacement', async () => {
    const { world, tools, trigger, records } = setUpResponse();
    records.facts = { lastContainedAt: minutes(world, -1), noKeyBefore: minutes(world, -3) };
    const cause = read();
    expect(outcomeOf(await respond(tools, trigger({ cause, at: minutes(world, -2) })))).toBe('contained');
  });

  test.each([
    ['more than five seconds before the containment began is late', 5_001, 'late'],
    ['five seconds before it may have been after it: clocks differ', 5_000, 'contained'],
  ])('a read %s', async (_, ms, outcome) => {
    const { world, tools, trigger, records } = setUpResponse();
    const noKeyBefore = minutes(world, -2);
    records.facts = { lastContainedAt: minutes(world, -1), noKeyBefore };
    const at = new Date(noKeyBefore.getTime() - ms);
    expect(outcomeOf(await respond(tools, trigger({ cause: read(), at })))).toBe(outcome);
  });

  test('after a rollback by a person no read is late: the older key is current again', async () => {
    const { world, tools, trigger, records } = setUpResponse();
    records.facts = { lastContainedAt: minutes(world, -1) };
    const at = minutes(world, -10);
    expect(outcomeOf(await respond(tools, trigger({ cause: read(), at })))).toBe('contained');
  });

  test('while another incident has the key it waits, and then replaces what that one made', async () => {
    const { world, tools, trigger, records } = setUpResponse();
    records.heldBy = '20261123T035959Z-00000000';
    const waiting = await respond(tools, trigger({ cause: read() }));
    expect(waiting).toMatchObject({ isNews: true, incident: { status: 'waiting', outcome: 'covered' } });
    if (waiting.as === 'ended') await records.save(waiting.incident);
    records.heldBy = undefined;
    records.facts = { lastContainedAt: minutes(world, 0), noKeyBefore: minutes(world, -1) };
    expect(outcomeOf(await respond(tools, trigger({ cause: read() })))).toBe('contained');
  });

  test('a containment notes when it began, from which on the current key can have been read', async () => {
    const { world, tools, trigger, records } = setUpResponse();
    const began = world.nowMs;
    await respond(tools, trigger());
    expect(records.facts.noKeyBefore?.getTime()).toBe(began);
    expect(records.facts.lastContainedAt?.getTime()).toBeGreaterThan(began);
  });
});
