// Certificates on the table of the local model, and the second looks that are due.
import type { CertifiedKey, Look } from '../../../../core/ending/certificate';
import { secondLookAfterMs } from '../../../../core/ending/certificate';
import { dayMs, hourMs, secondMs } from '../../../../core/time';
import {
  type CertificateRecords,
  createCertificates,
  readCertificates,
} from '../../../../lambda/aws/table/certificates';
import { createTable, type Table } from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

let setup: FunctionSetup;
let table: Table;
let certificates: CertificateRecords;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
  table = createTable(setup.dynamoDb, 'prod');
  certificates = createCertificates(table, setup.clock);
});
afterEach(() => setup.close());

const key = (keyId: string): CertifiedKey => ({
  address: { environment: 'prod', provider: 'openai', server: 'bot', purpose: 'main' },
  versionId: `version-of-${keyId}`,
  keyId,
  of: 'superseded',
});
const look = (order: Look['look'], finding: Look['finding']): Look => {
  const at = setup.clock.now().toISOString();
  const verdict = finding === 'accepted' ? 'accepted' : 'rejected';
  return { look: order, by: 'retirement', revokedAt: at, finding, probes: [{ at, verdict }] };
};

test('looks add up in one certificate, which is found by the id of its key alone', async () => {
  await certificates.add(key('k'), look('first', 'accepted'));
  await certificates.add(key('k'), look('first', 'rejected'));
  await certificates.add(key('k2'), look('first', 'rejected'));
  const [found, ...others] = await readCertificates(table, 'k');
  expect(others).toEqual([]);
  expect(found).toMatchObject({ ...key('k'), looks: [{ finding: 'accepted' }, { finding: 'rejected' }] });
  expect(await readCertificates(table, 'k3')).toEqual([]);
  expect(await readCertificates(table)).toHaveLength(2);
});

test('a look whose answer got lost stands there once', async () => {
  const losing: Table = {
    ...table,
    async putNew(item) {
      await table.putNew(item);
      return table.putNew(item);
    },
  };
  await createCertificates(losing, setup.clock).add(key('k'), look('first', 'rejected'));
  expect((await readCertificates(table, 'k'))[0]?.looks).toHaveLength(1);
});

test('the second look is due two hours after the first, until it is settled', async () => {
  await certificates.add(key('k'), look('first', 'rejected'));
  await setup.passMs(2 * hourMs - secondMs);
  expect(await certificates.due()).toEqual([]);
  await setup.passMs(secondMs);
  const [due] = await certificates.due();
  expect(due?.certificate).toMatchObject(key('k'));
  await due?.settle();
  expect(await certificates.due()).toEqual([]);
});

test.each([
  ['first', 'accepted', 0],
  ['first', 'unknown', 0],
  ['first', 'label-removed', 0],
  ['first', 'unlisted', 0],
  ['second', 'rejected', 0],
  // Revoked again, and so to be looked at again.
  ['second', 'accepted', 1],
] as const)('a %s look that found it %s makes %i further ones due', async (order, finding, count) => {
  await certificates.add(key('k'), look(order, finding));
  await setup.passMs(secondLookAfterMs);
  expect(await certificates.due()).toHaveLength(count);
});

test('a certificate is kept for three years', async () => {
  await certificates.add(key('k'), look('first', 'rejected'));
  const [item] = setup.model.dynamoDb.items('keyturn-prod').filter(({ pk }) => pk?.S === 'certificate');
  const keptMs = Number(item?.expiresAt?.N) * 1000 - setup.clock.now().getTime();
  expect(Math.round(keptMs / dayMs)).toBe(3 * 365);
});
