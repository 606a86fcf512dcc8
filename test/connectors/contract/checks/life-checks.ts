// The life of a key, seen from the provider's side as well as from ours.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { tellsOf } from '../../../../connectors/contract/connector';
import { secondLookAfterMs } from '../../../../core/ending/certificate';
import { type LookOrder, probesAtMost, proveRejected } from '../../../../core/ending/proof';
import { parseSecretValue } from '../../../../core/key/secret-value';
import type { Provider } from '../../../../core/provider';
import { minuteMs } from '../../../../core/time';
import { testSeed } from '../../../support/seed';
import { type Check, deadVerdicts, expectError, handMade, mapTexts } from './check';

const everyKind = ['issue', 'install', 'roll', 'self-issued', ...handMade] as const;
const called = ['issue', 'install', 'roll'] as const;
const revocable = ['issue', 'install', 'revoke-only'] as const;

export const lifeChecks: Check[] = [
  {
    name: 'a new key is accepted once its documented delay is over',
    kinds: everyKind,
    async run({ newKey, provider }) {
      expect(await provider.verify(await newKey())).toBe('accepted');
    },
  },
  {
    name: 'a key can be stored, read and recognised',
    kinds: everyKind,
    async run({ newKey, connector, clock, dialect }) {
      const began = clock.now().getTime();
      const value = await newKey();
      expect(parseSecretValue(JSON.stringify(value), 'the test')).toEqual(value);
      expect(value.provider).toBe(connector.provider);
      expect(Date.parse(value.issuedAt)).toBe(began);
      expect(value.secret).toMatch(connector.secretPattern);
      for (const secret of Object.values(dialect.issuer(dialect.sample.settings))) {
        if (secret.includes('FAKESECRET')) expect(JSON.stringify(value)).not.toContain(secret);
      }
    },
  },
  {
    name: 'a new key is listed by its id, and under the name it was given',
    kinds: revocable,
    async run({ newKey, keyName, provider, account, connector }) {
      const name = keyName();
      const value = await newKey();
      const listed = (await provider.list()).find(({ id }) => id === value.keyId);
      const there = account.ownerOf(value.secret);
      if (connector.kind === 'issue' && !connector.exclusive)
        expect([listed?.name, there?.name]).toEqual([name, name]);
      expect(listed?.id).toBe(value.keyId);
      if (listed?.createdAt)
        expect(Math.abs(Number(listed.createdAt) - Number(there?.createdAt))).toBeLessThan(1000);
      expect(JSON.stringify(await provider.list())).not.toContain(value.secret);
    },
  },
  {
    name: 'what the provider is said to tell of a key is told, and nothing else',
    kinds: revocable,
    async run({ connector, newKey, provider, clock, useRequest }) {
      const tells = tellsOf(connector);
      const value = await newKey();
      const { url, ...request } = useRequest(value);
      // Where the key itself is not asked with, asking is no use of it.
      await ('verifyBeside' in connector ? fetch(url, request) : provider.verify(value));
      const usedAt = clock.now().getTime();
      await clock.sleep(60_000);
      const listed = (await provider.list()).find(({ id }) => id === value.keyId);
      const { expiresAt = listed?.expiresAt, scopes = listed?.scopes } = value;
      const facts = { createdAt: listed?.createdAt, lastUsedAt: listed?.lastUsedAt, expiresAt, scopes };
      const told = Object.entries(facts).filter(([, fact]) => fact !== undefined && fact !== 'never');
      expect(told.map(([name]) => name).sort()).toEqual([...tells].sort());
      if (tells.includes('lastUsedAt'))
        expect(Math.abs(Number(listed?.lastUsedAt) - usedAt)).toBeLessThan(1000);
    },
  },
  {
    name: 'a revoked key is rejected once its delay is over and no longer listed; the other key lives on',
    kinds: revocable,
    async run({ newKey, provider, clock, account }) {
      const [first, second] = [await newKey('version-1'), await newKey('version-2')];
      await provider.revoke(first.keyId);
      await clock.sleep(provider.propagation.revokeMs);
      expect(deadVerdicts(provider)).toContain(await provider.verify(first));
      expect(await provider.verify(second)).toBe('accepted');
      expect((await provider.list()).map(({ id }) => id)).toEqual([second.keyId]);
      expect(account.ownerOf(first.secret)?.revokedAt).toBeDefined();
    },
  },
  {
    name: 'a revoked key is called neither rejected nor dead while every server accepts it, and dead once none does',
    kinds: revocable,
    async run({ newKey, provider, clock, account, connector }) {
      const [first, second] = [await newKey('version-1'), await newKey('version-2')];
      const random = seededRandom(testSeed);
      account.disagreement = { replicas: 24, acceptedAtFirst: 1, halfLifeMs: 4 * minuteMs, random };
      await provider.revoke(first.keyId);
      const look = (order: LookOrder) =>
        proveRejected(provider as Provider, first, clock, { look: order, currentKeyId: second.keyId });
      // Only words of the provider's own are counted; whoever has none but a bare denial needs a list that tells.
      const early = await look('first');
      expect(early.finding).not.toBe('rejected');
      expect(early.probes.length).toBeLessThanOrEqual(probesAtMost);
      for (let tries = 0; tries < 60; tries++) {
        if ((await look('first')).finding === 'rejected') break;
        await clock.sleep(minuteMs);
      }
      await clock.sleep(secondLookAfterMs);
      const stored = account.ownerOf(first.secret);
      expect([connector.provider, (await look('second')).finding]).toEqual([connector.provider, 'rejected']);
      expect(stored?.replicas?.lastMs).toBeLessThan(clock.now().getTime());
    },
  },
  {
    name: 'revoking twice, or an unknown id, succeeds',
    kinds: revocable,
    async run({ newKey, provider }) {
      const [first] = [await newKey('version-1'), await newKey('version-2')];
      await provider.revoke(first.keyId);
      await provider.revoke(first.keyId);
      await provider.revoke('no-such-key');
      expect(await provider.list()).toHaveLength(1);
    },
  },
  {
    name: 'every page of the list is read',
    kinds: revocable,
    async run({ newKey, provider, dialect }) {
      const wanted = Math.min(dialect.capacity ?? Number.POSITIVE_INFINITY, 2 * dialect.pageSize + 1, 7);
      const made: string[] = [];
      for (let index = 0; index < wanted; index++) made.push((await newKey(`version-${index}`)).keyId);
      expect((await provider.list()).map(({ id }) => id).sort()).toEqual(made.sort());
    },
  },
  {
    name: 'installing a key twice leaves one, and the same',
    kinds: ['install', 'roll'],
    async run({ newKey, provider, account }) {
      const value = await newKey();
      await provider.install(value);
      const [mine, ...others] = account.keys.filter(key => !key.revokedAt);
      expect([mine, others]).toEqual([account.ownerOf(value.secret), []]);
      expect(await provider.verify(value)).toBe('accepted');
    },
  },
  {
    name: 'a new key ends the one before it',
    kinds: ['roll'],
    async run({ newKey, keyName, provider, clock }) {
      const first = await newKey('version-1');
      const second = await provider.make(keyName('version-2'), clock.now());
      await provider.install(second);
      await clock.sleep(provider.propagation.revokeMs);
      expect([await provider.verify(first), await provider.verify(second)]).toEqual(['rejected', 'accepted']);
    },
  },
  {
    name: 'a place that is full refuses another key and names what fills it',
    kinds: revocable,
    async run(setup) {
      const { capacity } = setup.dialect;
      // Where no limit is known, there is nothing to fill.
      if (capacity === undefined)
        return expect(['issue', 'install', 'revoke-only']).toContain(setup.connector.kind);
      const first = await setup.newKey('version-1');
      for (let made = 1; made < capacity; made++) await setup.newKey(`version-${made + 1}`);
      const error = await expectError(setup.newKey('version-last'), 'refused', setup);
      if (setup.connector.kind === 'install') expect(error.message).toContain(first.keyId);
      expect((await setup.provider.list()).map(({ id }) => id)).toContain(first.keyId);
    },
  },
  {
    name: 'the scopes asked for reach the provider, and come back as asked',
    kinds: ['issue'],
    where: ({ scopes }) => scopes === 'required',
    async run({ newKey, account, scopes }) {
      const value = await newKey();
      expect(account.ownerOf(value.secret)?.scopes).toEqual(expect.arrayContaining(scopes));
      expect([...(value.scopes ?? [])].sort()).toEqual([...scopes].sort());
    },
  },
  {
    name: 'a key that was granted other scopes is revoked and refused',
    kinds: ['issue'],
    where: ({ scopes }) => scopes === 'required',
    async run(setup) {
      const [dropped = ''] = setup.scopes;
      const grantOther = (text: string) => (text === dropped ? `${dropped}.all` : text);
      setup.faults(() => ({ kind: 'rewrite', change: reply => mapTexts(reply, grantOther) }));
      const error = await expectError(setup.newKey(), 'refused', setup);
      expect(error.message).toContain(`${dropped}.all`);
      expect(setup.account.keys.map(key => Boolean(key.revokedAt))).toEqual([true]);
    },
  },
  {
    name: 'a name of the greatest length arrives unchanged',
    kinds: ['issue'],
    where: connector => connector.kind === 'issue' && !connector.exclusive,
    async run({ provider, clock, account }) {
      const name = 'keyturn-'.padEnd(provider.nameMaxLength, 'n');
      await provider.make(name, clock.now());
      expect(account.keys.map(key => key.name)).toEqual([name]);
    },
  },
  {
    name: 'a key lives through its interval and two overlaps, and no longer than allowed',
    kinds: called,
    where: ({ maxKeyDays }) => maxKeyDays !== undefined,
    async run({ bind, clock, keyName, connector, settings }) {
      const limit = connector.maxKeyDays?.(settings) ?? Number.POSITIVE_INFINITY;
      const endless = Number.isFinite(limit) ? Number.NaN : Number.POSITIVE_INFINITY;
      const days = (value: { expiresAt?: string }) =>
        value.expiresAt === undefined
          ? endless
          : (Date.parse(value.expiresAt) - Number(clock.now())) / 86_400_000;
      const usual = bind({ spec: { maxGapDays: 31, overlapHours: 48 } });
      expect(days(await usual.make(keyName('version-1'), clock.now()))).toBeGreaterThanOrEqual(35);
      const long = bind({ spec: { maxGapDays: 10_000, overlapHours: 48 } });
      expect(days(await long.make(keyName('version-2'), clock.now()))).toBeLessThanOrEqual(limit + 1);
    },
  },
];
