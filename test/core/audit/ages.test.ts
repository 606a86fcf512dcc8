// What is too old, at both sides of each limit.
import { findOld, findOldIssuer, findOverlongTokens, issuerDaysAtMost } from '../../../core/audit/ages';
import type { HeldKey } from '../../../core/audit/held-key';
import { dayMs, hourMs } from '../../../core/time';

const issuedAt = new Date('2026-09-01T08:00:00Z');
const after = (ms: number) => new Date(issuedAt.getTime() + ms);
const version = (versionId: string, keyId: string) => ({ versionId, keyId, issuedAt, storedAt: issuedAt });

const held = (change: Partial<HeldKey> = {}): HeldKey => ({
  key: 'prod/sendgrid/support-bot',
  address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' },
  spec: { team: 'a', tier: 'normal', scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
  rotates: true,
  labels: { v1: ['AWSCURRENT'] },
  versions: [version('v1', 'k1')],
  ...change,
});
const overlapping = (ids = ['k1', 'k2']) =>
  held({
    labels: { v1: ['AWSCURRENT'], v0: ['AWSPREVIOUS'] },
    versions: [version('v1', ids[0]!), version('v0', ids[1]!)],
  });
const rules = (key: HeldKey, now: Date) => findOld(key, now).map(({ rule }) => rule);

const late = 6 * hourMs;

test.each([
  ['a current key at its limit', held(), 31 * dayMs + late, []],
  ['a current key past it', held(), 31 * dayMs + late + 1, ['older-than-policy']],
  ['a superseded key at its limit', overlapping(), dayMs + late, []],
  ['a superseded key past it', overlapping(), dayMs + late + 1, ['not-retired']],
  ['the same key under both labels', overlapping(['k1', 'k1']), 2 * dayMs, []],
  ['a secret that holds nothing', held({ versions: [] }), 400 * dayMs, []],
])('a key is found old past its limit, and not at it: %s', (_, key, ms, expected) => {
  expect(rules(key, after(ms))).toEqual(expected);
});

test('a later rotation than its date counts, as AWS tells it', () => {
  const rotatedAt = after(dayMs);
  expect(rules({ ...overlapping(), rotatedAt }, after(2 * dayMs + late))).toEqual([]);
  expect(rules({ ...overlapping(), rotatedAt }, after(2 * dayMs + late + 1))).toEqual(['not-retired']);
});

test('a key that only a person makes is replaced by adopting another', () => {
  const [found] = findOld(held({ rotates: false }), after(60 * dayMs));
  expect(found?.fix).toContain('`npx keyturn adopt prod/sendgrid/support-bot --replace`');
});

test('an issuer credential is old after half a year', () => {
  const find = (ms: number) => findOldIssuer('prod', 'sendgrid', issuedAt, after(ms));
  expect(find(issuerDaysAtMost * dayMs)).toEqual([]);
  expect(find(issuerDaysAtMost * dayMs + 1)).toEqual([
    expect.objectContaining({ rule: 'old-issuer', keys: [], provider: 'sendgrid' }),
  ]);
});

test('tokens outlive their tier where the provider lets them live longer, and not where as long', () => {
  const find = (seconds: number) => findOverlongTokens(held(), 'GitHub', seconds).map(({ rule }) => rule);
  expect(find(3_600)).toEqual([]);
  expect(find(3_601)).toEqual(['token-outlives-tier']);
});
