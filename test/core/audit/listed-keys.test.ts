// What a list says of keys, at both sides of each limit.
import type { HeldKey } from '../../../core/audit/held-key';
import { findInListing, mayBeUnderWay, missingIn, strangersIn } from '../../../core/audit/listed-keys';
import type { ListedKey } from '../../../core/provider';
import { dayMs, hourMs, minuteMs } from '../../../core/time';

const now = new Date('2027-03-01T08:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

function held(issuedAt: Date, change: Partial<HeldKey['spec']> = {}): HeldKey {
  return {
    key: 'prod/gitlab/bot',
    address: { environment: 'prod', provider: 'gitlab', server: 'bot', purpose: 'main' },
    spec: {
      team: 'a',
      tier: 'normal',
      scopes: ['api'],
      settings: {},
      overlapHours: 24,
      maxGapDays: 31,
      ...change,
    },
    rotates: true,
    labels: { v1: ['AWSCURRENT'], v0: ['AWSPREVIOUS'] },
    versions: [
      { versionId: 'v1', keyId: 'k1', issuedAt, storedAt: issuedAt },
      {
        versionId: 'v0',
        keyId: 'k0',
        issuedAt: new Date(issuedAt.getTime() - 31 * dayMs),
        storedAt: issuedAt,
      },
    ],
  };
}

function find(key: HeldKey, listed: ListedKey[], unusedDays = 90): string[] {
  const listing = { provider: 'gitlab', title: 'GitLab', environment: 'prod', keys: [key], listed };
  return findInListing(listing, unusedDays, now).map(({ rule }) => rule);
}

describe('unused keys', () => {
  test.each([
    ['used just within the time', ago(90 * dayMs - 1), []],
    ['used longer ago', ago(90 * dayMs), ['unused-key']],
    ['not told', undefined, []],
  ])('%s', (_, lastUsedAt, expected) => {
    expect(find(held(ago(200 * dayMs)), [{ id: 'k1', lastUsedAt }])).toEqual(expected);
  });

  test.each([
    ['for less than half of its gap', 15.5 * dayMs - 1, []],
    ['for half of its gap', 15.5 * dayMs, ['unused-key']],
  ])('never used %s', (_, age, expected) => {
    expect(find(held(ago(age)), [{ id: 'k1', lastUsedAt: 'never' }])).toEqual(expected);
  });

  it("takes Keyturn's own look at a new key for no use", () => {
    const issuedAt = ago(20 * dayMs);
    const at = (ms: number) => new Date(issuedAt.getTime() + ms);
    expect(find(held(issuedAt), [{ id: 'k1', lastUsedAt: at(hourMs) }])).toEqual(['unused-key']);
    expect(find(held(issuedAt), [{ id: 'k1', lastUsedAt: at(hourMs + 1) }])).toEqual([]);
  });

  it('takes a use of the superseded key for one', () => {
    const listed: ListedKey[] = [
      { id: 'k1', lastUsedAt: 'never' },
      { id: 'k0', lastUsedAt: ago(dayMs) },
    ];
    expect(find(held(ago(20 * dayMs)), listed)).toEqual([]);
  });
});

test('scopes beyond the configuration, and keys without an end', () => {
  const key = held(ago(dayMs));
  expect(find(key, [{ id: 'k1', scopes: ['api'], expiresAt: ago(-dayMs) }])).toEqual([]);
  expect(find(key, [{ id: 'k1', scopes: ['api', 'sudo'], expiresAt: 'never' }])).toEqual([
    'scopes-beyond-config',
    'no-expiry',
  ]);
  expect(find(key, [{ id: 'k1' }])).toEqual([]);
});

test('what only one side knows', () => {
  const key = held(ago(15 * minuteMs));
  expect(strangersIn({ keys: [key], listed: [{ id: 'k0' }, { id: 'k1' }, { id: 'k2' }] })).toEqual([
    { id: 'k2' },
  ]);
  expect(missingIn({ keys: [key], listed: [{ id: 'k0' }] }, now)).toEqual([key]);
  expect(missingIn({ keys: [held(ago(15 * minuteMs - 1))], listed: [] }, now)).toEqual([]);
  // The superseded key may be gone already.
  expect(missingIn({ keys: [key], listed: [{ id: 'k1' }] }, now)).toEqual([]);
});

test('a key that was made within the hour may be that of a rotation', () => {
  expect(mayBeUnderWay({ id: 'k', createdAt: ago(hourMs - 1) }, now)).toBe(true);
  expect(mayBeUnderWay({ id: 'k', createdAt: ago(hourMs) }, now)).toBe(false);
  expect(mayBeUnderWay({ id: 'k', name: 'x-12345678.270301073000000.1234567890' }, now)).toBe(true);
  expect(mayBeUnderWay({ id: 'k', name: 'by hand' }, now)).toBe(false);
});
