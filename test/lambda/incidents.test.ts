// Records of incidents on the table of the local model: what a lost answer, and an item of an earlier release, become.
import { begin, type Trigger } from '../../core/incident/incident';
import { createIncidentRecords } from '../../lambda/aws/table/incidents';
import { createTable, incidentKey, number, type Table, text } from '../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../support/function-setup';

let setup: FunctionSetup;
let table: Table;

beforeEach(async () => {
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
  const records = createIncidentRecords(table, setup.clock);
  await records.open(incident, 'run-1');
  await records.save(incident);
  const losing = createIncidentRecords(losingAnswers(), setup.clock);
  expect(await losing.open(incident, 'run-2')).toMatchObject({ as: 'resumed' });
  expect(await losing.open(incident, 'run-3')).toEqual({ as: 'skipped' });
});

test('of runs that take it up at once, one has it', async () => {
  const incident = begin(trigger, setup.clock.now());
  const records = createIncidentRecords(table, setup.clock);
  await records.open(incident, 'run-1');
  await records.save(incident);
  const opened = await Promise.all(['run-2', 'run-3', 'run-4'].map(run => records.open(incident, run)));
  expect(opened.map(({ as }) => as).sort()).toEqual(['resumed', 'skipped', 'skipped']);
});

test('which versions a key had is noted once, also where the answer got lost', async () => {
  const incident = begin(trigger, setup.clock.now());
  const records = createIncidentRecords(losingAnswers(), setup.clock);
  await records.open(incident, 'run-1');
  expect(await records.noteVersions(incident, ['v1', 'v2'])).toEqual(['v1', 'v2']);
  expect(await records.noteVersions(incident, ['v1', 'v2', 'v3'])).toEqual(['v1', 'v2']);
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
  const opened = await createIncidentRecords(table, setup.clock).open(begin(trigger, openedAt), 'run-1');
  expect(opened).toMatchObject({ as: 'resumed', incident: { cause: { ...person, ...order } } });
});
