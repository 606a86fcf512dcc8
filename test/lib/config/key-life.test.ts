import { brokenKeyRules, type RuledKey } from '../../../lib/config/config-rules';
import { providers } from '../../../lib/config/providers';

const key: RuledKey = {
  address: { environment: 'prod', provider: 'gitlab', server: 'code-bot', purpose: 'main' },
  spec: { team: 'x', tier: 'normal', scopes: ['read_api'], settings: {}, overlapHours: 72, maxGapDays: 62 },
  rotateEvery: 'every-2-months',
  policy: 'prod',
};
const endsAfter = (maxKeyDays: number | undefined) => ({ ...providers.gitlab, maxKeyDays });

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
