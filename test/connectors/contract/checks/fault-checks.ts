// What happens when calls go wrong: what is repeated, what never is, and what people get to read.
import type { ErrorCode } from '../../../../core/errors';
import type { SecretValue } from '../../../../core/key/secret-value';
import type { CallKind, WireReply } from '../../../../rehearsal/providers/dialect';
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';
import type { ProviderSetup } from '../../../support/provider-setup';
import { type Check, deadVerdicts, expectError, handMade, mapTexts, operations } from './check';
import { lastingFaults, nameOfFault, passingFaults } from './provider-faults';

const called = ['issue', 'install', 'roll', ...handMade] as const;

/** What each lasting trouble must be called. */
const lasting: typeof lastingFaults = [
  [{ kind: 'status', status: 401 }, 'issuer-rejected'],
  ...lastingFaults,
];

export const faultChecks: Check[] = [
  ...passingFaults.map(
    (fault): Check => ({
      name: `safe calls are sent again after one ${nameOfFault(fault)}`,
      kinds: called,
      async run(setup) {
        const values = [await setup.newKey('version-1'), await setup.newKey('version-2')];
        for (const [name, operation] of Object.entries(operations(setup, values))) {
          if (name === 'create') continue;
          const [callsBefore, passedBefore] = [setup.calls.length, setup.clock.passed];
          setup.faultOnce(fault);
          await operation();
          expect(setup.calls.length - callsBefore).toBeGreaterThan(1);
          expect(setup.clock.passed - passedBefore).toBeGreaterThanOrEqual(1000);
        }
      },
    }),
  ),
  ...passingFaults.map(
    (fault): Check => ({
      name: `a create is sent once, whatever happens (${nameOfFault(fault)})`,
      kinds: ['issue'],
      async run(setup) {
        const codes: Record<string, ErrorCode> = { '429': 'rate-limited', status: 'provider-down' };
        setup.faults(call => (call.kind === 'create' ? fault : undefined));
        await expectError(setup.newKey(), codes[fault.kind] ?? 'no-answer', setup);
        expect(setup.calls.filter(({ kind }) => kind === 'create')).toHaveLength(1);
        expect(setup.calls.at(-1)?.kind).toBe('create');
        setup.faults(() => undefined);
        // Whether or not it was carried out can be seen, and mended.
        const listed = await setup.provider.list();
        expect(listed).toHaveLength(fault.kind === 'drop-after' ? 1 : 0);
        for (const { id } of listed) await setup.provider.revoke(id);
        expect(await setup.provider.list()).toEqual([]);
      },
    }),
  ),
  {
    name: 'an install whose answers get lost is mended by doing it again',
    kinds: ['install', 'roll'],
    async run({ provider, keyName, clock, account, calls, faults }) {
      for (let lost = 0; lost < 3; lost++) {
        const value = await provider.make(keyName(`version-${lost}`), clock.now());
        const from = calls.length;
        // The n-th call of the installation, and with it all that the connector resends.
        faults(({ index }) => (index - from >= lost ? { kind: 'drop-after' } : undefined));
        await provider.install(value).catch(() => {});
        faults(() => undefined);
        await provider.install(value);
        await clock.sleep(provider.propagation.createMs);
        const mine = account.ownerOf(value.secret);
        expect(account.keys.filter(key => key.secret === mine?.secret)).toHaveLength(1);
        expect(await provider.verify(value)).toBe('accepted');
        for (const key of account.keys) account.revoke(key);
      }
    },
  },
  {
    name: 'an install that is carried out late, after it was done again, is listed once and takes no room',
    kinds: ['install'],
    async run(setup) {
      const { provider, newKey } = setup;
      const value = await installedLate(setup);
      expect((await provider.list()).map(({ id }) => id)).toEqual([value.keyId]);
      const next = await newKey('version-2');
      expect([await provider.verify(value), await provider.verify(next)]).toEqual(['accepted', 'accepted']);
    },
  },
  {
    name: 'a key whose install was carried out late, after it was done again, ends as a whole',
    kinds: ['install'],
    async run(setup) {
      const { provider, clock } = setup;
      const value = await installedLate(setup);
      await provider.revoke(value.keyId, value);
      await clock.sleep(provider.propagation.revokeMs);
      expect(deadVerdicts(provider)).toContain(await provider.verify(value));
      expect(await provider.list()).toEqual([]);
    },
  },
  ...lasting.map(
    ([fault, code]): Check => ({
      name: `${nameOfFault(fault)} is told as ${code}, with a fix and without a secret`,
      // Where no issuer credential is asked with, none is at fault: hand-made-checks.ts.
      kinds: ['issuer-rejected', 'refused'].includes(code)
        ? called.filter(kind => kind !== 'holder-revoked')
        : called,
      async run(setup) {
        const values = [await setup.newKey('version-1'), await setup.newKey('version-2')];
        for (const operation of Object.values(operations(setup, values))) {
          setup.faults(() => fault);
          const { message } = await expectError(operation(), code, setup);
          expect(message).toContain(setup.connector.title);
          expect(message).toMatch(/^[^;]+[;,] .{20,}$/s);
          if (code === 'issuer-rejected')
            expect(message).toContain(`npx keyturn issuer set ${setup.connector.provider}`);
          if (code === 'refused') expect(message).toMatch(/the issuer credential needs .{5,}/);
        }
      },
    }),
  ),
  {
    name: 'an answer without the secret is a bad reply; where the provider never sees it, no call has it',
    kinds: ['issue'],
    async run(setup) {
      if (setup.dialect.knownBy) {
        const { secret } = await setup.newKey();
        const [, inner = secret] = /KEY-----\n(.+)\n/.exec(secret) ?? [];
        return expect(JSON.stringify(setup.exchanges)).not.toContain(inner);
      }
      // Some wrap a key as base64 of a file.
      const wraps = (text: string, secret: string) =>
        Buffer.from(text, 'base64').toString().includes(JSON.stringify(secret).slice(1, -1));
      const blank = (secret: string) => (text: string) =>
        wraps(text, secret) ? '' : text.replaceAll(secret, '');
      const change: Extract<ProviderFault, { kind: 'rewrite' }>['change'] = reply => {
        if (!reply.key) return reply;
        const emptied = mapTexts(reply, blank(reply.key.secret));
        const text = JSON.stringify(emptied.body, (_name, value) => (value === '' ? undefined : value));
        return { ...emptied, body: JSON.parse(text) };
      };
      // Some make it first, and tell it later.
      const tells: CallKind[] = ['create', 'other'];
      setup.faults(({ kind }) => (tells.includes(kind) ? { kind: 'rewrite', change } : undefined));
      await expectError(setup.newKey(), 'bad-reply', setup);
    },
  },
  {
    name: 'a list of another shape is a bad reply, never an empty list',
    kinds: ['issue', 'install', 'revoke-only'],
    async run(setup) {
      for (const body of [{}, '<html>Please log in</html>', { error: 'none' }, '']) {
        setup.faults(() => ({ kind: 'rewrite', change: reply => ({ ...reply, status: 200, body }) }));
        await expectError(setup.provider.list(), 'bad-reply', setup);
      }
    },
  },
];

/** Whoever asked for it first was told that it failed. */
async function installedLate({ provider, keyName, clock, faults }: ProviderSetup): Promise<SecretValue> {
  const value = await provider.make(keyName('version-1'), clock.now());
  let carryOut = (): unknown => undefined;
  const answer = (late: () => WireReply): WireReply => {
    carryOut = late;
    return { status: 504 };
  };
  faults(({ kind }) => (kind === 'install' ? { kind: 'instead', answer } : undefined));
  await provider.install(value).catch(() => {});
  faults(() => undefined);
  await provider.install(value);
  carryOut();
  await clock.sleep(provider.propagation.createMs);
  return value;
}
