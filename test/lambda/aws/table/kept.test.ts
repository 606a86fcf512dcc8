// How long each item of the table is kept: what is forgotten too early is told, tried or believed again, and what is kept for ever costs.
import { begin, type Trigger } from '../../../../core/incident/incident';
import type { SecretState } from '../../../../core/rotation/secret-store';
import { dayMs } from '../../../../core/time';
import { createRefusals } from '../../../../lambda/aws/notify/refusals';
import { createReads } from '../../../../lambda/aws/reads/known-places';
import type { NamedRead } from '../../../../lambda/aws/reads/secret-read';
import { createTellOfUnknown } from '../../../../lambda/aws/registry/unknown-secrets';
import { createAttempts } from '../../../../lambda/aws/table/attempts';
import { createCertificates } from '../../../../lambda/aws/table/certificates';
import { createIncidentRecords } from '../../../../lambda/aws/table/incidents';
import { createProblems } from '../../../../lambda/aws/table/problems';
import { noteServerRead } from '../../../../lambda/aws/table/server-reads';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

let setup: FunctionSetup;
let table: Table;
beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
  table = createTable(setup.dynamoDb, 'prod');
});
afterEach(() => setup.close());

const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const state = { address } as SecretState;
const notify = async () => {};

/** Days from now on, by the first word of the partition key. */
function keptDays(): Record<string, number> {
  const items = setup.model.dynamoDb.items('keyturn-prod') as {
    pk: { S: string };
    expiresAt?: { N: string };
  }[];
  const nowMs = setup.clock.now().getTime();
  return Object.fromEntries(
    items.map(({ pk, expiresAt }) => [
      pk.S.replace(/#.*/, ''),
      Math.round(((Number(expiresAt?.N) * 1000 - nowMs) / dayMs) * 100) / 100,
    ]),
  );
}

const problem = () => ({
  at: setup.clock.now(),
  notice: { about: 'keyturn/prod/x' } as never,
  group: { name: 'g', member: 'm', notice: () => ({}) as never },
});
const incident = (): Trigger => ({
  incidentId: '20261123T040000Z-00000001',
  address,
  cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' },
  at: setup.clock.now(),
  drill: false,
  dryRun: false,
});
const reads = () => createReads({ ...setup, table, publishSignal: async () => {} });
const theRead = () => ({ eventId: 'e', at: setup.clock.now(), principal: 'p', source: 's' }) as NamedRead;
const look = (at: string) =>
  ({
    look: 'first',
    by: 'retirement',
    revokedAt: at,
    finding: 'rejected',
    probes: [{ at, verdict: 'rejected' }],
  }) as const;

test.each<[string, () => Promise<unknown>, Record<string, number>]>([
  [
    'an incident, for more than a year',
    () => {
      const records = createIncidentRecords(table, setup.clock, notify);
      return records.open(begin(incident(), setup.clock.now()), 'run');
    },
    { incident: 400 },
  ],
  [
    'a certificate for three years, and the look that is to come for two weeks',
    () => {
      const key = { address, versionId: 'v', keyId: 'k', of: 'superseded' } as const;
      const at = setup.clock.now().toISOString();
      return createCertificates(table, setup.clock).add(key, look(at));
    },
    { certificate: 1095, 'second-look': 14 },
  ],
  [
    'a problem for a year, and who shares it for a month',
    () => createProblems({ table, notify, clock: setup.clock }).begin(problem()),
    { problem: 365, 'problem-group': 30 },
  ],
  [
    'a problem that is over, for a week',
    () => createProblems({ table, notify, clock: setup.clock }).end(problem()),
    { problem: 7 },
  ],
  [
    'an attempt for a hundred days',
    () =>
      createAttempts(table, setup.clock, notify).begin(
        state,
        { name: 'n', versionId: 'v', at: setup.clock.now() },
        [],
      ),
    { attempt: 100 },
  ],
  [
    "a key that is proven to be nobody's, for a month",
    () => createAttempts(table, setup.clock, notify).tellUnproven(state, { id: 'k' }),
    { unproven: 30 },
  ],
  [
    'a read by a server, for more than a year',
    () => noteServerRead(table, address, setup.clock.now()),
    { 'server-read': 400 },
  ],
  [
    'a secret that is not ours, for two days',
    () => createTellOfUnknown('prod', { table, notify, clock: setup.clock })([{ address, why: 'x' }]),
    { 'unknown-secret': 2 },
  ],
  ['a signal, for a month', () => reads().raise('new-reader', address, theRead()), { signal: 30 }],
  [
    'the count of refused reads, for a month',
    () => reads().countRefusedRead(address, theRead()),
    { 'refused-reads': 30 },
  ],
  [
    'a refusal, for four hours',
    () => createRefusals('prod', { table, notify, clock: setup.clock })('why', 'from'),
    { refusal: 0.17 },
  ],
])('%s', async (_, write, expected) => {
  const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await write();
  } finally {
    written.mockRestore();
  }
  expect(keptDays()).toEqual(expected);
});
