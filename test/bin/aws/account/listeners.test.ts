// Who is told, as `keyturn status` sees it.
import { type Cli, openCli } from '../../support/cli';

const TopicArn = 'arn:aws:sns:eu-west-1:111111111111:keyturn-prod-oncall';
let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const status = async () => {
  const { out, code } = await cli.run(['status', '--env', 'prod', '--json']);
  const words = await cli.run(['status', '--env', 'prod']);
  return { ...JSON.parse(out).onCall, code, words: words.out };
};
const email = 'oncall@example.com';

test('a mailbox that was unsubscribed is no mailbox that is told', async () => {
  expect(await status()).toMatchObject({ listeners: [{ endpoint: email, state: 'confirmed' }] });
  cli.model.topics.unsubscribe(TopicArn, email);
  const { listeners, code, words } = await status();
  expect(listeners).toMatchObject([{ endpoint: email, state: 'gone' }]);
  expect(words).toContain('prod: NO ONE gets the messages for on-call');
  expect(words).toContain(`${email} is no longer subscribed`);
  expect(code).toBe(1);
});

test('one that has not confirmed yet is said, also where others are told', async () => {
  cli.model.topics.subscribe({
    topicArn: TopicArn,
    protocol: 'email',
    endpoint: 'new@example.com',
    confirmed: false,
  });
  const { words } = await status();
  expect(words).toContain('prod: 1 of 2 subscriptions for on-call needs attention');
  expect(words).toContain('new@example.com has not confirmed');
  cli.model.topics.confirm(TopicArn, 'new@example.com');
  expect((await status()).words).not.toContain('for on-call');
});

test('where the topic is not there, nobody is told', async () => {
  cli.model.topics.removeTopic(TopicArn);
  expect((await status()).words).toContain('NO ONE');
});

test('who may not look is told so, and sees the rest', async () => {
  cli.hooks.decide = ({ action }) =>
    action.startsWith('sns:') ? { allowed: false, message: 'no policy allows it' } : { allowed: true };
  const { words, unknown } = await status();
  expect(unknown).toContain('sns:ListSubscriptionsByTopic');
  expect(words).toContain('prod/sendgrid/support-bot');
});
