import { providers } from '../../../../lib/config/providers';
import { brokenKeyRules, type RuledKey } from '../../../../lib/config/rules/config-rules';

const key: RuledKey = {
  address: { environment: 'prod', provider: 'gitlab', server: 'code-bot', purpose: 'main' },
  spec: { team: 'x', tier: 'normal', scopes: ['read_api'], settings: {}, overlapHours: 72, maxGapDays: 62 },
  rotateEvery: 'every-2-months',
  policy: 'prod',
};
const endsAfter = (maxKeyDays: number | undefined) => ({
  ...providers.gitlab,
  maxKeyDays: () => maxKeyDays,
});

test('a provider that ends keys before the next rotation and its overlap is refused', () => {
  // 62 days, and the window of 2 hours with 72 hours of overlap in full days.
  expect(brokenKeyRules(key, endsAfter(66))).toEqual([
    'rotateEvery "every-2-months" with overlapHours 72 needs keys that are valid for 66 days, and GitLab keys expire after 66; rotate more often, or shorten the overlap',
  ]);
});

test('a day more is enough, and so is a provider that ends none', () => {
  expect(brokenKeyRules(key, endsAfter(67))).toEqual([]);
  expect(brokenKeyRules(key, endsAfter(undefined))).toEqual([]);
});

test('an overlap that the provider cuts short is refused, and one that it keeps is not', () => {
  const overlapping = (overlapHours: number): RuledKey => ({ ...key, spec: { ...key.spec, overlapHours } });
  const week = { ...providers['mongodb-atlas'], scopes: 'required' as const };
  expect(brokenKeyRules(overlapping(169), week)).toEqual([
    'overlapHours 169 is longer than MongoDB Atlas allows: it revokes the old key 168 hours after it creates the new one; use at most 168',
  ]);
  expect(brokenKeyRules(overlapping(168), week)).toEqual([]);
});

test('settings that grant admin power need a reason, as scopes do', () => {
  const owner = { ...key, spec: { ...key.spec, settings: { project: 'a/b', accessLevel: 'owner' } } };
  expect(brokenKeyRules(owner, providers.gitlab)).toEqual([
    'settings ["accessLevel: owner"] can create keys or change members; remove them, or say why they are needed in "reason"',
  ]);
  expect(brokenKeyRules({ ...owner, reason: 'moves projects' }, providers.gitlab)).toEqual([]);
});
