// What meets an outage is tried again, and told of.
import type { Trigger } from '../../../core/incident/incident';
import { type ResponseResult, respond } from '../../../core/incident/response';
import { retryUntilDeadline } from '../../../core/incident/retry';
import { outcomeOf, setUpResponse } from '../support/response-setup';

const inTenMinutes = ({ nowMs }: { nowMs: number }) => new Date(nowMs + 10 * 60_000);

test('an outage: told after the first try, tried every minute, contained once it is over', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  const compromised = world.keyOf('AWSCURRENT')!;
  world.down = true;
  const told: string[] = [];
  const report = async (responded: ResponseResult[]) => {
    for (const one of responded) {
      told.push(one.as);
      if (one.as === 'ended') await records.save(one.incident);
      if (told.length === 4) world.down = false;
    }
  };
  const ended = await retryUntilDeadline(
    [trigger()],
    one => respond(tools, one),
    report,
    world.clock,
    inTenMinutes(world),
  );
  expect(told).toEqual(['unfinished', 'unfinished', 'unfinished', 'unfinished', 'ended']);
  expect(ended.map(outcomeOf)).toEqual(['contained']);
  expect(world.live).not.toContain(compromised);
  // The same failure is written down once.
  const [incident] = records.incidents.values();
  expect(incident!.steps.filter(({ what }) => what === 'failed')).toHaveLength(1);
});

test('a step that is taken again is written down once, with the time of the first', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  const { provider } = world.tools;
  if (!('revoke' in provider)) throw new Error('it keeps no keys');
  let tries = 0;
  const revoke: typeof provider.revoke = async (...given) => {
    if (++tries < 3) throw new Error('stopped');
    return provider.revoke(...given);
  };
  const stopping = { ...tools, provider: async () => ({ ...provider, revoke }) };
  const report = async () => {};
  await retryUntilDeadline(
    [trigger()],
    one => respond(stopping, one),
    report,
    world.clock,
    inTenMinutes(world),
  );
  const [incident] = records.incidents.values();
  const promoted = incident?.steps.filter(({ what }) => what === 'promoted') ?? [];
  expect(tries).toBe(3);
  expect(promoted).toHaveLength(1);
  expect(promoted[0]?.at).toBe(incident?.steps.find(({ what }) => what === 'announced')?.at);
});

test('an outage that lasts ends the invocation in time, and leaves the incident open', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  world.down = true;
  const began = world.nowMs;
  const ended = await retryUntilDeadline(
    [trigger()],
    one => respond(tools, one),
    async () => {},
    world.clock,
    inTenMinutes(world),
  );
  expect(ended.map(({ as }) => as)).toEqual(['unfinished']);
  expect((world.nowMs - began) / 60_000).toBeGreaterThan(9);
  expect((world.nowMs - began) / 60_000).toBeLessThan(11);
  expect([...records.incidents.values()][0]!.status).toBe('open');
});

test('while nothing can be written down: the incidents of one order are tried again one by one', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  const away = async () => {
    throw new Error('the table is away');
  };
  const [open, save] = [records.open.bind(records), records.save.bind(records)];
  records.open = away;
  const other = { ...trigger(), incidentId: '20261123T040000Z-00000002' };
  const respondTo = async (one: Trigger) => {
    if (one.incidentId === other.incidentId) return { as: 'skipped' as const };
    return respond(tools, one);
  };
  const told: string[] = [];
  const report = async (responded: ResponseResult[]) => {
    told.push(...responded.map(({ as }) => as));
    // Then it can be begun, but not put down; a minute later all is well.
    [records.open, records.save] = [open, told.length < 3 ? away : save];
    world.down = told.length < 3;
  };
  const ended = await retryUntilDeadline(
    [trigger(), other],
    respondTo,
    report,
    world.clock,
    inTenMinutes(world),
  );
  expect(told).toEqual(['unfinished', 'skipped', 'unfinished', 'ended']);
  expect(ended.map(outcomeOf)).toEqual(['skipped', 'contained']);
});

test('what cannot be written down to the end is unfinished, for the caller to come again', async () => {
  const { world, records, tools, trigger } = setUpResponse();
  records.open = async () => {
    throw new Error('the table is away');
  };
  const began = world.nowMs;
  const ended = await retryUntilDeadline(
    [trigger()],
    one => respond(tools, one),
    async () => {},
    world.clock,
    inTenMinutes(world),
  );
  expect(ended).toMatchObject([{ as: 'unfinished', error: { message: 'the table is away' } }]);
  expect(world.nowMs - began).toBeGreaterThan(5 * 60_000);
  expect(world.nowMs - began).toBeLessThan(15 * 60_000);
});
