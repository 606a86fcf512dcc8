// What servers say on the wrong channel: the keys of every process that still runs are taken out of it, however many were given before.

import type { KeySource } from '../../../../client/keys/sources/key-source';
import { createLaunches } from '../../../../client/run/host/launches';
import { createRedaction } from '../../../../core/text/redaction';

jest.mock('../../../../core/text/redaction', () => {
  const actual = jest.requireActual('../../../../core/text/redaction');
  return { ...actual, createRedaction: jest.fn(actual.createRedaction) };
});

const variables = ['main', 'second'].map(purpose => ({
  name: purpose.toUpperCase(),
  field: 'secret',
  address: { environment: 'prod', provider: 'resend', server: 'mail-bot', purpose },
}));
const secretOf = (purpose: string, n: number) => `re_${purpose}_${'k'.repeat(20)}_${n}_end`;

function launching() {
  let n = 1;
  let isAway = false;
  const source = {
    async read({ provider, purpose }) {
      if (isAway && purpose === 'second') throw new Error('AWS is away');
      if (isAway) n++;
      const value = {
        provider,
        keyId: `${n}`,
        secret: secretOf(purpose, n),
        issuedAt: '2027-01-01T00:00:00Z',
      };
      return { versionId: `${n}`, value };
    },
  } as KeySource;
  const launches = createLaunches(variables, source, {}, () => ({}));
  return {
    launches,
    async to(last: number) {
      for (; n <= last; n++) await launches.prepare(n);
      n = last;
    },
    /** One key is a new one each time, and the other cannot be read. */
    async failing(times: number) {
      isAway = true;
      for (let time = 0; time < times; time++)
        await launches.prepare(n + 1).catch((error: Error) => expect(error.message).toBe('AWS is away'));
      isAway = false;
    },
  };
}

test('the keys of ten processes are hidden, and of no more', async () => {
  const { launches, to } = launching();
  await to(12);
  const said = (n: number) => launches.redaction().redact(`${secretOf('main', n)} ${secretOf('second', n)}`);
  expect(said(12)).toBe('[key] [key]');
  expect(said(3)).toBe('[key] [key]');
  expect(said(2)).toBe(`${secretOf('main', 2)} ${secretOf('second', 2)}`);
});

test('months of tokens are not searched for', async () => {
  const { launches, to } = launching();
  await to(2000);
  launches.redaction();
  expect([...jest.mocked(createRedaction).mock.lastCall![0]]).toHaveLength(20);
});

test('launches that fail push nothing out', async () => {
  const { launches, to, failing } = launching();
  await to(1);
  await failing(50);
  expect(launches.redaction().redact(secretOf('second', 1))).toBe('[key]');
});
