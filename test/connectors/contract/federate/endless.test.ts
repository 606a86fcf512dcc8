// A server makes an exchange every few minutes for as long as it runs: none costs more than the one before, and what still works stays hidden.
import * as z from 'zod/mini';
import { bindFederation } from '../../../../connectors/contract/bind-federation';
import { federationOf } from '../../../../connectors/contract/federation';
import { loadConnector } from '../../../../connectors/load';
import { KeyturnError } from '../../../../core/errors';
import { createRedaction } from '../../../../core/text/redaction';
import { needed } from '../../../../rehearsal/world/needed';
import { TestClock } from '../../../support/provider-setup';

jest.mock('../../../../core/text/redaction', () => {
  const actual = jest.requireActual('../../../../core/text/redaction');
  return { ...actual, createRedaction: jest.fn(actual.createRedaction) };
});
const made = jest.mocked(createRedaction);

const secretOf = (kind: string, n: number) => `${kind}-${'x'.repeat(20)}-${n}-end`;

async function bound(exchange: (n: number) => string) {
  const federation = needed(federationOf(await loadConnector('openai')), 'a federation');
  const clock = new TestClock();
  let n = 0;
  return bindFederation(
    {
      ...federation,
      settings: z.object({}),
      audience: () => 'https://provider.example.com',
      exchange: async () => ({
        token: exchange(n),
        expiresAt: new Date(clock.now().getTime() + 60_000).toISOString(),
      }),
    },
    { settings: {}, clock, identity: async () => secretOf('jwt', ++n) },
  );
}

test('the hundredth exchange looks for as many secrets as the second', async () => {
  const token = await bound(n => secretOf('token', n));
  await token();
  for (let n = 0; n < 100; n++) await token();
  const sizes = made.mock.calls.map(([secrets]) => [...secrets].length);
  expect(sizes).toHaveLength(101);
  expect([sizes[0], sizes[1], sizes.at(-1)]).toEqual([2, 3, 3]);
});

test('a provider that quotes the token before tells nobody of it', async () => {
  const token = await bound(n => {
    if (n < 3) return secretOf('token', n);
    throw new KeyturnError('refused', `replaced ${secretOf('token', 2)} by ${secretOf('jwt', 3)}`);
  });
  await token();
  await token();
  await expect(token()).rejects.toThrow(/^replaced \[key\] by \[key\]$/);
});
