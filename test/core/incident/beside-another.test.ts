// A person orders that a key dies at once, while another incident has it: that one may give servers minutes, or find no new key.
import { respond } from '../../../core/incident/response';
import { minuteMs } from '../../../core/time';
import { outcomeOf, setUpResponse } from '../support/response-setup';
import { handMadeKinds, type Kind, kinds } from '../support/world';

const unhurried = { by: 'person', orderedBy: 'a', reason: '', response: 'replace-first', graceSeconds: 600 };
const firstOrder = { incidentId: '20261123T040000Z-00000001', cause: unhurried };
const urgentOrder = {
  incidentId: '20261123T040001Z-00000002',
  cause: { ...unhurried, response: 'revoke-first' },
};

function setUp(kind: Kind) {
  const { world, tools, trigger, records } = setUpResponse({ kind });
  const order = async (changes: object, runId: string) => {
    const responded = await respond({ ...tools, runId }, trigger(changes));
    if (responded.as === 'ended') await records.save(responded.incident);
    return responded;
  };
  return { world, records, order, leaked: world.keyOf('AWSCURRENT')! };
}

describe.each(['issue', 'exclusive', 'install'] as const)('kind %s', kind => {
  test('the key dies while servers have minutes to fetch the new one, and is replaced once', async () => {
    const { world, order, leaked } = setUp(kind);
    let seen: unknown;
    world.gate = async name => {
      if (name !== 'clock.sleep' || seen) return undefined;
      seen = 'asked';
      const urgent = await order(urgentOrder, 'run-2');
      seen = { urgent, lives: world.live.includes(leaked) };
      return undefined;
    };
    expect(outcomeOf(await order(firstOrder, 'run-1'))).toBe('contained');
    expect(seen).toMatchObject({
      urgent: { incident: { status: 'waiting', outcome: 'covered', coveredBy: firstOrder.incidentId } },
      lives: false,
    });
    const replacement = world.keyOf('AWSCURRENT')!;
    expect(outcomeOf(await order(urgentOrder, 'run-3'))).toBe('contained');
    expect([world.keyOf('AWSCURRENT'), world.live]).toEqual([replacement, [replacement]]);
  });

  test('the key dies although nothing can be put in its place, and is replaced once that can be', async () => {
    const { world, order, leaked } = setUp(kind);
    let isAsked = false;
    world.gate = async name => {
      if (!['make', 'install'].includes(name)) return undefined;
      if (!isAsked) {
        isAsked = true;
        await order(urgentOrder, 'run-2');
      }
      throw new Error('this provider makes no keys today');
    };
    expect(outcomeOf(await order(firstOrder, 'run-1'))).toBe('unfinished');
    expect([isAsked, world.live]).toEqual([true, []]);
    world.gate = async () => undefined;
    expect(outcomeOf(await order(urgentOrder, 'run-3'))).toBe('contained');
    expect([world.keyOf('AWSCURRENT') === leaked, world.live]).toEqual([false, [world.keyOf('AWSCURRENT')]]);
  });
});

test.each(kinds)(
  'kind %s: at any call of the other incident, both close, and what is current works',
  async kind => {
    let explored = 0;
    for (let n = 1; ; n++) {
      const { world, order, records, leaked } = setUp(kind);
      const target = world.calls + n;
      let isReached = false;
      world.gate = async () => {
        if (isReached || world.calls !== target) return undefined;
        isReached = true;
        await order(urgentOrder, 'run-2');
        return undefined;
      };
      await order(firstOrder, 'run-1');
      if (!isReached) break;
      explored++;
      for (let run = 3; run < 6; run++) {
        world.nowMs += 5 * minuteMs;
        await order(firstOrder, `run-${run}`);
        await order(urgentOrder, `run-${run}`);
      }
      const current = world.keyOf('AWSCURRENT')!;
      expect({
        n,
        statuses: [...records.incidents.values()].map(({ status }) => status),
        isReplaced: current !== leaked,
        marks: [...world.marks],
        live: kind === 'self-issued' ? [current] : world.live,
      }).toEqual({ n, statuses: ['closed', 'closed'], isReplaced: true, marks: [], live: [current] });
    }
    expect(explored).toBeGreaterThan(10);
  },
);

test.each(handMadeKinds)(
  'kind %s: a second order leaves it to the first, which revokes first by itself',
  async kind => {
    const { world, records, order } = setUp(kind);
    records.heldBy = firstOrder.incidentId;
    const { live } = world;
    expect(await order(urgentOrder, 'run-2')).toMatchObject({
      incident: { status: 'closed', outcome: 'covered', coveredBy: firstOrder.incidentId },
    });
    expect([world.live, world.callsOf('revoke')]).toEqual([live, []]);
  },
);
