// What people are told of keys that nothing proves to be Keyturn's: what a function has written down, and no event's word.
import { parseSecretName } from '../../../../core/key/key-address';
import type { Notice } from '../../../../core/notices/notice';
import type { SecretState } from '../../../../core/rotation/secret-store';
import { createTell } from '../../../../lambda/aws/notify/tell-news';
import { createAttempts } from '../../../../lambda/aws/table/attempts';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { type DeployedKeys, deployedKeys, plainSpec as spec } from '../../../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const key = (n: number) => parseSecretName(`keyturn/prod/sendgrid/bot-${n}/main`);
let setup: FunctionSetup;
let table: Table;
let deployed: DeployedKeys;
let told: Notice[];

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-tell');
  table = createTable(setup.dynamoDb, 'prod');
  deployed = deployedKeys();
  for (const n of [1, 2]) deployed.register(key(n), spec);
  told = [];
});
afterEach(() => setup.close());

const tell = (event: unknown) =>
  createTell(
    { environment: 'prod', alarmsTopic: 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms' },
    {
      registry: deployed.registry,
      table,
      notify: async notice => void told.push(notice),
      clock: setup.clock,
    },
  )(event);

test('a key that nothing proves to be one is told of once, as it was written down and not as an event says', async () => {
  const attempts = createAttempts(table, setup.clock, async () => {});
  const found = (keyId: string) =>
    attempts.tellUnproven({ address: key(1) } as SecretState, {
      id: keyId,
      createdAt: new Date('2026-11-19T00:00:00Z'),
    });
  await found('k-9');
  const event = {
    source: 'keyturn',
    'detail-type': 'Key Unproven',
    detail: { ...key(1), keyId: 'k-9', createdAt: '2026-11-20T00:00:00Z' },
  };
  await tell(event);
  await tell(event);
  expect(told).toMatchObject([{ state: 'happened', keys: ['prod/sendgrid/bot-1'] }]);
  expect(JSON.stringify(told)).toContain('2026-11-19');
  expect(JSON.stringify(told)).not.toContain('2026-11-20');
  const other = { ...event, detail: { ...event.detail, keyId: 'k-10' } };
  // Anybody who may put events on the bus.
  await tell(other);
  await tell({ ...event, detail: { ...event.detail, ...key(2) } });
  expect(told).toHaveLength(1);
  await found('k-10');
  await tell(other);
  expect(told).toHaveLength(2);
});
