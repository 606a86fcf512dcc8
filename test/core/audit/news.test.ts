// What is new, gone and unseen since the audit before, and whether people are told.
import { emptyAnswer, finding, type NotCovered } from '../../../core/audit/finding';
import { countsByRule, type KnownFinding, newsOf, type PartLook } from '../../../core/audit/news';
import type { RuleId } from '../../../core/audit/rules';
import { isWorthTelling } from '../../../core/notices/audit-notice';
import { dayMs } from '../../../core/time';

const found = (rule: RuleId, subject: string) => finding(rule, { subject, keys: [], evidence: [], fix: '' });
const known = (rule: RuleId, subject: string, part: string): KnownFinding => ({ rule, subject, part });
const look = (
  part: string,
  findings = [] as ReturnType<typeof found>[],
  more: Partial<PartLook> = {},
): PartLook => ({
  part,
  answers: [{ ...emptyAnswer(), findings }],
  ...more,
});

const before = [
  known('unused-key', 'prod/okta/a', 'provider:okta'),
  known('unused-key', 'prod/okta/a-b', 'provider:okta'),
  known('same-key', 'prod/okta/a, prod/okta/b', 'together'),
];
const subjects = (some: readonly { subject: string }[]) => some.map(({ subject }) => subject);

test('what was found before is not new, by rule and whole subject', () => {
  const now = [
    found('unused-key', 'prod/okta/a'),
    found('no-expiry', 'prod/okta/a'),
    found('unused-key', 'prod/okta/a-'),
  ];
  const news = newsOf(before, { findings: now }, [look('provider:okta', now)]);
  expect(news.added).toEqual([now[1], now[2]]);
  expect(subjects(news.gone)).toEqual(['prod/okta/a-b', 'prod/okta/a, prod/okta/b']);
  expect(news.unseen).toEqual([]);
});

test.each<[string, PartLook[], string[], string[]]>([
  [
    'its part was seen',
    [look('provider:okta')],
    ['prod/okta/a', 'prod/okta/a-b', 'prod/okta/a, prod/okta/b'],
    [],
  ],
  [
    'its part was not seen to its end',
    [look('provider:okta', [], { failed: 'no time' })],
    [],
    ['prod/okta/a', 'prod/okta/a-b', 'prod/okta/a, prod/okta/b'],
  ],
  [
    'something in it failed',
    [
      look('provider:okta', [], {
        answers: [{ ...emptyAnswer(), notCovered: [{ what: 'a', why: 'down', failed: true }] }],
      }),
    ],
    [],
    ['prod/okta/a', 'prod/okta/a-b', 'prod/okta/a, prod/okta/b'],
  ],
  [
    'something in it can never be seen',
    [
      look('provider:okta', [], {
        answers: [{ ...emptyAnswer(), notCovered: [{ what: 'a', why: 'not told' }] }],
      }),
    ],
    ['prod/okta/a', 'prod/okta/a-b', 'prod/okta/a, prod/okta/b'],
    [],
  ],
  [
    'another part was not seen, which what it takes all parts to see may stand in',
    [look('provider:okta'), look('keys', [], { failed: 'no time' })],
    ['prod/okta/a', 'prod/okta/a-b'],
    ['prod/okta/a, prod/okta/b'],
  ],
])('what is not found any more is gone only where it was looked for: %s', (_, looks, gone, unseen) => {
  const news = newsOf(before, { findings: [] }, looks);
  expect(subjects(news.gone)).toEqual(gone);
  expect(subjects(news.unseen)).toEqual(unseen);
  // What was not looked for counts on.
  expect(subjects(news.known)).toEqual(unseen);
});

test('each rule has a count, also one that found nothing', () => {
  const counts = countsByRule([found('unused-key', 'a'), found('unused-key', 'b')]);
  expect([counts.get('unused-key'), counts.get('no-expiry')]).toEqual([2, 0]);
});

describe('whether people are told', () => {
  const now = new Date('2026-11-23T03:00:00Z');
  const ago = (ms: number) => ({ at: new Date(now.getTime() - ms), missed: ['okta'] });
  const missed = (what: string): NotCovered[] => [{ what, why: 'down', failed: true }];
  const nothing = newsOf([], { findings: [] }, []);
  const severe = { ...nothing, counts: { high: 1, medium: 0, low: 0 } };

  test.each<[string, Parameters<typeof isWorthTelling>, boolean]>([
    ['nothing', [nothing, ago(100 * dayMs), now], false],
    ['something new', [{ ...nothing, added: [found('unused-key', 'a')] }, ago(0), now], true],
    ['something gone', [{ ...nothing, gone: [known('unused-key', 'a', 'keys')] }, ago(0), now], true],
    ['something severe that stays, after 28 days', [severe, ago(28 * dayMs), now], true],
    ['something severe that stays, before that', [severe, ago(28 * dayMs - 1), now], false],
    [
      'something less severe that stays',
      [{ ...nothing, counts: { high: 0, medium: 9, low: 9 } }, ago(28 * dayMs), now],
      false,
    ],
    ['what could not be looked at, as before', [{ ...nothing, missed: missed('okta') }, ago(0), now], false],
    ['what could not be looked at, anew', [{ ...nothing, missed: missed('okta-eu') }, ago(0), now], true],
    [
      'what could not be looked at, the first time',
      [{ ...nothing, missed: missed('okta') }, undefined, now],
      true,
    ],
    ['something severe, where nobody was told of anything yet', [severe, undefined, now], false],
  ])('of %s', (_, news, expected) => {
    expect(isWorthTelling(...news)).toBe(expected);
  });
});
