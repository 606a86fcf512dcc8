// Topics that others made hear of everything as well; of those that refuse, Keyturn's own topic tells.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import type { Notice } from '../../../../core/notices/notice';
import { createNotify, namingOwners, tellingOthers } from '../../../../lambda/aws/notify/notify';

const notice: Notice = {
  state: 'happened',
  severity: 'warning',
  about: 'keyturn/prod/x',
  environment: 'prod',
  keys: [],
  headline: 'something happened',
  facts: [],
  done: [],
  next: [],
  runbook: 'docs/runbook.md#x',
  drill: false,
};
const own = 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-oncall';
const central = 'arn:aws:sns:eu-central-1:666666666666:incidents';
const chat = 'arn:aws:sns:eu-central-1:333333333333:chat';

const sns = mockClient(SNSClient);
const client = new SNSClient({ region: 'eu-central-1' });
const notify = tellingOthers(
  [
    { arn: central, gets: 'messages' },
    { arn: chat, gets: 'chat' },
  ],
  client,
  createNotify(client, own),
);
const published = () =>
  sns
    .commandCalls(PublishCommand)
    .map(({ args: [{ input }] }) => ({ topic: input.TopicArn, text: input.Message ?? '' }));

beforeEach(() => sns.reset());

test('each gets what it takes', async () => {
  sns.on(PublishCommand).resolves({});
  await notify(notice);
  expect(published().map(({ topic }) => topic)).toEqual([central, chat, own]);
  const [messages, custom] = published();
  expect(JSON.parse(messages!.text)).toHaveProperty('email');
  expect(JSON.parse(custom!.text)).toMatchObject({ version: '1.0', source: 'custom' });
});

test('one that refuses keeps nobody else from hearing, and is named', async () => {
  sns.on(PublishCommand).resolves({});
  const refusal = Object.assign(new Error('no'), { name: 'AuthorizationErrorException' });
  sns.on(PublishCommand, { TopicArn: central }).rejects(refusal);
  await notify(notice);
  expect(published().map(({ topic }) => topic)).toEqual([central, chat, own]);
  const { email } = JSON.parse(published()[2]!.text) as { email: string };
  expect(email.replace(/\s+/g, ' ')).toContain(`${central} (AuthorizationErrorException)`);
  expect(published()[1]!.text).not.toContain('AuthorizationErrorException');
});

test("where Keyturn's own topic refuses, the call fails, so that it is tried again", async () => {
  sns.on(PublishCommand).resolves({});
  sns.on(PublishCommand, { TopicArn: own }).rejects(new Error('own topic refused'));
  await expect(notify(notice)).rejects.toThrow('own topic refused');
});

test('a message about keys names their teams, and carries them where subscriptions choose', async () => {
  sns.on(PublishCommand).resolves({});
  const owners: Record<string, string> = { 'prod/sendgrid/a': 'support', 'prod/openai/b': 'search' };
  const tell = namingOwners(
    { ownersOf: keys => keys.flatMap(key => owners[key] ?? []).sort() },
    createNotify(client, own),
  );
  await tell({ ...notice, keys: Object.keys(owners) });
  await tell(notice);
  const [first, second] = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
  expect(first!.MessageAttributes).toEqual({
    team: { DataType: 'String.Array', StringValue: '["search","support"]' },
  });
  const { default: json } = JSON.parse(first!.Message!) as { default: string };
  expect(JSON.parse(json)).toMatchObject({
    owners: ['search', 'support'],
    facts: [['Teams', 'search, support']],
  });
  expect(second!.MessageAttributes).toBeUndefined();
});
