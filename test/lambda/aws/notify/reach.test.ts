// Every hour: whether people are subscribed, to the topic for messages and to the one that stands in for it.
import { SNSClient } from '@aws-sdk/client-sns';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import type { Notice } from '../../../../core/notices/notice';
import { createReach } from '../../../../lambda/aws/notify/reach';

type LocalAws = Awaited<ReturnType<typeof openLocalAws>>;

const emails = ['oncall@example.com', 'platform@example.com'];
let aws: LocalAws;
let sns: SNSClient;
let topics: { oncall: string; fallback: string };
let said: string;
let told: Notice[];
let on: Set<string>;
let ended: string[];

beforeEach(async () => {
  aws = await openLocalAws();
  sns = new SNSClient(aws.as('keyturn-prod-retire'));
  await aws.passUntil('2026-11-24T06:20:00Z');
  topics = {
    oncall: aws.model.topics.addTopic({ name: 'keyturn-prod-oncall' }),
    fallback: aws.model.topics.addTopic({ name: 'keyturn-prod-fallback' }),
  };
  for (const topicArn of Object.values(topics))
    for (const endpoint of emails) aws.model.topics.subscribe({ topicArn, protocol: 'email', endpoint });
  told = [];
  on = new Set();
  ended = [];
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    said += String(text);
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  sns.destroy();
  await aws.close();
});

async function look(ofTeams?: string[]): Promise<number> {
  said = '';
  await createReach(
    {
      environment: 'prod',
      topicArn: topics.oncall,
      fallbackTopicArn: topics.fallback,
      mailboxes: { emails, ofTeams },
    },
    {
      sns,
      problems: {
        begin: async ({ notice }) => void told.push(notice),
        end: async ({ notice }) => void ended.push(notice.about),
        listOn: async () => on,
      },
      isKeyUsable: async () => true,
      clock: { now: () => aws.clock.now(), sleep: ms => aws.passMs(ms) },
    },
  )();
  return (JSON.parse(said) as { NobodyTold: number }).NobodyTold;
}

test('where all are subscribed to both, nobody is told anything', async () => {
  expect(await look()).toBe(0);
  expect(told).toEqual([]);
});

test('the others are told of an address that gets no messages', async () => {
  aws.model.topics.unsubscribe(topics.oncall, emails[1]!);
  expect(await look()).toBe(0);
  expect(told.map(({ headline }) => headline)).toEqual([
    'platform@example.com gets no messages from Keyturn',
  ]);
});

test('people are told of an address that would hear nothing if messages stopped', async () => {
  aws.model.topics.unsubscribe(topics.fallback, emails[1]!);
  expect(await look()).toBe(0);
  expect(told.map(({ headline }) => headline)).toEqual([
    'platform@example.com would not be notified that messages from Keyturn cannot be sent',
  ]);
  expect(told[0]!.facts.flat().join(' ')).toContain('keyturn-prod-fallback');
});

test('a second topic that somebody deleted is no reason to call the first one unheard', async () => {
  topics.fallback = topics.fallback.replace('fallback', 'gone');
  expect(await look()).toBe(0);
  expect(told).toHaveLength(emails.length);
});

test('an address that has neither is two problems, and one is over without the other', async () => {
  for (const topic of Object.values(topics)) aws.model.topics.unsubscribe(topic, emails[1]!);
  await look();
  expect(new Set(told.map(({ about }) => about)).size).toBe(2);
});

test('where nobody is subscribed to the first, that counts, whoever is to the second', async () => {
  for (const email of emails) aws.model.topics.unsubscribe(topics.oncall, email);
  expect(await look()).toBe(1);
  expect(told).toEqual([]);
});

test("a team's mailbox must be subscribed to the first alone, and tells on-call nothing", async () => {
  expect(await look(['support@example.com'])).toBe(0);
  expect(told.map(({ headline }) => headline)).toEqual(['support@example.com gets no messages from Keyturn']);
  aws.model.topics.subscribe({
    topicArn: topics.oncall,
    protocol: 'email',
    endpoint: 'support@example.com',
    filterPolicy: { team: ['support'] },
  });
  expect(await look(['support@example.com'])).toBe(0);
  expect(told).toHaveLength(1);
  for (const email of emails) aws.model.topics.unsubscribe(topics.oncall, email);
  expect(await look(['support@example.com'])).toBe(1);
});

test('a filter on a mailbox, which keeps messages from it unseen, is told to the others', async () => {
  aws.model.topics.unsubscribe(topics.oncall, emails[1]!);
  aws.model.topics.subscribe({
    topicArn: topics.oncall,
    protocol: 'email',
    endpoint: emails[1]!,
    filterPolicy: { severity: ['critical'] },
  });
  expect(await look()).toBe(0);
  expect(told.map(({ facts }) => facts.flat().join(' '))).toEqual([expect.stringContaining('filter policy')]);
});

test('where every mailbox has a filter, nobody is reached for certain', async () => {
  for (const endpoint of emails) {
    aws.model.topics.unsubscribe(topics.oncall, endpoint);
    const filterPolicy = { severity: ['critical'] };
    aws.model.topics.subscribe({ topicArn: topics.oncall, protocol: 'email', endpoint, filterPolicy });
  }
  expect(await look()).toBe(1);
});

test('a mailbox is the one that is named, in whatever case it was subscribed', async () => {
  aws.model.topics.unsubscribe(topics.oncall, emails[1]!);
  const endpoint = 'Platform@Example.com';
  const filterPolicy = { severity: ['critical'] };
  aws.model.topics.subscribe({ topicArn: topics.oncall, protocol: 'email', endpoint, filterPolicy });
  expect(await look()).toBe(0);
  expect(told.map(({ about }) => about)).toEqual(['keyturn/prod/listener/oncall/platform@example.com']);
});

test('what is well again is over, and what was well is not written down again', async () => {
  await look();
  expect(ended).toEqual([]);
  on.add('keyturn/prod/listener/oncall/platform@example.com');
  await look();
  expect(ended).toEqual([...on]);
});

test('in the hours between, on-call is looked at alone, and what is over waits', async () => {
  await aws.passUntil('2026-11-24T07:20:00Z');
  on.add('keyturn/prod/listener/oncall/platform@example.com');
  aws.model.topics.unsubscribe(topics.oncall, emails[0]!);
  aws.model.topics.unsubscribe(topics.fallback, emails[1]!);
  expect(await look()).toBe(0);
  expect(told.map(({ about }) => about)).toEqual(['keyturn/prod/listener/oncall/oncall@example.com']);
  expect(ended).toEqual([]);
  await aws.passUntil('2026-11-24T12:20:00Z');
  await look();
  expect(told.map(({ about }) => about)).toContain('keyturn/prod/listener/fallback/platform@example.com');
  expect(ended).toContain('keyturn/prod/listener/oncall/platform@example.com');
});

test('that nobody is reached counts in every hour', async () => {
  for (const email of emails) aws.model.topics.unsubscribe(topics.oncall, email);
  for (const hour of ['06', '07', '08', '09', '10', '11', '12']) {
    await aws.passUntil(`2026-11-24T${hour}:20:00Z`);
    expect(await look()).toBe(1);
  }
});
