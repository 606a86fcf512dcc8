// What has to work before anything goes wrong, at both sides of each limit.
import { findRotationProblems, findSilentServers, findUnsubscribed } from '../../../core/audit/watching';
import type { Listener } from '../../../core/notices/listeners';
import type { SecretState } from '../../../core/rotation/secret-store';
import { dayMs, hourMs } from '../../../core/time';

const now = new Date('2026-11-23T03:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const state: SecretState = {
  arn: 'arn',
  address: { environment: 'prod', provider: 'acme', server: 'bot', purpose: 'main' },
  spec: { team: 'a', tier: 'high', scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
  versions: { v1: ['AWSCURRENT'] },
  createdAt: ago(90 * dayMs),
  rotationDueBy: ago(0),
};
const { rotationDueBy: _, ...unscheduled } = state;

test.each<[string, Partial<Parameters<typeof findRotationProblems>[0]>, string[]]>([
  ['a rotation that is a day late', { state: { ...state, rotationDueBy: ago(dayMs) } }, []],
  ['a rotation that is later', { state: { ...state, rotationDueBy: ago(dayMs + 1) } }, ['rotation-failing']],
  ['one under way for two hours', { pendingSince: ago(2 * hourMs) }, []],
  ['one under way for longer', { pendingSince: ago(2 * hourMs + 1) }, ['rotation-failing']],
  [
    'a rotation that was dropped, with its key alive',
    { state: { ...state, versions: { ...state.versions, v2: ['KEYTURN-DROPPED'] } } },
    ['rotation-failing'],
  ],
  ['a key that nothing rotates', { state: unscheduled }, ['rotation-off']],
  ['one that only a person makes', { state: unscheduled, shouldRotate: false }, []],
  [
    'a secret whose key has ended',
    { state: { ...unscheduled, versions: { v1: ['AWSCURRENT', 'KEYTURN-ENDED'] } } },
    [],
  ],
])('%s', (_, changes, expected) => {
  const found = findRotationProblems({ key: 'prod/acme/bot', state, shouldRotate: true, ...changes }, now);
  expect(found.map(({ rule }) => rule)).toEqual(expected);
});

test('a silent server is named by its key, and of keys that are no more nobody asks', () => {
  const silent = [
    { key: 'prod/acme/bot', readAt: ago(2 * dayMs) },
    { key: 'prod/acme/bot-eu', readAt: ago(2 * dayMs) },
  ];
  const found = findSilentServers(silent, key => (key === 'prod/acme/bot' ? state.spec : undefined));
  expect(found.map(({ keys }) => keys)).toEqual([['prod/acme/bot']]);
  expect(found[0]?.evidence).toEqual([
    'The server bot: never reported.',
    'It read the key on 2026-11-21 03:00 UTC, and no report followed.',
  ]);
});

test.each<[string, Partial<Listener>, boolean]>([
  ['a mailbox that left', { state: 'gone' }, true],
  ['a mailbox that never confirmed', { state: 'pending' }, true],
  ['a mailbox that gets only some', { state: 'limited' }, true],
  ['a mailbox of a team, which is to get only some', { state: 'limited', problem: undefined }, false],
  ['a mailbox that gets all', { state: 'confirmed' }, false],
  ['a queue', { state: 'limited', protocol: 'sqs' }, false],
])('%s', (_, changes, isFound) => {
  const listener = {
    protocol: 'email',
    endpoint: 'a@example.com',
    state: 'gone',
    problem: 'has gone; return',
    ...changes,
  };
  for (const topic of ['oncall', 'fallback'] as const) {
    const found = findUnsubscribed('prod', topic, [listener as Listener]);
    expect(found.map(({ subject }) => subject)).toEqual(
      isFound ? [`a@example.com at keyturn-prod-${topic}`] : [],
    );
  }
});
