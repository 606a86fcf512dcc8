import { type EventPattern, matchesPattern } from '../eventbridge/event-pattern';

const event = {
  source: 'aws.secretsmanager',
  'detail-type': 'AWS API Call via CloudTrail',
  resources: ['arn:aws:secretsmanager:eu-west-1:1:secret:a', 'arn:aws:secretsmanager:eu-west-1:1:secret:b'],
  detail: {
    eventName: 'GetSecretValue',
    errorCode: 'AccessDenied',
    count: 7,
    absentValue: null,
    readOnly: true,
    requestParameters: { secretId: 'keyturn/prod/sendgrid/bot/main' },
    items: [{ kind: 'x' }, { kind: 'y' }],
  },
};

describe('matches', () => {
  test.each<[string, EventPattern]>([
    ['equal text', { source: ['aws.secretsmanager'] }],
    ['one of several', { source: ['aws.kms', 'aws.secretsmanager'] }],
    ['all fields together', { source: ['aws.secretsmanager'], detail: { eventName: ['GetSecretValue'] } }],
    ['a number', { detail: { count: [7] } }],
    ['a boolean', { detail: { readOnly: [true] } }],
    ['null', { detail: { absentValue: [null] } }],
    ['one item of a list', { resources: [{ suffix: ':b' }] }],
    ['a field of one object of a list', { detail: { items: { kind: ['y'] } } }],
    ['prefix', { detail: { requestParameters: { secretId: [{ prefix: 'keyturn/prod/' }] } } }],
    ['prefix in any case', { detail: { eventName: [{ prefix: { 'equals-ignore-case': 'getsecret' } }] } }],
    ['suffix', { detail: { eventName: [{ suffix: 'Value' }] } }],
    ['equals-ignore-case', { detail: { eventName: [{ 'equals-ignore-case': 'GETSECRETVALUE' }] } }],
    ['wildcard', { detail: { requestParameters: { secretId: [{ wildcard: 'keyturn/*/sendgrid/*' }] } } }],
    ['anything-but text', { detail: { eventName: [{ 'anything-but': 'PutSecretValue' }] } }],
    [
      'anything-but a list',
      { detail: { eventName: [{ 'anything-but': ['PutSecretValue', 'RotateSecret'] }] } },
    ],
    ['anything-but prefix', { detail: { eventName: [{ 'anything-but': { prefix: 'Put' } }] } }],
    ['exists', { detail: { errorCode: [{ exists: true }] } }],
    ['exists: false of an absent field', { detail: { nothing: [{ exists: false }] } }],
    ['exists: false within an absent object', { detail: { nothing: { deep: [{ exists: false }] } } }],
    ['numeric range', { detail: { count: [{ numeric: ['>', 5, '<=', 7] }] } }],
    ['numeric equality', { detail: { count: [{ numeric: ['=', 7] }] } }],
    ['$or', { $or: [{ source: ['aws.kms'] }, { detail: { count: [7] } }] }],
  ])('%s', (_kind, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(true);
  });
});

describe('does not match', () => {
  test.each<[string, EventPattern]>([
    ['other text', { source: ['aws.kms'] }],
    ['text in another case', { source: ['AWS.SecretsManager'] }],
    ['one field of two', { source: ['aws.secretsmanager'], detail: { eventName: ['PutSecretValue'] } }],
    ['a number as text', { detail: { count: ['7'] } }],
    ['anything-but an equal', { detail: { eventName: [{ 'anything-but': ['GetSecretValue'] }] } }],
    [
      'anything-but, where one item of the list is excluded',
      { resources: [{ 'anything-but': { suffix: ':a' } }] },
    ],
    ['anything-but of an absent field', { detail: { nothing: [{ 'anything-but': 'x' }] } }],
    ['exists: false of a present field', { detail: { errorCode: [{ exists: false }] } }],
    ['exists: true of an absent field', { detail: { nothing: [{ exists: true }] } }],
    [
      'wildcard elsewhere',
      { detail: { requestParameters: { secretId: [{ wildcard: 'keyturn/*/openai/*' }] } } },
    ],
    ['out of a numeric range', { detail: { count: [{ numeric: ['>', 7] }] } }],
    ['$or of nothing true', { $or: [{ source: ['aws.kms'] }, { detail: { count: [8] } }] }],
  ])('%s', (_kind, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(false);
  });
});
