// Records of incidents on the table of the local model: what a lost answer, and an item of an earlier release, become.
import { begin, incidentTime, type Trigger } from '../../../../core/incident/incident';
import { minuteMs, secondMs } from '../../../../core/time';
import { createIncidentRecords } from '../../../../lambda/aws/table/incidents';
import {
  createTable,
  incidentKey,
  keyKey,
  number,
  type Table,
  text,
} from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

let setup: FunctionSetup;
let table: Table;
let refused: string[];
const refuse = async (why: string) => void refused.push(why);

beforeEach(async () => {
  refused = [];
  setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
  table = createTable(setup.dynamoDb, 'prod');
});
afterEach(() => setup.close());

const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const incidentId = '20261123T040000Z-00000001';
const trigger: Trigger = {
  incidentId,
  address,
  cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' },
  at: new Date('2026-11-23T04:00:00Z'),
  drill: false,
  dryRun: false,
};

const idAt = (at: Date, n: number) => `${incidentTime(at)}-0000000${n}`;

/** Every change is sent twice, as the SDK does where the answer to the first got lost. */
function losingAnswers(): Table {
  return {
    ...table,
    async change(...change) {
      await table.change(...change);
      return table.change(...change);
    },
  };
}

test('a run whose answer got lost has the incident all the same, and no other has', async () => {
  const incident = begin(trigger, setup.clock.now());
  const records = createIncidentRecords(table, setup.clock, refuse);
  await records.open(incident, 'run-1');
  await records.save(incident);
  const losing = createIncidentRecords(losingAnswers(), setup.clock, refuse);
  expect(await losing.open(incident, 'run-2')).toMatchObject({ as: 'resumed' });
  expect(await losing.open(incident, 'run-3')).toEqual({ as: 'skipped' });
});

test('of runs that take it up at once, one has it', async () => {
  const incident = begin(trigger, setup.clock.now());
  const records = createIncidentRecords(table, setup.clock, refuse);
  await records.open(incident, 'run-1');
  await records.save(incident);
  const opened = await Promise.all(['run-2', 'run-3', 'run-4'].map(run => records.open(incident, run)));
  expect(opened.map(({ as }) => as).sort()).toEqual(['resumed', 'skipped', 'skipped']);
});

test('which versions a key had is noted once, also where the answer got lost', async () => {
  const incident = begin(trigger, setup.clock.now());
  const records = createIncidentRecords(losingAnswers(), setup.clock, refuse);
  await records.open(incident, 'run-1');
  expect(await records.noteVersions(incident, ['v1', 'v2'])).toEqual(['v1', 'v2']);
  expect(await records.noteVersions(incident, ['v1', 'v2', 'v3'])).toEqual(['v1', 'v2']);
});

test('of incidents that take a key at once, one has it, and the others hear which', async () => {
  const records = createIncidentRecords(table, setup.clock, refuse);
  const ids = [1, 2, 3].map(n => idAt(setup.clock.now(), n));
  const holders = await Promise.all(ids.map(id => records.hold(address, id)));
  const has = ids.filter((_, place) => holders[place] === undefined);
  expect(has).toHaveLength(1);
  expect(holders.filter(holder => holder !== undefined)).toEqual([has[0], has[0]]);
});

test('a key is held by one incident, until that is saved or its run must have ended', async () => {
  const records = createIncidentRecords(table, setup.clock, refuse);
  const other = '20261123T040000Z-00000002';
  expect(await records.hold(address, incidentId)).toBeUndefined();
  expect(await records.hold(address, incidentId)).toBeUndefined();
  expect(await records.hold(address, other)).toBe(incidentId);
  expect(await records.hold({ ...address, purpose: 'other' }, other)).toBeUndefined();
  await setup.passMs(16 * minuteMs - secondMs);
  expect(await records.hold(address, other)).toBe(incidentId);
  await setup.passMs(secondMs);
  expect(await records.hold(address, other)).toBeUndefined();
  expect(await records.hold(address, incidentId)).toBe(other);
  const incident = begin({ ...trigger, incidentId: other }, setup.clock.now());
  await records.save(incident);
  expect(await records.hold(address, incidentId)).toBeUndefined();
});

test('a run that has it keeps it for a minute longer than a function may take, and no other has it before', async () => {
  const at = setup.clock.now();
  const own = { ...trigger, incidentId: idAt(at, 1), at };
  const incident = begin(own, at);
  const records = createIncidentRecords(table, setup.clock, refuse);
  await records.open(incident, 'run-1');
  await setup.passMs(16 * minuteMs - secondMs);
  expect(await records.open(incident, 'run-2')).toEqual({ as: 'skipped' });
  expect(await records.due()).toEqual([]);
  await setup.passMs(secondMs);
  expect(await records.due()).toMatchObject([{ incidentId: own.incidentId }]);
  expect(await records.open(incident, 'run-2')).toMatchObject({ as: 'resumed' });
});

test("a person's order that 0.1.0 wrote down is carried out as it was given", async () => {
  const order = { response: 'revoke-first', graceSeconds: 30 };
  const person = { by: 'person', requestedBy: 'me', reason: 'leaked' };
  const openedAt = setup.clock.now();
  await table.putNew({
    ...incidentKey(incidentId, address),
    incident: text(JSON.stringify({ ...trigger, cause: person, ordered: order, openedAt, status: 'open' })),
    steps: { L: [] },
    status: text('open'),
    expiresAt: number(openedAt.getTime() / 1000 + 3600),
  });
  const opened = await createIncidentRecords(table, setup.clock, refuse).open(
    begin(trigger, openedAt),
    'run-1',
  );
  expect(opened).toMatchObject({ as: 'resumed', incident: { cause: { ...person, ...order } } });
});

test('a record that Keyturn cannot have written is told of and not taken up; those beside it are', async () => {
  const records = createIncidentRecords(table, setup.clock, refuse);
  const now = setup.clock.now();
  const own = { ...trigger, incidentId: idAt(now, 1), at: now };
  await records.open(begin(own, now), 'run-1');
  await setup.passMs(17 * 60_000);
  const forged = {
    ...trigger,
    incidentId: idAt(now, 2),
    at: now,
    cause: { by: 'person', response: 'revoke-first' },
  };
  await table.putNew({
    ...incidentKey(forged.incidentId, address),
    incident: text(JSON.stringify({ ...forged, openedAt: now })),
    status: text('open'),
  });
  expect((await records.due()).map(({ incidentId }) => incidentId)).toEqual([own.incidentId]);
  expect(refused).toEqual([expect.stringContaining(`the record ${forged.incidentId}#prod/sendgrid`)]);
});

test('a silence that nobody can have ordered does not hold, and people are told', async () => {
  const records = createIncidentRecords(table, setup.clock, refuse);
  await table.putNew({ ...keyKey(address), silencedUntil: number(Date.parse('9999-01-01')) });
  expect(await records.keyFacts(address)).toEqual({});
  expect(refused).toEqual([expect.stringContaining('longer than the 72 hours')]);
});
