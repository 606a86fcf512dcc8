// The watch function on a table and secrets of the local model: what it makes of reads that CloudTrail tells of.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { hours, type LocalAws, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { createTable } from '../../lambda/aws/table/table';
import { createWatch } from '../../lambda/watch';

const account = '111111111111';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const start = Date.parse('2026-11-23T00:00:00Z');
const keys = ['gitlab/code-bot/main', 'gitlab/code-bot/merge', 'sendgrid/support-bot/main'];
let rig: LocalAws;
let handler: ReturnType<typeof createWatch>;

beforeEach(async () => {
  jest.useFakeTimers({
    now: start,
    doNotFake: [
      'nextTick',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'queueMicrotask',
      'performance',
      'hrtime',
    ],
  });
  rig = await openLocalAws();
  rig.model.dynamoDb.addTable({
    name: 'keyturn-prod',
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
  for (const key of keys) {
    const server = role(key.split('/')[1]!);
    rig.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/${key}`,
      resourcePolicy: lettingIn(server),
    });
  }
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: rig.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'keyturn-prod-watch',
    AWS_SECRET_ACCESS_KEY: 'not-checked',
  });
  newSandbox();
});
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

function newSandbox(): void {
  handler = createWatch(
    { environment: 'prod', admins: [role('platform-admin')] },
    {
      secretsManager: new SecretsManagerClient({}),
      table: createTable(new DynamoDBClient({}), 'prod'),
      notify: async () => {},
    },
  );
}

function passHours(count: number): void {
  jest.setSystemTime(Date.now() + hours(count));
}

function lettingIn(server: string): string {
  const grant = {
    Effect: 'Allow',
    Principal: { AWS: server },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [grant] });
}

let reads = 0;

/** @returns the signals raised by it */
async function read(key: string, principal: string, source: string, changes: object = {}): Promise<string[]> {
  const name = principal.split('/').at(-1)!;
  const before = rig.model.eventBridge.events.length;
  await handler({
    detail: {
      eventID: `${++reads}`,
      eventName: 'GetSecretValue',
      eventTime: new Date().toISOString(),
      sourceIPAddress: source,
      recipientAccountId: account,
      userIdentity: {
        arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
        sessionContext: { sessionIssuer: { arn: principal } },
      },
      requestParameters: { secretId: `keyturn/prod/${key}` },
      ...changes,
    },
  });
  const items = rig.model.dynamoDb.items('keyturn-prod') as {
    pk: { S: string };
    sk: { S: string };
    trigger?: { S: string };
  }[];
  return rig.model.eventBridge.events.slice(before).map(({ detail }) => {
    const item = items.find(({ pk, sk }) => pk.S === 'signal' && sk.S === detail.incidentId)!;
    return (JSON.parse(item.trigger!.S) as { cause: { signal: string } }).cause.signal;
  });
}

const home = '203.0.113.7';
const elsewhere = '198.51.100.23';
const codeBot = role('code-bot');
const onLambda = { userAgent: 'aws-sdk-js/3 exec-env/AWS_Lambda_nodejs24.x' };

test('a place is learned for each key by itself, also where one role reads several at once', async () => {
  for (const key of ['gitlab/code-bot/main', 'gitlab/code-bot/merge'])
    expect(await read(key, codeBot, home)).toEqual([]);
  const places = rig.model.dynamoDb.items('keyturn-prod').map(({ pk, sk }) => [pk, sk]);
  for (const key of ['prod/gitlab/code-bot', 'prod/gitlab/code-bot/merge'])
    expect(places).toContainEqual([{ S: `source#${key}` }, { S: `${codeBot} 203.0.113.0/24` }]);
  passHours(15 * 24);
  for (const key of ['gitlab/code-bot/merge', 'gitlab/code-bot/main']) {
    newSandbox();
    expect(await read(key, codeBot, home)).toEqual([]);
  }
});

test('a server that starts weeks after its key was made is learned then', async () => {
  const rotate = role('keyturn-prod-rotate-gitlab');
  expect(await read('gitlab/code-bot/main', rotate, home, onLambda)).toEqual([]);
  passHours(30 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, home)).toEqual([]);
  passHours(6 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual([]);
  passHours(2 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, '192.0.2.1')).toEqual(['new-address']);
});

test('a strange place of one key is strange for the next one, too', async () => {
  for (const key of ['gitlab/code-bot/main', 'gitlab/code-bot/merge']) await read(key, codeBot, home);
  passHours(15 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
  expect(await read('gitlab/code-bot/merge', codeBot, elsewhere)).toEqual(['new-address']);
});

test('a place that was told of is known afterwards, for a server moves; and strange again after a quarter', async () => {
  await read('gitlab/code-bot/main', codeBot, home);
  passHours(15 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
  passHours(30 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual([]);
  passHours(91 * 24);
  newSandbox();
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
});

test('a stranger is told of again and again, once in an hour, and never becomes known', async () => {
  const stranger = role('somebody');
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
  for (const minutes of [20, 39]) {
    passHours(minutes / 60);
    expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual([]);
    newSandbox();
    expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual([]);
  }
  passHours(2 / 60);
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
  passHours(24);
  newSandbox();
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
});

test('whoever was a stranger and became the server is learned', async () => {
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual(['new-reader']);
  rig.model.secretsManager.updateFromTemplate('keyturn/prod/sendgrid/support-bot/main', {
    resourcePolicy: lettingIn(codeBot),
  });
  passHours(2);
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual([]);
  passHours(30 * 24);
  newSandbox();
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual([]);
});

test("a function's credentials outside of Lambda are told of every hour", async () => {
  const retire = role('keyturn-prod-retire');
  expect(await read('gitlab/code-bot/main', retire, home, onLambda)).toEqual([]);
  expect(await read('gitlab/code-bot/main', retire, elsewhere)).toEqual(['new-address']);
  passHours(1.1);
  expect(await read('gitlab/code-bot/main', retire, elsewhere)).toEqual(['new-address']);
});

test('admins are not told of, and refused reads only from the fifth within an hour on', async () => {
  expect(await read('gitlab/code-bot/main', role('platform-admin'), elsewhere)).toEqual([]);
  const refused = { errorCode: 'AccessDenied' };
  for (let n = 1; n < 5; n++)
    expect(await read('gitlab/code-bot/main', role('nosy'), elsewhere, refused)).toEqual([]);
  expect(await read('gitlab/code-bot/main', role('nosy'), elsewhere, refused)).toEqual(['failed-reads']);
});

test.each([
  ['a key of another environment', 'keyturn/dev/gitlab/code-bot/main'],
  ['a name that is no key', 'keyturn/prod/gitlab'],
  ['nothing at all', undefined],
])('a read of %s is none of its business', async (_, secretId) => {
  const before = rig.model.dynamoDb.items('keyturn-prod').length;
  await handler({ detail: { eventName: 'GetSecretValue', requestParameters: { secretId } } });
  expect(rig.model.eventBridge.events).toEqual([]);
  expect(rig.model.dynamoDb.items('keyturn-prod')).toHaveLength(before);
});
