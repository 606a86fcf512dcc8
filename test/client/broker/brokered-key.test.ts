// Which keys can be put in, what stands in their place, and which hosts are theirs.
import { brokeredKeys, isAt } from '../../../client/broker/brokered-key';
import type { Variable } from '../../../client/doctor/variables';

const variable = (provider: string, purpose = 'main'): Variable => ({
  name: 'KEY',
  address: { environment: 'prod', server: 'support-bot', provider, purpose },
  field: 'secret',
});
const keysOf = (variables: Variable[], settings?: Record<string, unknown>) =>
  brokeredKeys(variables, () => settings);

test.each([
  ['https://api.example.com', 'api.example.com', 443, true],
  ['https://api.example.com', 'api.example.com', 8443, false],
  ['https://api.example.com:8443', 'api.example.com', 8443, true],
  ['https://api.example.com:8443', 'api.example.com', 443, false],
  ['https://api.example.com', 'api.example.com.evil.example.org', 443, false],
  ['https://api.example.com', 'other-api.example.com', 443, false],
  ['https://*.example.com', 'a.example.com', 443, true],
  ['https://*.example.com', 'a.b.example.com', 443, true],
  ['https://*.example.com', 'example.com', 443, false],
  ['https://*.example.com', '.example.com', 443, false],
  ['https://*.example.com', 'an-example.com', 443, false],
])('%s, asked as %s:%i: %s', (origin, host, port, is) => {
  expect(isAt(origin, host, port)).toBe(is);
});

test('no two keys have the same placeholder, nor one that begins another', async () => {
  const names = Array.from({ length: 12 }, (_, index) => variable('openrouter', `use-${index}`));
  const placeholders = (await keysOf(names, {})).map(({ placeholder }) => placeholder);
  for (const one of placeholders) expect(placeholders.filter(other => other.includes(one))).toEqual([one]);
});

test.each([
  ['self-issued', {}, 'servers do not send such a key anywhere'],
  [
    'postgres',
    { host: 'db.example.com', database: 'app', role: 'app_owner' },
    'it signs, or signs in to a session, and stands in no request',
  ],
  ['aws-iam', {}, 'it signs, or signs in to a session, and stands in no request'],
  ['grafana', undefined, 'its settings say where it is sent, and are not known here'],
  [
    'grafana',
    { host: 'localhost:3000', serviceAccountId: '7' },
    'servers ask https://localhost:3000 without a proxy',
  ],
  ['grafana', { host: '127.0.0.1', serviceAccountId: '7' }, 'servers ask https://127.0.0.1 without a proxy'],
])('a key of %s with the settings %j cannot be put in', async (provider, settings, why) => {
  await expect(keysOf([variable(provider)], settings)).rejects.toThrow(
    `the broker cannot put in prod/${provider}/support-bot: ${why}; `,
  );
});
