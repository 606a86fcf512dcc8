// The watch function on a table and secrets of the local model: what it makes of reads that CloudTrail tells of.
import { parseSecretName } from '../../core/key/key-address';
import type { Notice } from '../../core/notices/notice';
import { hourMs } from '../../core/time';
import { noteReport, readServerReads } from '../../lambda/aws/table/server-reads';
import { createTable } from '../../lambda/aws/table/table';
import { createWatch } from '../../lambda/watch';
import { deployedKeys, plainSpec as spec } from '../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../support/function-setup';

const account = '111111111111';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const keys = ['gitlab/code-bot/main', 'gitlab/code-bot/merge', 'sendgrid/support-bot/main'];
let setup: FunctionSetup;
let handler: ReturnType<typeof createWatch>;
let signals: string[];
let notices: Notice[];

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-watch');
  signals = [];
  notices = [];
  for (const key of keys) {
    const server = role(key.split('/')[1]!);
    setup.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/${key}`,
      resourcePolicy: lettingIn(server),
    });
  }
  startAfresh();
});
afterEach(() => setup.close());

function startAfresh(): void {
  handler = createWatch(
    { environment: 'prod', admins: [role('platform-admin')] },
    {
      secretsManager: setup.secretsManager,
      registry: deployedKeys(...keys.map(key => ({ address: parseSecretName(`keyturn/prod/${key}`), spec })))
        .registry,
      table: createTable(setup.dynamoDb, 'prod'),
      notify: async notice => void notices.push(notice),
      publishSignal: async incidentId => void signals.push(incidentId),
      clock: setup.clock,
    },
  );
}

const passHours = (count: number) => setup.passMs(count * hourMs);

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
  const before = signals.length;
  await handler({
    detail: {
      eventID: `${++reads}`,
      eventName: 'GetSecretValue',
      eventTime: setup.clock.now().toISOString(),
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
  const items = setup.model.dynamoDb.items('keyturn-prod') as {
    pk: { S: string };
    sk: { S: string };
    trigger?: { S: string };
  }[];
  return signals.slice(before).map(incidentId => {
    const item = items.find(({ pk, sk }) => pk.S === 'signal' && sk.S === incidentId)!;
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
  const places = setup.model.dynamoDb.items('keyturn-prod').map(({ pk, sk }) => [pk, sk]);
  for (const key of ['prod/gitlab/code-bot', 'prod/gitlab/code-bot/merge'])
    expect(places).toContainEqual([{ S: `source#${key}` }, { S: `${codeBot} 203.0.113.0/24` }]);
  await passHours(15 * 24);
  for (const key of ['gitlab/code-bot/merge', 'gitlab/code-bot/main']) {
    startAfresh();
    expect(await read(key, codeBot, home)).toEqual([]);
  }
});

test('a server that starts weeks after its key was made is learned then', async () => {
  const rotate = role('keyturn-prod-rotate-gitlab');
  expect(await read('gitlab/code-bot/main', rotate, home, onLambda)).toEqual([]);
  await passHours(30 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, home)).toEqual([]);
  await passHours(6 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual([]);
  await passHours(2 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, '192.0.2.1')).toEqual(['new-address']);
});

test("the server's private address is strange where it comes through somebody else's VPC endpoint", async () => {
  const [own, foreign] = [{ vpcEndpointId: 'vpce-0a1b' }, { vpcEndpointId: 'vpce-9f9f' }];
  await read('gitlab/code-bot/main', codeBot, '10.0.12.4', own);
  await passHours(15 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, '10.0.12.9', own)).toEqual([]);
  expect(await read('gitlab/code-bot/main', codeBot, '10.0.12.9', foreign)).toEqual(['new-address']);
  expect(JSON.stringify(setup.model.dynamoDb.items('keyturn-prod'))).toContain('10.0.12.9 through vpce-9f9f');
});

test('a strange place of one key is strange for the next one, too', async () => {
  for (const key of ['gitlab/code-bot/main', 'gitlab/code-bot/merge']) await read(key, codeBot, home);
  await passHours(15 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
  expect(await read('gitlab/code-bot/merge', codeBot, elsewhere)).toEqual(['new-address']);
});

test('a place that was told of is known afterwards, for a server moves; and strange again after a quarter', async () => {
  await read('gitlab/code-bot/main', codeBot, home);
  await passHours(15 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
  await passHours(30 * 24);
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual([]);
  await passHours(91 * 24);
  startAfresh();
  expect(await read('gitlab/code-bot/main', codeBot, elsewhere)).toEqual(['new-address']);
});

test('a stranger is told of again and again, once in an hour, and never becomes known', async () => {
  const stranger = role('somebody');
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
  for (const minutes of [20, 39]) {
    await passHours(minutes / 60);
    expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual([]);
    startAfresh();
    expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual([]);
  }
  await passHours(2 / 60);
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
  await passHours(24);
  startAfresh();
  expect(await read('sendgrid/support-bot/main', stranger, home)).toEqual(['new-reader']);
});

test('whoever was a stranger and became the server is learned', async () => {
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual(['new-reader']);
  setup.model.secretsManager.updateFromTemplate('keyturn/prod/sendgrid/support-bot/main', {
    resourcePolicy: lettingIn(codeBot),
  });
  await passHours(2);
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual([]);
  await passHours(30 * 24);
  startAfresh();
  expect(await read('sendgrid/support-bot/main', codeBot, home)).toEqual([]);
});

test("a function's credentials outside of Lambda are told of every hour", async () => {
  const retire = role('keyturn-prod-retire');
  expect(await read('gitlab/code-bot/main', retire, home, onLambda)).toEqual([]);
  expect(await read('gitlab/code-bot/main', retire, elsewhere)).toEqual(['new-address']);
  await passHours(1.1);
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
  const before = setup.model.dynamoDb.items('keyturn-prod').length;
  await handler({ detail: { eventName: 'GetSecretValue', requestParameters: { secretId } } });
  expect(signals).toEqual([]);
  expect(setup.model.dynamoDb.items('keyturn-prod')).toHaveLength(before);
});

test.each([
  ['a key of an environment that begins the same', 'keyturn/prod-eu/gitlab/code-bot/main'],
  ['an issuer credential of an environment that begins the same', 'keyturn/prod-eu/issuers/gitlab'],
])('a stranger reads %s: not told here', async (_, secretId) => {
  const requestParameters = { secretId };
  expect(await read('', role('somebody'), home, { requestParameters })).toEqual([]);
});

test('a place seen again is written down once in six hours, and forgotten after ninety days', async () => {
  const writes = () => setup.model.calls.filter(({ operation }) => operation === 'UpdateItem').length;
  await read('gitlab/code-bot/main', codeBot, home);
  const before = writes();
  await passHours(6 - 0.001);
  await read('gitlab/code-bot/main', codeBot, home);
  expect(writes()).toBe(before);
  await passHours(0.001);
  await read('gitlab/code-bot/main', codeBot, home);
  // And that the server read, which a report should follow.
  expect(writes()).toBe(before + 2);
  startAfresh();
  await passHours(90 * 24 - 0.01);
  expect(await read('gitlab/code-bot/main', codeBot, home)).toEqual([]);
});

test("the first read of a key by its server since a report is noted, and nobody else's", async () => {
  const noted = async () =>
    (await readServerReads(createTable(setup.dynamoDb, 'prod'))).map(({ key, readAt }) => [key, readAt]);
  await read('gitlab/code-bot/main', role('keyturn-prod-rotate-gitlab'), home, onLambda);
  await read('gitlab/code-bot/main', role('platform-admin'), home);
  await read('gitlab/code-bot/main', role('thief'), home);
  await read('gitlab/code-bot/main', codeBot, home, { errorCode: 'AccessDenied' });
  expect(await noted()).toEqual([]);
  const first = new Date(`${setup.clock.now().toISOString().slice(0, 19)}.000Z`);
  await read('gitlab/code-bot/main', codeBot, home);
  await passHours(8);
  await read('gitlab/code-bot/main', codeBot, home);
  expect(await noted()).toEqual([['prod/gitlab/code-bot', first]]);
  // Retire saw a report; then the server reads again, from the place that is known.
  await noteReport(createTable(setup.dynamoDb, 'prod'), 'prod/gitlab/code-bot', setup.clock.now());
  await passHours(8);
  await read('gitlab/code-bot/main', codeBot, home);
  expect(await noted()).toEqual([['prod/gitlab/code-bot', new Date(first.getTime() + 16 * hourMs)]]);
});

describe('reads of issuer credentials', () => {
  const own = role('keyturn-prod-rotate-sendgrid');
  const credential = 'issuers/sendgrid';

  test.each<[string, string, object, number]>([
    ["Keyturn's own function", own, onLambda, 0],
    ['its credentials, outside of Lambda', own, {}, 1],
    ['a function of another environment', role('keyturn-prod-eu-rotate-sendgrid'), onLambda, 1],
    ['an admin', role('platform-admin'), {}, 1],
    ['a server', codeBot, onLambda, 1],
    ['somebody who was refused', role('somebody'), { errorCode: 'AccessDenied' }, 1],
  ])('%s', async (_, principal, changes, told) => {
    expect(await read(credential, principal, elsewhere, changes)).toEqual([]);
    expect(notices).toHaveLength(told);
    for (const notice of notices) expect(JSON.stringify(notice)).toContain('sendgrid');
  });

  test('people hear of each reader and each credential once in an hour of the clock', async () => {
    const counts: number[] = [];
    for (const [of, who, hours] of [
      [credential, 'a', 0],
      [credential, 'a', 0],
      [credential, 'a-b', 0],
      ['issuers/sendgrid-eu', 'a', 0],
      [credential, 'a', 1],
    ] as const) {
      await passHours(hours);
      await read(of, role(who), elsewhere);
      counts.push(notices.length);
    }
    expect(counts).toEqual([1, 1, 2, 3, 4]);
  });

  test('those of prod-eu are not those of prod', async () => {
    await read('', role('somebody'), elsewhere, {
      requestParameters: { secretId: 'keyturn/prod-eu/issuers/sendgrid' },
    });
    expect(notices).toEqual([]);
  });
});
