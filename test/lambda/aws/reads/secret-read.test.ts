import { readSecretRead } from '../../../../lambda/aws/reads/secret-read';

const role = (name: string) => ({
  type: 'AssumedRole',
  principalId: 'AROA:session',
  arn: `arn:aws:sts::333333333333:assumed-role/${name.split('/').at(-1)}/session`,
  accountId: '333333333333',
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::333333333333:role/${name}` } },
});
const detail = (changes: object = {}) => ({
  eventVersion: '1.09',
  userIdentity: role('support-bot'),
  eventTime: '2026-11-23T03:12:00Z',
  eventSource: 'secretsmanager.amazonaws.com',
  eventName: 'GetSecretValue',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '198.51.100.23',
  userAgent: 'aws-sdk-js/3',
  requestParameters: { secretId: 'keyturn/prod/sendgrid/support-bot/main', versionStage: 'AWSCURRENT' },
  responseElements: null,
  eventID: '1',
  readOnly: true,
  recipientAccountId: '333333333333',
  ...changes,
});
const arn = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:keyturn/prod/sendgrid/support-bot/main';

test.each([
  ['a name', 'keyturn/prod/sendgrid/support-bot/main'],
  ['a full ARN', `${arn}-AbC1d2`],
  ['an ARN without its suffix', arn],
])('%s tells which secret', (_, secretId) => {
  expect(readSecretRead(detail({ requestParameters: { secretId } }), 'prod')?.secretName).toBe(
    'keyturn/prod/sendgrid/support-bot/main',
  );
});

test('a read tells who read, from where and when', () => {
  expect(readSecretRead(detail(), 'prod')).toMatchObject({
    principal: 'arn:aws:iam::333333333333:role/support-bot',
    source: '198.51.100.23',
    at: new Date('2026-11-23T03:12:00Z'),
    isOwn: false,
  });
});

test.each([
  ['a function of this environment', role('keyturn-prod-rotate-sendgrid'), true],
  ['the emergency function', role('keyturn-prod-emergency-revoke'), true],
  ['a function of another environment', role('keyturn-staging-rotate-sendgrid'), false],
  ['a role that only begins the same', role('keyturn-prod-admin'), false],
  // An account has one role of a name, whatever its path.
  ['the function that delivers keys', role('keyturn-prod-deliver'), true],
  ['a function whose role has a path', role('platform/keyturn-prod-retire'), true],
  ['a role whose path only reads like one', role('keyturn-prod-retire/mallory'), false],
  [
    'a role of the same name in another account',
    {
      ...role('x'),
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::999999999999:role/keyturn-prod-retire' } },
    },
    false,
  ],
  ['a user', { type: 'IAMUser', arn: 'arn:aws:iam::333333333333:user/keyturn-prod-retire' }, false],
])('whether %s reads for Keyturn', (_, userIdentity, isOwn) => {
  expect(readSecretRead(detail({ userIdentity }), 'prod')?.isOwn).toBe(isOwn);
});

test.each([
  ['no read', { eventName: 'PutSecretValue' }],
  ['no secret named', { requestParameters: null }],
  ['no shape of CloudTrail', { userIdentity: 'root' }],
])('%s is not taken for a read', (_, changes) => {
  expect(readSecretRead(detail(changes), 'prod')).toBeUndefined();
});
