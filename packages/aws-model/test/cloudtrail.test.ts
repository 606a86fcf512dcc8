import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { RuleFromTemplate } from '../eventbridge/eventbridge';
import { days, type LocalAws, lambdaArn, minutes, openLocalAws, start } from './support/local-aws';

let aws: LocalAws;
let received: unknown[];

beforeEach(async () => {
  aws = await openLocalAws({ knobs: { cloudTrailDelayMs: minutes(2) } });
  received = [];
  aws.addFunction('watch', event => void received.push(event));
});
afterEach(() => aws.close());

const addRule = (rule: Partial<RuleFromTemplate>) =>
  aws.model.eventBridge.addRule({ name: 'rule', targets: [{ id: 't', arn: lambdaArn('watch') }], ...rule });

describe('CloudTrail', () => {
  const SecretId = 'keyturn/dev/sendgrid/bot/main';
  const calls = { 'detail-type': ['AWS API Call via CloudTrail'] };
  let secrets: SecretsManagerClient;
  beforeEach(async () => {
    secrets = new SecretsManagerClient(aws.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'FAKESECRET-1' }));
  });
  const read = () => secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }));
  const write = () => secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'FAKESECRET-2' }));
  const names = () => received.map(event => (event as { detail: { eventName: string } }).detail.eventName);

  test.each<[string, boolean | undefined, RuleFromTemplate['state'], string[]]>([
    ['without a trail, nothing flows', undefined, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', []],
    [
      'a trail of writes gives writes only',
      false,
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      ['PutSecretValue'],
    ],
    ['a plain rule gets no reads', true, 'ENABLED', ['PutSecretValue']],
    [
      'a rule for all management events gets reads',
      true,
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      ['GetSecretValue', 'PutSecretValue'],
    ],
  ])('%s', async (_fact, readEvents, state, expected) => {
    if (readEvents !== undefined) aws.model.cloudTrail.addTrail({ name: 'reads', readEvents });
    addRule({ eventPattern: calls, state: state! });
    await read();
    await write();
    await aws.passMs(minutes(2));
    expect(names()).toEqual(expected);
  });

  test('an event comes late, and says who read what from where, without the value', async () => {
    aws.model.cloudTrail.addTrail({ name: 'reads', readEvents: true });
    addRule({ eventPattern: calls, state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' });
    await read();
    await aws.passMs(minutes(2) - 1);
    expect(received).toEqual([]);
    await aws.passMs(1);
    expect(received).toMatchObject([
      {
        source: 'aws.secretsmanager',
        time: '2026-11-23T00:00:00Z',
        detail: {
          userIdentity: {
            type: 'AssumedRole',
            arn: 'arn:aws:sts::111111111111:assumed-role/server/server',
            sessionContext: {
              sessionIssuer: {
                type: 'Role',
                arn: 'arn:aws:iam::111111111111:role/server',
                userName: 'server',
              },
            },
          },
          eventSource: 'secretsmanager.amazonaws.com',
          eventName: 'GetSecretValue',
          sourceIPAddress: '203.0.113.7',
          requestParameters: { secretId: SecretId, versionStage: 'AWSCURRENT' },
          responseElements: null,
          readOnly: true,
          managementEvent: true,
        },
      },
    ]);
    await write();
    await aws.passMs(minutes(2));
    expect(JSON.stringify(received)).not.toContain('FAKESECRET');
  });

  test('a refused call says AccessDenied, where the SDK sees AccessDeniedException', async () => {
    aws.model.cloudTrail.addTrail({ name: 'reads', readEvents: true });
    addRule({
      eventPattern: { detail: { errorCode: [{ exists: true }] } },
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    });
    aws.rules.decide = ({ action }) =>
      action === 'secretsmanager:GetSecretValue' ? { allowed: false, message: 'not you' } : { allowed: true };
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await aws.passMs(minutes(2));
    expect(received).toMatchObject([{ detail: { errorCode: 'AccessDenied', errorMessage: 'not you' } }]);
  });
});

describe('trails', () => {
  const client = () => new CloudTrailClient(aws.as('admin'));

  test('a trail is listed, and says whether it logs, and what', async () => {
    aws.model.cloudTrail.addTrail({ name: 'mine', readEvents: false, isLogging: false });
    const { trailList } = await client().send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([
      { Name: 'mine', IsOrganizationTrail: false, HasCustomEventSelectors: true },
    ]);
    expect(await client().send(new GetTrailStatusCommand({ Name: 'mine' }))).toMatchObject({
      IsLogging: false,
    });
    expect(await client().send(new GetEventSelectorsCommand({ TrailName: 'mine' }))).toMatchObject({
      EventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }],
    });
  });

  test('a member sees the trail of its organization as a shadow, by its ARN, without its selectors', async () => {
    aws.model.cloudTrail.addTrail({ name: 'audit', readEvents: true, ofOrganization: '999999999999' });
    const listed = await client().send(new DescribeTrailsCommand({}));
    expect(listed.trailList).toMatchObject([
      { TrailARN: expect.stringMatching(/:999999999999:trail.audit$/) },
    ]);
    const arn = listed.trailList![0]!.TrailARN!;
    expect(
      (await client().send(new DescribeTrailsCommand({ includeShadowTrails: false }))).trailList,
    ).toEqual([]);
    expect(await client().send(new GetTrailStatusCommand({ Name: arn }))).toMatchObject({ IsLogging: true });
    for (const refused of [
      client().send(new GetTrailStatusCommand({ Name: 'audit' })),
      client().send(new GetEventSelectorsCommand({ TrailName: arn })),
    ])
      await expect(refused).rejects.toMatchObject({ name: 'TrailNotFoundException' });
  });

  test('a stopped trail brings EventBridge nothing', async () => {
    aws.model.cloudTrail.addTrail({ name: 'mine', readEvents: true, isLogging: false });
    addRule({ eventPattern: { source: ['aws.secretsmanager'] } });
    const secrets = new SecretsManagerClient(aws.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: 'a', SecretString: 'x' }));
    await aws.passMs(minutes(2));
    expect(received).toEqual([]);
  });
});

describe('CloudTrail look-ups', () => {
  const SecretId = 'keyturn/dev/sendgrid/bot/main';
  const look = (input: LookupEventsCommandInput = {}) =>
    new CloudTrailClient(aws.as('revoke')).send(new LookupEventsCommand(input));

  test('need no trail; they show management events, newest first, once CloudTrail has them', async () => {
    const secrets = new SecretsManagerClient(aws.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'FAKESECRET-1' }));
    await aws.passMs(minutes(1));
    await secrets.send(new GetSecretValueCommand({ SecretId }));
    expect((await look()).Events).toEqual([]);
    await aws.passMs(minutes(2));
    const { Events } = await look();
    expect(Events!.map(({ EventName, ReadOnly, Username }) => [EventName, ReadOnly, Username])).toEqual([
      ['GetSecretValue', 'true', 'server'],
      ['CreateSecret', 'false', 'server'],
    ]);
    expect(JSON.parse(Events![0]!.CloudTrailEvent!)).toMatchObject({
      sourceIPAddress: '203.0.113.7',
      requestParameters: { secretId: SecretId },
    });
    expect(JSON.stringify(Events)).not.toContain('FAKESECRET');
  });

  test('are narrowed by one attribute and by time, and paged', async () => {
    const secrets = new SecretsManagerClient(aws.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'x' }));
    for (let n = 0; n < 3; n++) {
      await secrets.send(new GetSecretValueCommand({ SecretId }));
      await aws.passMs(minutes(10));
    }
    const reads = {
      LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'GetSecretValue' }],
    };
    const first = await look({ ...reads, MaxResults: 2 });
    const second = await look({ ...reads, MaxResults: 2, NextToken: first.NextToken });
    expect([first.Events!.length, second.Events!.length, second.NextToken]).toEqual([2, 1, undefined]);
    const StartTime = new Date(start.getTime() + minutes(5));
    expect((await look({ ...reads, StartTime })).Events).toHaveLength(2);
  });

  test('events are kept for 90 days', async () => {
    const secrets = new SecretsManagerClient(aws.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'x' }));
    await aws.passMs(days(91));
    expect((await look()).Events).toEqual([]);
  });
});
