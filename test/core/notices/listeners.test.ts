import { listenersOf, reachesPeople, type Subscription } from '../../../core/notices/listeners';

const topic = 'arn:aws:sns:eu-west-1:111111111111:keyturn-prod-oncall';
const mail = (more: Partial<Subscription> = {}): Subscription => ({
  protocol: 'email',
  endpoint: 'oncall@example.com',
  arn: `${topic}:1`,
  ...more,
});
const hook = (more: Partial<Subscription> = {}) =>
  mail({ protocol: 'https', endpoint: 'https://events.example.com/integration/abc/enqueue', ...more });

test.each<[string, Subscription[], reaches: boolean, problem: RegExp | undefined]>([
  ['a confirmed mailbox', [mail()], true, undefined],
  ['the same in other letters', [mail({ endpoint: 'OnCall@Example.com' })], true, undefined],
  ['a mailbox that has not confirmed', [mail({ arn: 'PendingConfirmation' })], false, /has not confirmed/],
  ['one that a scanner unsubscribed', [], false, /is no longer subscribed/],
  ['one that is listed as deleted', [mail({ arn: 'Deleted' })], false, /was unsubscribed/],
  ['a mailbox with a filter', [mail({ isFiltered: true })], false, /filter policy/],
  ['a web hook, without the mailbox of the configuration', [hook()], true, /is no longer subscribed/],
  ['a web hook that gets messages raw', [mail(), hook({ isRaw: true })], true, /without the signature/],
  [
    'a queue that gets messages raw',
    [mail(), mail({ protocol: 'sqs', endpoint: 'arn:q', isRaw: true })],
    true,
    undefined,
  ],
  ['a web hook without encryption', [mail(), hook({ protocol: 'http' })], true, /unencrypted/],
  [
    'a telephone',
    [mail({ arn: 'PendingConfirmation' }), mail({ protocol: 'sms', endpoint: '+491' })],
    false,
    /by sms/,
  ],
  [
    'a copy in a bucket',
    [mail({ arn: 'Deleted' }), mail({ protocol: 'firehose', endpoint: 'arn:f' })],
    false,
    /by firehose/,
  ],
])('whether %s reaches people, and what is wrong with it', (_, subscriptions, reaches, problem) => {
  const listeners = listenersOf(subscriptions, { emails: ['oncall@example.com'] });
  expect(reachesPeople(listeners)).toBe(reaches);
  const problems = listeners.flatMap(one => one.problem ?? []);
  if (problem) expect(problems).toContainEqual(expect.stringMatching(problem));
  else expect(problems).toEqual([]);
});

test('the path of a web hook can be a secret, and is not shown', () => {
  const [listener] = listenersOf([hook()], { emails: [] });
  expect(listener!.endpoint).toBe('https://events.example.com/...');
});

test("a team's mailbox is there for its keys alone: with its filter it lacks nothing, and reaches on-call never", () => {
  const team = mail({ endpoint: 'support@example.com', isFiltered: true });
  const named = { emails: [], ofTeams: ['support@example.com'] };
  expect(listenersOf([team], named)).toEqual([
    { protocol: 'email', endpoint: 'support@example.com', state: 'limited' },
  ]);
  expect(reachesPeople(listenersOf([{ ...team, isFiltered: false }], named))).toBe(false);
  expect(listenersOf([], named)[0]!.problem).toMatch(/is no longer subscribed/);
  expect(listenersOf([{ ...team, arn: 'PendingConfirmation' }], named)[0]!.problem).toMatch(
    /has not confirmed/,
  );
});
