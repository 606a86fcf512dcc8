// Keys that only a person makes: what Keyturn can ask about them, and how it ends them.
import type { HandMadeProvider } from '../../../../core/provider';
import { type Check, expectError, expiryOf, handMade } from './check';

const revocable = ['revoke-only', 'holder-revoked'] as const;
const day = 86_400_000;

export const handMadeChecks: Check[] = [
  {
    name: 'nothing makes such a key, and what a person does is said, in one sentence each',
    kinds: handMade,
    async run({ connector, provider }) {
      const { steps } = provider as unknown as HandMadeProvider;
      expect(provider.kind).toBe(connector.kind);
      // Each goes on after "a person has to", and something follows it.
      for (const step of [steps.make, steps.end]) expect(step).toMatch(/^[a-z][^\n]{20,}[^.;:]$/);
      expect(steps.make).not.toBe(steps.end);
      await expect(provider.make('kt-name', new Date())).rejects.toThrow('has no make');
    },
  },
  {
    name: 'a value has what its settings tell, and the secret shows nowhere else',
    kinds: handMade,
    async run({ connector, settings, newKey }) {
      if (!('steps' in connector) || connector.kind === 'mint') throw new Error('no such kind');
      const fields = connector.fields?.(settings) ?? {};
      const value = await newKey();
      expect(value).toMatchObject(fields);
      expect(JSON.stringify(fields)).not.toContain(value.secret);
    },
  },
  {
    name: 'a key ends on its own word, at once, and again is success; the other key lives on',
    kinds: ['holder-revoked'],
    async run({ newKey, provider, clock, exchanges, account }) {
      const [first, second] = [await newKey(), await newKey()];
      await provider.revoke(first.keyId, first);
      expect(exchanges.at(-1)?.call.headers.authorization).toBeUndefined();
      await clock.sleep(provider.propagation.revokeMs);
      expect(await provider.verify(first)).toBe('rejected');
      expect(await provider.verify(second)).toBe('accepted');
      expect(account.ownerOf(first.secret)?.revokedAt).toBeDefined();
      await provider.revoke(first.keyId, first);
    },
  },
  {
    name: 'without the key itself nothing is sent',
    kinds: ['holder-revoked'],
    async run(setup) {
      const { keyId } = await setup.newKey();
      await expectError(setup.provider.revoke(keyId), 'refused', setup);
      expect(setup.calls).toEqual([]);
    },
  },
  {
    name: 'a refusal names no issuer credential, which there is none of, but what a person does',
    kinds: ['holder-revoked'],
    async run(setup) {
      const value = await setup.newKey();
      const { steps } = setup.provider as unknown as HandMadeProvider;
      for (const status of [401, 403]) {
        setup.faults(() => ({ kind: 'status', status }));
        const ending = await expectError(setup.provider.revoke(value.keyId, value), 'refused', setup);
        expect(ending.message).toContain(steps.end);
        const asking = await expectError(expiryOf(setup.provider, value), 'key-rejected', setup);
        for (const { message } of [ending, asking]) expect(message).not.toContain('issuer');
      }
    },
  },
  {
    name: 'the provider tells when a key ends, and of a dead one that it is no more',
    kinds: revocable,
    async run({ newKey, provider, clock, account }) {
      const value = await newKey();
      const end = account.ownerOf(value.secret)?.details.expiresAt as Date;
      expect(end.getTime() - clock.now().getTime()).toBeGreaterThan(30 * day);
      const told = await expiryOf(provider, value);
      if (!(told instanceof Date)) throw new Error(`told ${told}`);
      expect(Math.abs(told.getTime() - end.getTime())).toBeLessThan(1000);
    },
  },
  {
    name: 'where the provider tells no end, none is made up',
    kinds: revocable,
    async run({ newKey, provider, account }) {
      const value = await newKey();
      account.ownerOf(value.secret)!.details = {};
      expect(['never', undefined]).toContain(await expiryOf(provider, value));
    },
  },
];
