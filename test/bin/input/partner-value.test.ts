// What a person enters for a key that AWS rotates.
import { readPartnerValue } from '../../../bin/input/partner-value';
import { connectors } from '../../../connectors/index';
import type { Key } from '../../../lib/config/config';
import { needed } from '../../../rehearsal/world/needed';

const partner = needed(connectors.confluent.awsPartner, 'a partner');
const value = { apiKey: 'KEY', apiSecret: 'made-up-secret', serviceAccountId: 'sa-1' };
const clock = { now: () => new Date('2026-11-29T00:00:00Z'), sleep: async () => {} };

function enter(text: string, env: Record<string, string> = {}) {
  const address = { environment: 'prod', provider: 'confluent', server: 'bot', purpose: 'main' };
  const key = { address, env } as unknown as Key;
  const terminal = { readSecret: async () => text };
  return readPartnerValue(key, partner, terminal as never, clock);
}

test('a value is stored as it was entered, and read as every key', async () => {
  const { value: read, stored } = await enter(JSON.stringify(value, null, 2));
  expect(stored).toEqual(value);
  expect(read).toMatchObject({
    secret: 'made-up-secret',
    keyId: 'KEY',
    issuedAt: '2026-11-29T00:00:00.000Z',
  });
});

test.each([
  ['no JSON', 'made-up-secret', 'it is not a JSON object'],
  ['a list', '["made-up-secret"]', 'it is not a JSON object'],
  ['a field is missing', JSON.stringify({ ...value, apiSecret: undefined }), 'it has no apiSecret'],
  [
    'a field that AWS does not name',
    JSON.stringify({ ...value, 'made-up-secret': 'x' }),
    'a field that AWS does not use',
  ],
  ['a key of a cluster', JSON.stringify({ ...value, resourceId: 'lkc-1' }), 'a field that AWS does not use'],
  ['a number', JSON.stringify({ ...value, serviceAccountId: 7 }), 'its serviceAccountId is not text'],
  ['a key in quotes', JSON.stringify({ ...value, apiSecret: '"made-up-secret"' }), 'its key is in quotes'],
])('refused, and never quoted: %s', async (_, text, said) => {
  const refused = await enter(text).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: 'usage', message: expect.stringContaining(said) });
  expect((refused as Error).message).not.toContain('made-up-secret');
  expect((refused as Error).message).toContain('enter {"apiKey", "apiSecret", "serviceAccountId"}');
});

test('a field that its server expects has to be there', async () => {
  await expect(enter(JSON.stringify(value), { ID: 'clusterId' })).rejects.toThrow(
    'expects the field "clusterId"',
  );
});
